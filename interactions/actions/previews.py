"""Letters as they would look for a real contact, in the browser; nothing is written."""

import logging
import zipfile
from dataclasses import dataclass, field, replace
from xml.parsers.expat import ExpatError

from django.utils.translation import gettext_lazy as _
from lxml import etree

from crm import clock
from crm.models import Contact
from interactions import bodies, merge_fields, merging, showing
from interactions.merging.pictures import plain
from interactions.models import InteractionLogEntry

from .bodies import html_of
from .letters import MERGEABLE, template_of

logger = logging.getLogger(__name__)

NO_PREVIEW = _("No preview for this file type. You can still open it.")
IS_ODD = _("This file cannot be shown here. You can still open it.")
IS_MISSING = _("The file is missing from the server's storage. Tell an administrator.")
# What the converter raises for documents that it does not understand.
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ExpatError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    etree.LxmlError,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Preview:
    """How a letter looks, or why that cannot be shown.

    shown: showing.Shown or None.  problem: a sentence when there is none.  filled: how many places have a value.
    unknown: merge fields that nobody knows (merge_fields.Unknown).  warnings: sentences about what stays empty.
    body: HTML of the e-mail that brings it, if it has one.
    """

    shown: showing.Shown | None = None
    problem: str = ""
    language: str = ""
    filled: int = 0
    unknown: list = field(default_factory=list)
    warnings: tuple = ()
    body: str = ""


def frozen_of(contact, **interaction):
    """What a letter to *contact* of this moment is made from (merge_fields.Frozen); see `merge_fields.frozen_for`."""
    contacts = Contact.objects.filter(pk=contact.pk)
    interaction = {"date": clock.today()} | interaction
    return merge_fields.frozen_for(contacts, **interaction)[contact.pk]


def preview(attachment, frozen=None, *, body=None):
    """The Preview of a stored file, its fields filled from *frozen* (Frozen); without it they show their names.

    attachment may be None.  body: the stored body of the e-mail, or None.
    """
    found = _of_file(attachment, frozen) if attachment else Preview()
    if body is None:
        return found
    try:
        html = bodies.fill(html_of(body.pk), merge_fields.Frozen() if frozen is None else frozen, marked=True)
    except FileNotFoundError:
        logger.exception("The body %s is missing.", body.pk)
        return found
    return replace(found, body=html, language=frozen.language if frozen is not None else "")


def _of_file(attachment, frozen):
    language = frozen.language if frozen is not None else ""
    try:
        if attachment.extension == "txt":
            return Preview(showing.show_text(_content(attachment)), language=language)
        if attachment.extension not in MERGEABLE:
            return Preview(problem=NO_PREVIEW)
        return _letter(attachment, frozen, language)
    except merging.Unmergeable as problem:
        return Preview(problem=problem.for_user)
    except FileNotFoundError:
        logger.exception("The file of attachment %s is missing.", attachment.pk)
        return Preview(problem=IS_MISSING)
    except _FAULTS:
        logger.exception("Attachment %s cannot be shown.", attachment.pk)
        return Preview(problem=IS_ODD)


def _letter(attachment, frozen, language):
    template = template_of(attachment)
    if template is None:
        return Preview(showing.show(_content(attachment)), language=language)
    unknown = merge_fields.unknown(template.uses)
    names = {each.name for each in unknown} if frozen is not None else {use.name for use in template.uses}
    filling = merging.Filling({})
    if frozen is not None:
        filling = merge_fields.Filler(template).fill(frozen)
    filled = sum(1 for use in template.uses if filling.values.get(use.name) not in (None, ""))
    filling = replace(filling, values={**filling.values, **{name: f"«{name}»" for name in names}})
    letter = template.merge(filling, marks=showing.MARKS)
    unknown_names = {each.name for each in unknown}
    return Preview(
        showing.show(letter.content, unknown=unknown_names),
        language=language,
        filled=filled,
        unknown=unknown,
        warnings=filling.warnings,
    )


def filled_letter(attachment, frozen):
    """(name, content) of the Word file filled from *frozen*. Raises merging.Unmergeable, FileNotFoundError."""
    template = template_of(attachment)
    letter = template.merge(merge_fields.Filler(template).fill(frozen))
    title = frozen["interaction.subject"] or frozen["interaction.description"] or attachment.name
    return f"{merging.stem(title)}.docx", letter.content


def _content(attachment):
    with attachment.file.storage.open(attachment.file.name) as file:
        return file.read()


def field_values(frozen, language):
    """[(Group, [(label, name for files in *language*, what it says), …]), …] of every merge field; frozen may be None."""
    return [
        (
            group,
            [
                (
                    each.label,
                    each.name_in(language),
                    plain(merge_fields.value_of(each, frozen), language) if frozen is not None else "",
                )
                for each in fields
            ],
        )
        for group, fields in merge_fields.by_group()
    ]


def contact_to_show(template, user):
    """For whom *user* sees letters of *template* first: whoever got the last one, else any contact; None without any."""
    contacts = Contact.objects.visible_to(user)
    entries = InteractionLogEntry.objects.visible_to(user).filter(template=template, contact__isnull=False)
    latest = entries.newest_first().values_list("contact", flat=True).first()
    found = contacts.filter(pk=latest).first() if latest else None
    return found or contacts.order_by("company_name", "name", "id").first()
