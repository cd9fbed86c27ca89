"""What a draft fills in by itself, what it keeps, and how it is kept, discarded and brought back."""

import datetime as dt
import threading
import uuid

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from crm.models import Channel
from interactions.actions.drafts import (
    ContactIsBlocked,
    DraftIsGone,
    FieldIsFixed,
    clean_up_drafts,
    discard_draft,
    keep_draft,
    open_draft,
    prefill_draft,
    restore_draft,
    save_draft,
    start_draft,
)
from interactions.models import Attachment, Direction, Initiator, InteractionDraft
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    FollowUpFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def marta():
    """A user who is a salesperson."""
    user = UserFactory(role="Salesperson")
    SalespersonFactory(code="MR", name="Marta Ruiz", user=user)
    return user


class TestStartingPoint:
    @pytest.mark.case("MI-074", "MI-075")
    @pytest.mark.parametrize("person", [True, False])
    def test_a_contact_is_preset_and_fixed(self, marta, person):
        contact = ContactFactory(person=person)
        draft = start_draft(by=marta, contact=contact)
        assert (draft.contact, draft.locked) == (contact, ["contact"])

    @pytest.mark.case("UI-005")
    def test_a_fixed_contact_is_not_exchanged(self, marta):
        draft = start_draft(by=marta, contact=ContactFactory())
        with pytest.raises(FieldIsFixed):
            save_draft(draft, by=marta, contact=ContactFactory())

    def test_a_blocked_contact_is_refused(self, marta):
        blocked = ContactFactory(name="Ann", privacy_blocked=True)
        with pytest.raises(ContactIsBlocked) as refusal:
            start_draft(by=marta, contact=blocked)
        assert refusal.value.for_user.startswith("Ann is blocked for privacy.")
        assert not InteractionDraft.objects.exists()

    def test_a_blocked_contact_is_not_chosen_later_either(self, marta):
        draft = start_draft(by=marta)
        with pytest.raises(ContactIsBlocked):
            save_draft(draft, by=marta, contact=ContactFactory(privacy_blocked=True))

    def test_a_salesperson_is_preset_fixed_and_stays_when_a_contact_is_chosen(self, marta):
        jonas = SalespersonFactory()
        draft = start_draft(by=marta, salesperson=jonas)
        draft = save_draft(draft, by=marta, contact=ContactFactory(salesperson=SalespersonFactory()))
        assert (draft.salesperson, draft.locked) == (jonas, ["salesperson"])

    @pytest.mark.case("MI-008")
    def test_an_entry_gives_its_contact_campaign_and_template(self, marta):
        campaign = CampaignFactory()
        entry = InteractionLogEntryFactory(campaign=campaign, opportunity_no="OP7")
        draft = prefill_draft(by=marta, entry=entry)
        assert (draft.contact, draft.campaign, draft.template, draft.opportunity_no) == (
            entry.contact,
            campaign,
            entry.template,
            "OP7",
        )

    def test_an_entry_gives_its_salesperson_to_somebody_who_is_none(self):
        entry = InteractionLogEntryFactory()
        assert prefill_draft(by=UserFactory(), entry=entry).salesperson == entry.salesperson

    def test_an_inactive_template_is_not_offered_again(self, marta):
        entry = InteractionLogEntryFactory(template=InteractionTemplateFactory(active=False))
        assert prefill_draft(by=marta, entry=entry).template is None

    def test_a_campaign_is_preset_and_fixed(self, marta):
        campaign = CampaignFactory()
        draft = start_draft(by=marta, campaign=campaign)
        draft = save_draft(draft, by=marta, template=InteractionTemplateFactory(campaign=CampaignFactory()))
        assert (draft.campaign, draft.locked) == (campaign, ["campaign"])

    def test_a_follow_up_gives_contact_salesperson_and_description(self, marta):
        follow_up = FollowUpFactory(description="Call back")
        draft = prefill_draft(by=marta, follow_up=follow_up)
        assert (draft.contact, draft.salesperson, draft.description) == (
            follow_up.contact,
            follow_up.salesperson,
            "Call back",
        )

    def test_the_same_key_twice_gives_the_same_draft(self, marta):
        key = uuid.uuid4()
        assert start_draft(by=marta, uuid=key) == start_draft(by=marta, uuid=key)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_requests_of_one_sheet_at_the_same_moment_make_one_draft():
    user, key, start, made = UserFactory(role="Salesperson"), uuid.uuid4(), threading.Barrier(2), []

    def request():
        try:
            start.wait()
            made.append(start_draft(by=user, uuid=key).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=request) for _request in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [InteractionDraft.objects.get().pk] * 2


