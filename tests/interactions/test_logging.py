"""A draft becomes one entry, or says what is missing; never two, never half."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.management.color import no_style
from django.db import connection

from crm.errors import Refusal
from crm.models import Channel, MarketingSetup
from interactions import signals
from interactions.actions.drafts import DraftIsGone, keep_draft, save_draft, start_draft
from interactions.actions.logging import CannotLog, log_interaction
from interactions.models import CampaignEntry, InteractionDraft, InteractionLogEntry, WizardAction
from tests.factories import (
    DAY,
    AttachmentFactory,
    CampaignEntryFactory,
    CampaignFactory,
    ContactFactory,
    InteractionGroupFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def at_noon():
    with time_machine.travel("2026-11-20 12:00:30Z", tick=False):
        yield


@pytest.fixture
def marta():
    user = UserFactory(role="Salesperson")
    SalespersonFactory(code="MR", user=user, team=TeamFactory(code="NORTH"))
    return user


@pytest.fixture
def complete(marta):
    """A draft that can be logged."""
    draft = start_draft(by=marta, contact=ContactFactory(person=True, company=ContactFactory()))
    return save_draft(draft, by=marta, template=InteractionTemplateFactory(description="Visit"))


class TestLogging:
    @pytest.mark.case("MI-040")
    def test_writes_one_entry_and_removes_the_draft(self, marta, complete):
        template = InteractionTemplateFactory(language="fr")
        InteractionTemplateLanguageFactory(template=template, language="fr")
        complete = save_draft(complete, by=marta, template=template, description="Showroom visit")
        last = InteractionLogEntryFactory().pk
        entry = log_interaction(complete, by=marta)
        assert entry.pk > last
        assert not InteractionDraft.objects.exists()
        entry = InteractionLogEntry.objects.get(pk=entry.pk)
        assert (entry.contact, entry.contact_company) == (complete.contact, complete.contact.company)
        assert (entry.salesperson, entry.team.code, entry.logged_by) == (marta.salesperson, "NORTH", marta)
        assert (entry.date, entry.time) == (dt.date(2026, 11, 20), dt.time(12, 0))
        assert (entry.description, entry.template, entry.language) == ("Showroom visit", template, "fr")

    @pytest.mark.case("MI-007")
    def test_takes_group_cost_and_duration_of_the_template(self, marta, complete):
        group = InteractionGroupFactory()
        complete = save_draft(
            complete, by=marta, template=InteractionTemplateFactory(group=group, cost="3.40", minutes=6)
        )
        entry = log_interaction(complete, by=marta)
        entry.refresh_from_db()
        assert (entry.group, entry.cost, entry.minutes) == (group, Decimal("3.40"), 6)

    @pytest.mark.case("MI-009")
    def test_takes_what_was_typed_and_leaves_the_template(self, marta, complete):
        template = InteractionTemplateFactory(cost=3, minutes=4)
        complete = save_draft(complete, by=marta, template=template, cost=9, minutes=11)
        entry = log_interaction(complete, by=marta)
        template.refresh_from_db()
        assert (entry.cost, entry.minutes, template.cost, template.minutes) == (9, 11, 3, 4)

    @pytest.mark.case("MI-008")
    def test_again_from_an_entry_leaves_that_entry_alone(self, marta, complete):
        first = log_interaction(complete, by=marta)
        other = InteractionTemplateFactory(group=first.group, cost="5.10", minutes=2)
        again = save_draft(start_draft(by=marta, entry=first), by=marta, template=other)
        second = log_interaction(again, by=marta)
        assert (second.contact, second.template, second.cost, second.minutes) == (
            first.contact,
            other,
            Decimal("5.10"),
            2,
        )
        assert InteractionLogEntry.objects.count() == 2

    @pytest.mark.case("MI-096")
    def test_takes_the_evaluation_along(self, marta, complete):
        assert log_interaction(save_draft(complete, by=marta, evaluation=1), by=marta).evaluation == 1

    @pytest.mark.case("XS-020")
    def test_of_a_resumed_draft_has_exactly_the_comment_it_has_now(self, marta, complete):
        keep_draft(save_draft(complete, by=marta, comment="First\n\nSecond"), by=marta)
        entry = log_interaction(save_draft(complete, by=marta, comment="Only this"), by=marta)
        assert [comment.text for comment in entry.comments.all()] == ["Only this"]

    @pytest.mark.case("XS-018")
    def test_keeps_finished_and_postponed_apart(self, marta, complete):
        entry = log_interaction(complete, by=marta)
        postponed = keep_draft(start_draft(by=marta), by=marta)
        assert list(InteractionLogEntry.objects.all()) == [entry]
        assert list(InteractionDraft.objects.kept()) == [postponed]

    def test_hands_the_file_over(self, marta, complete):
        mine = AttachmentFactory()
        assert log_interaction(save_draft(complete, by=marta, attachment=mine), by=marta).attachment == mine

    def test_of_a_company_counts_for_itself(self, marta):
        company = ContactFactory()
        draft = save_draft(
            start_draft(by=marta, contact=company), by=marta, template=InteractionTemplateFactory()
        )
        assert log_interaction(draft, by=marta).contact_company == company

    @pytest.mark.case("XD-001")
    def test_goes_on_above_the_highest_number_even_after_an_import(self, marta, complete):
        high = InteractionLogEntryFactory(id=500_000)
        with connection.cursor() as cursor:  # the last thing that an import does; SQLite needs nothing
            for statement in connection.ops.sequence_reset_sql(no_style(), [InteractionLogEntry]):
                cursor.execute(statement)
        assert log_interaction(complete, by=marta).pk > high.pk


class TestWhatIsMissing:
    @pytest.mark.parametrize(
        ("cleared", "field", "sentence"),
        [
            pytest.param({"contact": None}, "contact", "Choose a contact.", marks=pytest.mark.case("MI-036")),
            pytest.param(
                {"template": None}, "template", "Choose a template.", marks=pytest.mark.case("MI-005")
            ),
            pytest.param(
                {"salesperson": None},
                "salesperson",
                "Choose a salesperson.",
                marks=pytest.mark.case("MI-037"),
            ),
            pytest.param({"date": None}, "date", "Enter the date.", marks=pytest.mark.case("MI-038")),
            pytest.param(
                {"description": ""},
                "description",
                "Enter a short description.",
                marks=pytest.mark.case("MI-039"),
            ),
            pytest.param({"description": "  "}, "description", "Enter a short description."),
        ],
    )
    def test_is_said_and_nothing_is_written(self, marta, cleared, field, sentence):
        draft = start_draft(by=marta)
        draft = save_draft(draft, by=marta, contact=ContactFactory(), template=InteractionTemplateFactory())
        draft = save_draft(draft, by=marta, **cleared)
        with pytest.raises(CannotLog) as refusal:
            log_interaction(draft, by=marta)
        assert (refusal.value.field, refusal.value.for_user) == (field, sentence)
        assert not InteractionLogEntry.objects.exists()
        assert InteractionDraft.objects.exists()

    @pytest.mark.case("MI-006")
    def test_may_be_the_description_that_the_template_does_not_have(self, marta, complete):
        complete = save_draft(complete, by=marta, template=InteractionTemplateFactory(description=""))
        with pytest.raises(CannotLog) as refusal:
            log_interaction(complete, by=marta)
        assert refusal.value.field == "description"

    def test_is_told_in_the_order_of_the_guide(self):
        nobody = UserFactory()
        draft = save_draft(start_draft(by=nobody), by=nobody, date=None)
        told = []
        for repair in (
            {"contact": ContactFactory()},
            {"template": InteractionTemplateFactory(description="")},
            {"salesperson": SalespersonFactory()},
            {"date": DAY},
            {"description": "Visit"},
        ):
            with pytest.raises(CannotLog) as refusal:
                log_interaction(draft, by=nobody)
            told.append(refusal.value.field)
            draft = save_draft(draft, by=nobody, **repair)
        assert told == ["contact", "template", "salesperson", "date", "description"]
        assert log_interaction(draft, by=nobody)

    def test_is_the_file_when_the_template_opens_one(self, marta, complete):
        complete = save_draft(
            complete, by=marta, template=InteractionTemplateFactory(wizard_action=WizardAction.OPEN)
        )
        with pytest.raises(CannotLog) as refusal:
            log_interaction(complete, by=marta)
        assert refusal.value.field == "file"

    @pytest.mark.case("UI-023")
    def test_is_the_file_of_an_email(self, marta, complete):
        complete = save_draft(complete, by=marta, channel=Channel.EMAIL)
        with pytest.raises(CannotLog) as refusal:
            log_interaction(complete, by=marta)
        assert refusal.value.field == "channel"
        assert not InteractionLogEntry.objects.exists()


class TestRefusals:
    def test_a_contact_blocked_meanwhile(self, marta, complete):
        complete.contact.privacy_blocked = True
        complete.contact.save()
        with pytest.raises(Refusal, match="blocked for privacy"):
            log_interaction(complete, by=marta)

    def test_a_blocked_salesperson(self, marta, complete):
        complete = save_draft(complete, by=marta, salesperson=SalespersonFactory(name="Jonas", blocked=True))
        with pytest.raises(CannotLog, match="Jonas is blocked"):
            log_interaction(complete, by=marta)

    def test_a_date_in_the_future(self, marta, complete):
        complete = save_draft(complete, by=marta, date=dt.date(2026, 11, 21))
        with pytest.raises(CannotLog) as refusal:
            log_interaction(complete, by=marta)
        assert refusal.value.field == "date"

    def test_a_time_that_is_still_to_come(self, marta, complete):
        complete = save_draft(complete, by=marta, date=dt.date(2026, 11, 20), time=dt.time(12, 1))
        with pytest.raises(CannotLog, match="still to come") as refusal:
            log_interaction(complete, by=marta)
        assert refusal.value.field == "time"

    def test_not_a_date_in_the_future_where_the_firm_allows_it(self, marta, complete):
        MarketingSetup.objects.update(future_dates_allowed=True)
        complete = save_draft(complete, by=marta, date=dt.date(2026, 11, 21))
        assert log_interaction(complete, by=marta).date == dt.date(2026, 11, 21)


class TestEmailWithoutAddress:
    def test_is_recorded_without_a_channel(self, marta, complete):
        complete = save_draft(complete, by=marta, channel=Channel.EMAIL, attachment=AttachmentFactory())
        assert log_interaction(complete, by=marta).channel == ""

    def test_keeps_its_channel_where_there_is_one(self, marta):
        draft = start_draft(by=marta, contact=ContactFactory(email="a@example.com"))
        draft = save_draft(
            draft,
            by=marta,
            template=InteractionTemplateFactory(channel=Channel.EMAIL),
            attachment=AttachmentFactory(),
        )
        assert log_interaction(draft, by=marta).channel == Channel.EMAIL


class TestCampaign:
    """R-97."""

    def test_interactions_of_a_campaign_share_one_entry(self, marta):
        campaign = CampaignFactory()
        entries = []
        for _time in range(2):
            draft = start_draft(by=marta, campaign=campaign, contact=ContactFactory())
            draft = save_draft(draft, by=marta, template=InteractionTemplateFactory())
            entries.append(log_interaction(draft, by=marta))
        assert entries[0].campaign_entry == entries[1].campaign_entry == CampaignEntry.objects.get()

    def test_a_canceled_entry_is_not_used_again(self, marta):
        campaign = CampaignFactory()
        canceled = CampaignEntryFactory(campaign=campaign, canceled=True)
        draft = start_draft(by=marta, campaign=campaign, contact=ContactFactory())
        draft = save_draft(draft, by=marta, template=InteractionTemplateFactory())
        assert log_interaction(draft, by=marta).campaign_entry != canceled


class TestTwice:
    def test_the_second_one_is_told_which_entry_it_became(self, marta, complete):
        entry = log_interaction(complete, by=marta)
        complete = InteractionDraft(pk=1, uuid=entry.draft_uuid)
        with pytest.raises(DraftIsGone) as refusal:
            log_interaction(complete, by=marta)
        assert refusal.value.entry == entry
        assert InteractionLogEntry.objects.count() == 1


class TestSignals:
    def test_a_receiver_may_stop_it(self, marta, complete):
        def stop(sender, draft, by, **kwargs):
            raise Refusal("Not on Fridays.")

        signals.interaction_logging.connect(stop)
        try:
            with pytest.raises(Refusal, match="Not on Fridays"):
                log_interaction(complete, by=marta)
        finally:
            signals.interaction_logging.disconnect(stop)
        assert not InteractionLogEntry.objects.exists()

    def test_a_receiver_that_fails_afterwards_changes_nothing(
        self, marta, complete, django_capture_on_commit_callbacks
    ):
        heard = []

        def fail(sender, entry, by, **kwargs):
            heard.append(entry)
            raise RuntimeError("webhook is down")

        signals.interaction_logged.connect(fail)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                entry = log_interaction(complete, by=marta)
        finally:
            signals.interaction_logged.disconnect(fail)
        assert heard == [entry]
        assert InteractionLogEntry.objects.exists()
