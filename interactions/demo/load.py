"""Writes the demo data, all of it or nothing."""

from random import Random

from django.db import transaction

from crm import clock
from crm.models import Contact, Job, Salesperson, Salutation, Team, User
from interactions.actions.documents import freeze_letters, our_company
from interactions.models import (
    Attachment,
    Campaign,
    InteractionDraft,
    InteractionGroup,
    InteractionLogEntry,
    InteractionTemplate,
)

from . import firm, highlights, history, lists, loaded, mass, people

SEED = 20261120
CONTACTS, ENTRIES = people.COUNT, history.COUNT

# What migrations write (number series, the setup, groups of users) does not count.
SOMEBODYS = (
    User,
    Salesperson,
    Team,
    Salutation,
    Contact,
    Job,
    InteractionGroup,
    InteractionTemplate,
    Attachment,
    Campaign,
    InteractionDraft,
    InteractionLogEntry,
)


def is_empty():
    """Whether the database holds nothing of anybody's."""
    return not any(model.objects.exists() for model in SOMEBODYS)


@transaction.atomic
def load(*, password, contacts=CONTACTS, entries=ENTRIES, seed=SEED, tell=lambda sentence: None):
    """Fill an empty database; return the Firm. Everybody signs in with *password*.

    contacts, entries: at least CONTACTS and ENTRIES, which are the believable ones; the rest is made by the database.
    tell: called with a sentence now and then.
    """

    def dice(part):
        return Random(f"{seed} {part}")

    today = clock.today()
    made = firm.build(password=password)
    known = people.build(made, dice("people"), today=today)
    lists.build(known, dice("lists"))
    lately = highlights.lately(made, known, today=today, random=dice("lately"))
    history.build(made, known, today=today, random=dice("history"), lately=lately)
    highlights.desks(made, known, now=clock.now())
    freeze_letters(InteractionLogEntry.objects.all(), company=our_company())
    loaded.send(sender=__name__, firm=made)
    if contacts > CONTACTS or entries > ENTRIES:
        with mass.indexes_aside():
            mass.add_contacts(made, contacts - CONTACTS, random=dice("more people"), tell=tell)
            mass.add_entries(entries - ENTRIES, seed=seed, today=today, tell=tell)
            tell("Making the indexes.")
    return made
