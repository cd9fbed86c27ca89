"""What time it is for the reader: today, now, this week and the future, in Django's current time zone.

Dates and times of entries are wall clock and never move with the reader; instants (`*_at`) are aware and are shown in
the reader's zone (architecture 2.11).
"""

import datetime as dt
from functools import cache

from babel import Locale
from django.utils import timezone

MINUTE = dt.timedelta(minutes=1)


def now():
    """This instant, aware, in the reader's zone."""
    return timezone.localtime()


def today():
    """The reader's date."""
    return timezone.localdate()


def start_of_week(day, region):
    """The first day of the week that holds *day*; *region* (a tag like en-US) says whether that is Sunday or Monday."""
    return day - dt.timedelta(days=(day.weekday() - first_weekday(region)) % 7)


@cache
def first_weekday(region):
    """0 = Monday … 6 = Sunday."""
    return Locale.parse(region, sep="-").first_week_day


def next_minute():
    """(date, time) on the reader's wall clock: one second from now, rounded up to the full minute (R-18)."""
    # Rounded as an instant, then shown: in the hour that is repeated or left out, wall clocks cannot be added to.
    soon = timezone.now() + dt.timedelta(seconds=1)
    full = soon.replace(second=0, microsecond=0)
    local = timezone.localtime(full if full == soon else full + MINUTE)
    return local.date(), local.time()


def is_future(date, time=None):
    """Whether that wall clock lies ahead of the reader; without *time*, whether the day does.

    The start time of a new sheet (`next_minute`) is not the future yet.
    """
    if time is None:
        return date > today()
    return (date, time) > next_minute()