class TestSalesperson:
    """R-12."""

    def test_is_first_the_one_with_the_users_email_address(self, marta):
        marta.email = "M.Ruiz@example.com"
        same = SalespersonFactory(email="m.ruiz@example.com")
        assert prefill_draft(by=marta, contact=ContactFactory()).salesperson == same

    def test_is_not_guessed_between_two_with_that_address(self, marta):
        marta.email = "m.ruiz@example.com"
        SalespersonFactory.create_batch(2, email="m.ruiz@example.com")
        assert prefill_draft(by=marta, contact=ContactFactory()).salesperson == marta.salesperson

    def test_is_then_the_users_own(self, marta):
        contact = ContactFactory(salesperson=SalespersonFactory())
        assert prefill_draft(by=marta, contact=contact).salesperson == marta.salesperson

    def test_is_last_the_contacts(self):
        contact = ContactFactory(salesperson=SalespersonFactory())
        assert prefill_draft(by=UserFactory(), contact=contact).salesperson == contact.salesperson

    def test_is_nobody_who_is_blocked(self):
        contact = ContactFactory(salesperson=SalespersonFactory(blocked=True))
        assert prefill_draft(by=UserFactory(), contact=contact).salesperson is None

    def test_goes_by_the_address_only_when_started_from_a_contact(self, marta):
        marta.email = "m.ruiz@example.com"
        SalespersonFactory(email="m.ruiz@example.com")
        assert prefill_draft(by=marta).salesperson == marta.salesperson


class TestTemplate:
    """R-13, R-14, R-17."""

    def test_fills_what_it_says(self, marta):
        campaign = CampaignFactory()
        template = InteractionTemplateFactory(
            description="Visit",
            cost="3.40",
            minutes=6,
            direction=Direction.OUTBOUND,
            initiated_by=Initiator.US,
            campaign=campaign,
            campaign_target=True,
            campaign_response=True,
        )
        draft = save_draft(start_draft(by=marta), by=marta, template=template)
        draft.refresh_from_db()
        assert (draft.description, str(draft.cost), draft.minutes) == ("Visit", "3.40", 6)
        assert (draft.direction, draft.initiated_by) == (Direction.OUTBOUND, Initiator.US)
        assert (draft.campaign, draft.campaign_target, draft.campaign_response) == (campaign, True, True)

    def test_never_overwrites_what_was_typed(self, marta):
        draft = save_draft(start_draft(by=marta), by=marta, description="My own words", cost=9)
        draft = save_draft(
            draft, by=marta, template=InteractionTemplateFactory(description="Visit", cost=3, minutes=4)
        )
        draft = save_draft(
            draft, by=marta, template=InteractionTemplateFactory(description="Call", cost=5, minutes=6)
        )
        assert (draft.description, draft.cost, draft.minutes) == ("My own words", 9, 6)

    def test_keeps_a_value_typed_together_with_the_template(self, marta):
        draft = save_draft(
            start_draft(by=marta),
            by=marta,
            description="Mine",
            template=InteractionTemplateFactory(description="Visit"),
        )
        assert draft.description == "Mine"

    def test_refills_when_it_changes(self, marta):
        draft = save_draft(
            start_draft(by=marta), by=marta, template=InteractionTemplateFactory(description="Visit")
        )
        draft = save_draft(draft, by=marta, template=InteractionTemplateFactory(description="Call"))
        assert draft.description == "Call"

    def test_takes_the_campaign_it_brought_away_again(self, marta):
        draft = save_draft(
            start_draft(by=marta), by=marta, template=InteractionTemplateFactory(campaign=CampaignFactory())
        )
        assert draft.campaign is not None
        draft = save_draft(draft, by=marta, template=InteractionTemplateFactory())
        assert draft.campaign is None

    def test_leaves_salesperson_and_evaluation_alone(self, marta):
        draft = save_draft(start_draft(by=marta), by=marta, evaluation=1)
        draft = save_draft(draft, by=marta, template=InteractionTemplateFactory())
        assert (draft.evaluation, draft.salesperson) == (1, marta.salesperson)


