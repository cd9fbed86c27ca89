import datetime as dt
import hashlib
import io
import re
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from crm.models import Contact, User
from interactions.demo import load
from interactions.models import Attachment, InteractionDraft, InteractionLogEntry
from tests.factories import ContactFactory, UserFactory

FRIDAY = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
ENTRIES = InteractionLogEntry.objects


def load_demo(**options):
    """What the command prints."""
    out = io.StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


def digest():
    """All that the believable part of the demo data says, without ids."""
    rows = [
        *Contact.objects.order_by("pk").values_list("no", "name", "email", "phone_no", "salesperson__code")[
            : load.CONTACTS
        ],
        *ENTRIES.order_by("pk").values_list(
            "date",
            "time",
            "contact__no",
            "template__code",
            "description",
            "minutes",
            "evaluation",
            "document_no",
        )[: load.ENTRIES],
        *InteractionDraft.objects.order_by("pk").values_list("description", "contact__no"),
        *Attachment.objects.order_by("sha256", "name").values_list("sha256", "name"),
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def runs(django_db_setup, django_db_blocker):
    """What two runs, each into an empty database, said and left."""
    found = SimpleNamespace()

    def run(name, *, password, **options):
        settings.DEMO_PASSWORD = password
        with transaction.atomic(), time_machine.travel(FRIDAY, tick=False):
            said = load_demo(**options)
            left = {
                "said": said,
                "digest": digest(),
                "nora": User.objects.get(username="nora.alder"),
            }
            setattr(found, name, SimpleNamespace(**left))
            transaction.set_rollback(True)

    with django_db_blocker.unblock():
        run("plain", password="")
        run("again", password="from the environment")
    settings.DEMO_PASSWORD = ""
    return found


@pytest.mark.django_db  # pytest-django runs these before tests that commit and leave the tables empty
class TestLoadDemo:
    def test_makes_a_password_and_says_it_once(self, runs):
        password = re.search(r"password is (\S+)", runs.plain.said)[1]
        assert runs.plain.nora.check_password(password)

    def test_says_who_may_sign_in(self, runs):
        assert "marta.ruiz (Salesperson)" in runs.plain.said
        assert "teresa.gil (Reader)" in runs.again.said

    def test_takes_the_password_of_the_environment_without_printing_it(self, runs):
        assert runs.again.nora.check_password("from the environment")
        assert "from the environment" not in runs.again.said

    def test_writes_the_same_for_the_same_seed(self, runs):
        assert runs.plain.digest == runs.again.digest

    @pytest.mark.django_db
    def test_refuses_a_database_that_holds_anything_else(self):
        ContactFactory()
        with pytest.raises(CommandError, match="holds data already"):
            load_demo()
        assert Contact.objects.count() == 1

    @pytest.mark.django_db
    def test_leaves_such_a_database_alone_when_asked_to(self):
        user = UserFactory()
        assert load_demo(if_empty=True) == ""
        assert User.objects.get() == user

    @pytest.mark.django_db
    def test_refuses_less_than_the_believable_firm(self):
        with pytest.raises(CommandError, match="250 contacts"):
            load_demo(contacts=10)
