"""Contacts by what somebody pasted: numbers and e-mail addresses (ui 5.9)."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from crm.bulk import Among
from crm.models import Contact
from crm.parsing.expressions import Capitals

from .choosing import Added, NobodyNew, add_chosen


@dataclass(frozen=True)
class Pasted:
    """What became of pasted texts. found: contacts.  added: None when none of these is new, and nothing was written.

    unknown: texts that fit nobody whom the user sees.  several: e-mail addresses that belong to more than one contact.
    """

    found: int
    added: Added | None
    unknown: list
    several: list


@transaction.atomic
def add_pasted(segment, texts, *, by, version=None):
    """Add the contacts that *texts* name, each a number or an e-mail address, by one recorded step (R-52).

    Raises SegmentIsGone, SegmentAlreadyLogged, SegmentChanged.
    """
    contacts = Contact.objects.visible_to(by).order_by()
    numbers = _by_number(contacts, texts)
    addresses = _by_address(contacts, [text for text in texts if "@" in text and text.upper() not in numbers])
    found = dict(numbers)
    several, unknown = [], []
    for text in texts:
        there = addresses.get(text.upper(), set())
        if text.upper() in numbers:
            continue
        if len(there) == 1:
            found[text.upper()] = next(iter(there))
        else:
            (several if there else unknown).append(text)
    found = set(found.values())
    if not found:
        return Pasted(0, None, unknown, several)
    try:
        added = add_chosen(segment, contacts.filter(no__in=Among(found)), by=by, version=version)
    except NobodyNew:
        added = None
    return Pasted(len(found), added, unknown, several)


def _by_number(contacts, texts):
    """{text in capitals: number}"""
    capitals = {text.upper() for text in texts}
    return {no: no for no in contacts.filter(no__in=Among(capitals)).values_list("no", flat=True)}


def _by_address(contacts, texts):
    """{e-mail address in capitals: {number, …}}"""
    wanted = {text.upper() for text in texts}
    found = {}
    if not wanted:
        return found
    rows = contacts.annotate(first=Capitals("email"), second=Capitals("email_2"))
    rows = rows.filter(Q(first__in=Among(wanted)) | Q(second__in=Among(wanted)))
    for no, *addresses in rows.values_list("no", "first", "second"):
        for address in wanted.intersection(addresses):
            found.setdefault(address, set()).add(no)
    return found