class TestLanguage:
    """R-15: the contact's language, its base language, else the template's default."""

    @pytest.mark.parametrize(
        ("contact_language", "expected"),
        [("de", "de"), ("fr-CH", "fr"), ("fr", "fr"), ("ru", "en"), ("", "en")],
    )
    def test_follows_the_contact_as_far_as_the_template_has_it(self, marta, contact_language, expected):
        template = InteractionTemplateFactory(language="en")
        files = {
            tag: InteractionTemplateLanguageFactory(
                template=template, language=tag, attachment=AttachmentFactory(), subject=f"In {tag}"
            )
            for tag in ("en", "de", "fr")
        }
        draft = save_draft(
            start_draft(by=marta, contact=ContactFactory(language=contact_language)),
            by=marta,
            template=template,
        )
        assert (draft.language, draft.attachment, draft.subject) == (
            expected,
            files[expected].attachment,
            f"In {expected}",
        )

    def test_chosen_by_hand_brings_its_file(self, marta):
        template = InteractionTemplateFactory(language="en")
        InteractionTemplateLanguageFactory(template=template, language="en", attachment=AttachmentFactory())
        french = InteractionTemplateLanguageFactory(
            template=template, language="fr", attachment=AttachmentFactory()
        )
        draft = save_draft(start_draft(by=marta), by=marta, template=template)
        draft = save_draft(draft, by=marta, language="fr")
        assert draft.attachment == french.attachment

    def test_without_a_row_there_is_no_file(self, marta):
        draft = save_draft(start_draft(by=marta), by=marta, template=InteractionTemplateFactory())
        assert (draft.language, draft.attachment) == ("", None)

    @pytest.mark.case("MI-031")
    def test_a_file_of_ones_own_stays_when_the_language_changes(self, marta):
        template = InteractionTemplateFactory(language="en")
        for tag in ("en", "fr"):
            InteractionTemplateLanguageFactory(
                template=template, language=tag, attachment=AttachmentFactory()
            )
        mine = AttachmentFactory()
        draft = save_draft(start_draft(by=marta), by=marta, template=template, attachment=mine)
        assert save_draft(draft, by=marta, language="fr").attachment == mine


HARD, EMAIL = Channel.HARD_COPY, Channel.EMAIL


class TestChannel:
    """R-16 (b) to (d), for every combination."""

    @pytest.mark.case("XS-023")
    @pytest.mark.parametrize(
        ("contact", "template", "ignores", "expected"),
        [
            ("", EMAIL, False, EMAIL),
            ("", EMAIL, True, EMAIL),
            ("", "", False, ""),
            ("", "", True, ""),
            (HARD, EMAIL, False, HARD),
            (HARD, EMAIL, True, EMAIL),
            (HARD, "", False, HARD),
            (HARD, "", True, ""),
        ],
    )
    def test_is(self, marta, contact, template, ignores, expected):
        draft = start_draft(by=marta, contact=ContactFactory(channel=contact))
        draft = save_draft(
            draft, by=marta, template=InteractionTemplateFactory(channel=template, ignore_contact=ignores)
        )
        assert draft.channel == expected

    def test_stays_as_it_was_when_nobody_has_a_word(self, marta):
        draft = save_draft(
            start_draft(by=marta), by=marta, template=InteractionTemplateFactory(channel=EMAIL)
        )
        draft = save_draft(draft, by=marta, template=InteractionTemplateFactory(channel=""))
        assert draft.channel == EMAIL


class TestDateAndTime:
    @time_machine.travel("2026-11-20 14:29:10Z", tick=False)
    def test_are_the_minute_that_has_begun(self, marta):
        draft = start_draft(by=marta)
        assert draft.when_shown == (dt.date(2026, 11, 20), dt.time(14, 29))

    @pytest.mark.case("XS-021")
    def test_move_on_to_today_when_a_postponed_one_is_resumed(self, marta):
        with time_machine.travel("2026-11-13 10:00Z", tick=False):
            draft = keep_draft(start_draft(by=marta), by=marta)
        with time_machine.travel("2026-11-20 14:29:10Z", tick=False):
            resumed = open_draft(draft.uuid, by=marta)
            assert resumed.when_shown == (dt.date(2026, 11, 20), dt.time(14, 29))

    def test_stay_when_they_were_typed(self, marta):
        with time_machine.travel("2026-11-13 10:00Z", tick=False):
            draft = save_draft(start_draft(by=marta), by=marta, date=dt.date(2026, 11, 12), time=dt.time(9))
        with time_machine.travel("2026-11-20 14:29:10Z", tick=False):
            resumed = open_draft(draft.uuid, by=marta)
            assert resumed.when_shown == (dt.date(2026, 11, 12), dt.time(9))


