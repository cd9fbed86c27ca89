import datetime as dt
import io
import re
import zipfile
from collections import Counter

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F, Q
from docx import Document

from crm.models import Contact, MarketingSetup, NumberSeries, Salesperson, Team, User
from interactions import ledger_guard
from interactions.actions.logging import CannotLog, check_draft
from interactions.demo import letters, load
from interactions.models import (
    Campaign,
    CampaignEntry,
    EntryComment,
    InteractionDraft,
    InteractionLogEntry,
    InteractionTemplate,
    Kind,
    LoggedSegment,
)

FRIDAY = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
ENTRIES = InteractionLogEntry.objects


@pytest.fixture(scope="module")
def firm(django_db_setup, django_db_blocker):
    """The demo data as a bare clone gets it, for all tests of this module; rolled back at its end."""
    from django.conf import settings

    settings.DEMO_PASSWORD = "demo of a firm"
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(FRIDAY, tick=False):
        call_command("load_demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)
    settings.DEMO_PASSWORD = ""


@pytest.fixture
def demo(firm, db):
    """One test on the demo data."""


@pytest.mark.usefixtures("demo")
class TestFirm:
    def test_has_eight_salespeople_in_three_teams_each_with_a_lead(self):
        assert Salesperson.objects.count() == 8
        assert Team.objects.filter(members__is_lead=True).distinct().count() == Team.objects.count() == 3
        assert all(salesperson.home_team_id() for salesperson in Salesperson.objects.all())

    def test_lets_somebody_of_each_role_sign_in(self):
        roles = Counter(User.objects.values_list("groups__name", flat=True))
        assert roles == {"Salesperson": 8, "Administrator": 1, "Marketing manager": 1, "Reader": 1}
        assert all(user.check_password("demo of a firm") for user in User.objects.all()[:2])

    def test_is_set_up(self):
        setup = MarketingSetup.objects.get()
        assert (setup.company_name, setup.company_line, setup.currency) == (
            "Alder & Finch",
            "Lighting",
            "EUR",
        )
        assert setup.time_zone == "Europe/Madrid"
        setup.full_clean()

    def test_has_five_quick_templates_for_the_five_keys(self):
        quick = InteractionTemplate.objects.quick().values_list("quick_key", "kind")
        assert list(quick) == [
            (1, Kind.CALL),
            (2, Kind.EMAIL),
            (3, Kind.MEETING),
            (4, Kind.LETTER),
            (5, Kind.NOTE),
        ]

    def test_has_templates_that_pass_their_own_checks(self):
        for template in InteractionTemplate.objects.all():
            template.full_clean()


@pytest.mark.usefixtures("demo")
class TestLetters:
    def test_are_in_four_languages(self):
        letter = InteractionTemplate.objects.get(code="BUS")
        assert set(letter.languages.values_list("language", flat=True)) == {"en", "es", "fr", "ru"}

    def test_are_word_files_with_merge_fields(self):
        row = InteractionTemplate.objects.get(code="BUS").languages.get(language="ru")
        with row.attachment.file.open() as file:
            document = Document(io.BytesIO(file.read()))
        fields = re.findall(r"MERGEFIELD (\w+)", document.element.xml)
        assert {"Contact_Name", "Salutation_Formal", "Salesperson_Name", "Document_Date"} <= set(fields)
        assert "Благодарим вас" in "".join(paragraph.text for paragraph in document.paragraphs)

    def test_leave_one_mailing_without_russian_so_that_something_falls_back(self):
        row, why = InteractionTemplate.objects.get(code="MAILSHOT").row_for("ru")
        assert (row.language, why) == ("en", "default")

    def test_are_the_same_file_each_time(self):
        lines = ("Height 3.20 m",)
        assert letters.plain_document("Notes", lines) == letters.plain_document("Notes", lines)

    def test_carry_nothing_that_they_do_not_need(self):
        parts = zipfile.ZipFile(io.BytesIO(letters.plain_document("Notes", ()))).namelist()
        assert not [part for part in parts if "thumbnail" in part or "Effects" in part]


@pytest.mark.usefixtures("demo")
class TestContacts:
    def test_are_250_in_four_languages(self):
        languages = Counter(
            tag.partition("-")[0] for tag in Contact.objects.values_list("language", flat=True)
        )
        assert sum(languages.values()) == 250
        assert set(languages) == {"en", "es", "fr", "ru"}
        assert min(languages.values()) > 45

    def test_would_pass_the_form(self):
        for contact in Contact.objects.all():
            contact.clean_fields()
            contact.clean()

    def test_hold_the_cases_that_pages_stumble_over(self):
        assert Contact.objects.filter(no__contains="/").count() == 2
        assert Contact.objects.filter(privacy_blocked=True, minor=False).exists()
        assert Contact.objects.filter(minor=True, privacy_blocked=True).exists()
        assert Contact.objects.filter(salesperson=None).exists()
        assert Contact.objects.filter(email="").exists()
        assert Contact.objects.companies().filter(people=None).exists()
        assert max(map(len, Contact.objects.values_list("name", flat=True))) > 80

    def test_carry_the_numbers_that_people_know(self):
        helene = Contact.objects.get(no="CT000142")
        assert (helene.name, helene.company.no) == ("Hélène Marchand", "CT000141")
        assert Contact.objects.get(no="CT000018").name == "Hartwell Marine Ltd"

    def test_leave_the_next_number_free(self):
        assert NumberSeries.objects.get(code="CONTACTS").take() == "CT000251"

    def test_are_found_by_what_they_are_called(self):
        assert Contact.objects.search("соколова").get().email == "a.sokolova@sever-svet.example"

    def test_were_known_before_their_first_interaction(self):
        assert not ENTRIES.filter(logged_at__lt=F("contact__created_at")).exists()


@pytest.mark.usefixtures("demo")
class TestHistory:
    def test_is_two_thousand_entries_over_two_years(self):
        assert ENTRIES.count() == 2000
        first, last = ENTRIES.order_by("date").first().date, ENTRIES.order_by("-date").first().date
        assert last == dt.date(2026, 11, 19)
        assert 700 < (last - first).days <= 730

    def test_follows_working_hours(self):
        assert not ENTRIES.filter(date__week_day__in=[1, 7]).exists()
        assert not ENTRIES.filter(Q(time__lt=dt.time(8)) | Q(time__gte=dt.time(19))).exists()
        noon = ENTRIES.filter(time__gte=dt.time(13), time__lt=dt.time(14)).count()
        assert noon < ENTRIES.filter(time__gte=dt.time(10), time__lt=dt.time(11)).count() / 2

    def test_is_logged_after_it_happened_and_before_now(self):
        for entry in ENTRIES.all():
            happened = dt.datetime.combine(entry.date, entry.time, load.history.ZONE)
            assert happened < entry.logged_at <= FRIDAY

    def test_is_written_in_the_order_of_time(self):
        days = list(ENTRIES.order_by("pk").values_list("date", "time"))
        assert days == sorted(days)

    def test_keeps_what_the_rules_would_have_written(self):
        homes = {person.pk: person.home_team_id() for person in Salesperson.objects.all()}
        for entry in ENTRIES.select_related("contact", "salesperson", "template"):
            if entry.pk % 10 == 0:
                entry.clean_fields(exclude=[field.name for field in entry._meta.fields if field.null])
            assert entry.contact_company_id == entry.contact.company_key
            assert entry.group_id == entry.template.group_id
            assert entry.team_id == homes[entry.salesperson_id]
            assert entry.logged_by_id == entry.salesperson.user_id
            assert entry.subject
            assert not (entry.attempt_failed and entry.evaluation is not None)

    def test_speaks_the_language_of_the_contact(self):
        written = ENTRIES.filter(contact__language="ru", template__code="OUTGOING", segment_no="")
        russian = [entry for entry in written if re.search("[а-я]", entry.description)]
        assert len(russian) == len(written) > 50

    def test_does_not_repeat_itself_much(self):
        said = Counter(ENTRIES.filter(segment_no="").values_list("description", flat=True))
        assert len(said) > 900
        assert max(said.values()) < 40

    def test_has_a_few_contacts_with_much_and_many_with_little(self):
        counts = sorted(
            Contact.objects.annotate(n=Count("entries")).values_list("n", flat=True), reverse=True
        )
        assert counts[0] > 60
        assert counts[125] < 10

    def test_has_some_of_everything(self):
        assert ENTRIES.filter(attempt_failed=True).count() > 30
        assert ENTRIES.filter(evaluation__isnull=False).values("evaluation").distinct().count() == 5
        assert ENTRIES.filter(document_kind__isnull=False).exclude(document_no="").count() > 80
        assert ENTRIES.filter(attachment__isnull=False).count() > 150
        assert EntryComment.objects.count() > 200
        assert Campaign.objects.count() == 6
        assert CampaignEntry.objects.count() > 6
        assert LoggedSegment.objects.count() == 4

    def test_leaves_people_in_peace_who_are_blocked(self):
        talked = ENTRIES.filter(contact__privacy_blocked=True, segment_no="").exclude(
            contact__name="Carmen Ibáñez"
        )
        assert talked.order_by("-date").first().date < dt.date(2026, 8, 1)

    def test_has_canceled_entries_with_their_reasons(self):
        canceled = ENTRIES.canceled()
        assert canceled.filter(canceled_with="ITSELF").count() > 20
        assert not canceled.filter(canceled_reason="").exists()
        assert not canceled.filter(canceled_at__lt=F("logged_at")).exists()

    def test_has_one_mailing_that_was_canceled_as_a_whole(self):
        segment = LoggedSegment.objects.get(canceled_at__isnull=False)
        assert set(segment.entries.values_list("canceled_with", flat=True)) == {"LOGGED_SEGMENT"}
        assert segment.campaign_entries.get().canceled_with_segment

    def test_is_fenced_and_searchable(self):
        assert ledger_guard.missing() == []
        assert (
            ENTRIES.search("hélène").count()
            == ENTRIES.filter(Q(contact__name="Hélène Marchand") | Q(comments__text__contains="Hélène"))
            .distinct()
            .count()
        )
        assert ENTRIES.search("Lux calculation voicemail").count() >= 1


@pytest.mark.usefixtures("demo")
class TestDesks:
    def test_hold_drafts_that_could_be_logged_and_drafts_that_could_not(self):
        able = []
        for draft in InteractionDraft.objects.kept():
            try:
                check_draft(draft)
            except CannotLog:
                able.append(False)
            else:
                able.append(True)
        assert 3 <= sum(able) <= len(able) - 3

    def test_give_marta_three_and_irina_one_that_she_is_writing(self):
        assert InteractionDraft.objects.kept().filter(created_by__username="marta.ruiz").count() == 3
        assert InteractionDraft.objects.filter(created_by__username="irina.orlova", kept_at=None).count() == 1

    def test_were_left_over_the_last_days(self):
        days = {
            (FRIDAY - saved).days for saved in InteractionDraft.objects.values_list("updated_at", flat=True)
        }
        assert len(days) > 5
