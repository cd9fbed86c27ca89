"""Words of the tests about choosing contacts."""

from interactions.gate import Accepted
from interactions.models import Attachment
from segments.actions import change_line
from segments.criteria import Condition, Recipe


def recipe(*conditions, options=()):
    return Recipe(tuple(Condition(*condition) for condition in conditions), frozenset(options))


def in_country(*countries, options=()):
    return recipe(("country", "is", list(countries)), options=options)


def only(contact):
    return recipe(("no", "matches", contact.no))


def contacts(segment):
    return [line.contact for line in segment.lines.order_by("pk").select_related("contact")]


def steps(segment):
    return [(step.action, step.changed, step.lines_after) for step in segment.steps.order_by("number")]


def give_file(line, content=b"Own words", *, by):
    """Give *line* a letter of its own; returns its Attachment."""
    upload = Accepted(content=content, name="letter.txt", extension="txt", mime="text/plain")
    return change_line(line, by=by, upload=upload).own_attachment


def snapshot(segment):
    """All lines with all they say, and which of their files are there."""
    lines = list(segment.lines.order_by("pk").values())
    files = Attachment.objects.filter(pk__in=[line["own_attachment_id"] for line in lines])
    return lines, {file.pk: file.file.storage.exists(file.file.name) for file in files}