class TestResuming:
    @pytest.mark.case("MI-048")
    def test_brings_back_exactly_what_was_saved(self, marta):
        long = "X" * 20
        contact = ContactFactory(no=long)
        values = {
            "salesperson": SalespersonFactory(code=long),
            "campaign": CampaignFactory(no=long),
            "opportunity_no": long,
            "comment": "Half a thought",
        }
        draft = keep_draft(save_draft(start_draft(by=marta, contact=contact), by=marta, **values), by=marta)
        resumed = open_draft(draft.uuid, by=marta)
        assert {name: getattr(resumed, name) for name in values} == values
        assert resumed.contact == contact

    @pytest.mark.case("MI-050")
    def test_fills_in_nothing_that_was_blank(self):
        nobody = UserFactory(role="Salesperson")
        draft = keep_draft(start_draft(by=nobody), by=nobody)
        resumed = open_draft(draft.uuid, by=nobody)
        assert (resumed.contact, resumed.salesperson, resumed.campaign, resumed.opportunity_no) == (
            None,
            None,
            None,
            "",
        )

    @pytest.mark.case("MI-051", "MI-052")
    def test_does_not_mix_two_drafts(self, marta):
        first, second = SalespersonFactory(), SalespersonFactory()
        of_first = keep_draft(start_draft(by=marta, salesperson=first), by=marta)
        of_second = keep_draft(start_draft(by=marta, salesperson=second), by=marta)
        assert open_draft(of_first.uuid, by=marta).salesperson == first
        assert open_draft(of_second.uuid, by=marta).salesperson == second


class TestWhoSeesADraft:
    @pytest.fixture
    def lead(self):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=TeamFactory(code="NORTH"), team__is_lead=True)
        return user

    def test_its_author(self, marta):
        draft = InteractionDraftFactory(created_by=marta)
        assert list(InteractionDraft.objects.visible_to(marta)) == [draft]

    def test_the_lead_of_the_authors_team_once_it_is_kept(self, lead):
        colleague = UserFactory(role="Salesperson")
        SalespersonFactory(user=colleague, team=lead.salesperson.memberships.get().team)
        draft = InteractionDraftFactory(created_by=colleague)
        assert not InteractionDraft.objects.visible_to(lead).exists()
        keep_draft(draft, by=colleague)
        assert list(InteractionDraft.objects.visible_to(lead)) == [draft]

    def test_nobody_else(self, marta, lead):
        InteractionDraftFactory(created_by=marta, kept=True)
        assert not InteractionDraft.objects.visible_to(lead).exists()
        with pytest.raises(DraftIsGone):
            open_draft(InteractionDraft.objects.get().uuid, by=lead)


class TestDiscarding:
    def test_hides_the_draft_and_can_be_undone(self, marta):
        draft = start_draft(by=marta)
        discard_draft(draft, by=marta)
        assert not InteractionDraft.objects.exists()
        with pytest.raises(DraftIsGone):
            save_draft(draft, by=marta, description="Too late")
        restore_draft(draft, by=marta)
        assert save_draft(draft, by=marta, description="In time").description == "In time"

    def test_is_final_after_ten_minutes_and_takes_the_file_along(
        self, marta, django_capture_on_commit_callbacks
    ):
        mine = AttachmentFactory()
        draft = save_draft(start_draft(by=marta), by=marta, attachment=mine)
        discard_draft(draft, by=marta)
        assert clean_up_drafts() == 0
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
            assert clean_up_drafts() == 1
        assert not Attachment.objects.exists()
        with pytest.raises(DraftIsGone):
            restore_draft(draft, by=marta)

    def test_leaves_the_templates_file(self, marta):
        template = InteractionTemplateFactory()
        row = InteractionTemplateLanguageFactory(
            template=template, language="", attachment=AttachmentFactory()
        )
        draft = save_draft(start_draft(by=marta), by=marta, template=template)
        assert draft.attachment == row.attachment
        discard_draft(draft, by=marta)
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
            clean_up_drafts()
        assert Attachment.objects.exists()
