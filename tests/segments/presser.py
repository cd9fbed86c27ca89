"""Presses *Log* in a process of its own: reads "<id of a segment> <when>" and answers one word for each.

Says "writing" first when that stage begins, then "logged" or the name of what refused.
"""

import sys
import time

import django

django.setup()

from crm.errors import Refusal  # noqa: E402
from crm.models import User  # noqa: E402
from segments.actions import log_segment  # noqa: E402
from segments.models import Segment  # noqa: E402
from segments.signals import segment_logging  # noqa: E402


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def say_writing(**_sent):
    say("writing")


segment_logging.connect(say_writing)
say("ready")
for line in sys.stdin:
    pk, when = line.split()
    by = User.objects.get(username="presser")
    segment = Segment(pk=int(pk), no=f"SM{int(pk):05}")  # as it was when the dialog opened
    time.sleep(max(0, float(when) - time.time()))
    try:
        log_segment(segment, by=by)
        say("logged")
    except Refusal as refusal:
        say(type(refusal).__name__)
