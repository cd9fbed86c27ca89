import datetime as dt
from threading import Thread

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Channel, Contact, MarketingSetup, Salesperson, Succession
from interactions.actions.attachments import drop_unused
from interactions.models import CampaignEntry, InteractionLogEntry, InteractionTemplate, LoggedSegment
from segments.actions import (
    ContactsChanged,
    CountChanged,
    LinesNotReady,
    NoDescription,
    NoSegmentNumbers,
    SegmentAlreadyLogged,
    SegmentChanged,
    SegmentIsEmpty,
    add_contacts,
    follow_up_on,
    go_back,
    log_segment,
    reduce_contacts,
    remove_lines,
    update_segment,
)
from segments.actions.following import left_out_of
from segments.actions.logging import MOST_NAMED
from segments.criteria import Condition, Recipe
from segments.models import CriteriaStep, RemovedLine, Segment, SegmentLine
from segments.signals import segment_logged, segment_logging
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    LoggedSegmentFactory,
    SalespersonFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def statements():
    """Captures statements: those of the transaction, which has savepoints only inside that of a test, aside."""

    class Statements(CaptureQueriesContext):
        def __len__(self):
            return sum("SAVEPOINT" not in query["sql"] for query in self.captured_queries)

    return Statements(connection)


def entries():
    return list(InteractionLogEntry.objects.order_by("pk"))


class TestLogSegment:
    def test_writes_one_entry_for_each_line_and_archives_the_worksheet(self, by):
        ferrer, brisa = ContactFactory(), ContactFactory()
        segment = SegmentFactory(ready=True, contacts=[ferrer, brisa], description="Q4 prices")
        logged = log_segment(segment, by=by)
        assert [entry.contact for entry in entries()] == [ferrer, brisa]
        assert {entry.logged_segment for entry in entries()} == {logged}
        assert {entry.segment_no for entry in entries()} == {segment.no}
        assert (logged.segment_no, logged.description, logged.logged_by) == (segment.no, "Q4 prices", by)
        assert logged.criteria[0]["action"] == "ADD"
        assert not Segment.with_deleted.exists()
        assert not SegmentLine.objects.exists()
        assert not CriteriaStep.objects.exists()

    @time_machine.travel("2026-11-20 17:51:49Z", tick=False)
    def test_dates_nothing_later_than_it_was_logged(self, by):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        with timezone.override("Europe/Madrid"):
            log_segment(segment, by=by)
        entry = InteractionLogEntry.objects.get()
        assert (entry.date, entry.time) == (dt.date(2026, 11, 20), dt.time(18, 51))

    def test_logs_what_a_line_says_itself_before_what_the_segment_says(self, by):
        team = TeamFactory()
        lucia = SalespersonFactory(team=team)
        golf = InteractionTemplateFactory(description="Golf event", cost=7, minutes=30, channel="")
        segment = SegmentFactory(ready=True, cost=2)
        SegmentLineFactory(segment=segment, own_template=golf, own_salesperson=lucia, own_minutes=5)
        SegmentLineFactory(segment=segment)
        log_segment(segment, by=by)
        first, second = entries()
        assert (first.template, first.group, first.description) == (golf, golf.group, "Golf event")
        assert (first.cost, first.minutes, first.salesperson, first.team) == (7, 5, lucia, team)
        assert (second.description, second.cost, second.template) == ("Q4 prices", 2, segment.template)
        assert second.salesperson == segment.salesperson

    def test_takes_the_file_of_the_contacts_language_else_of_the_base_else_the_default(self, by):
        segment = SegmentFactory(ready=True, language="en")
        files = {tag: AttachmentFactory() for tag in ("fr", "en")}
        for tag, file in files.items():
            SegmentAttachmentFactory(segment=segment, language=tag, attachment=file, subject=f"Prices {tag}")
        for tag in ("fr", "fr-CH", "ru", ""):
            SegmentLineFactory(segment=segment, contact=ContactFactory(language=tag))
        log_segment(segment, by=by)
        assert [(entry.language, entry.subject) for entry in entries()] == [
            ("fr", "Prices fr"),
            ("fr", "Prices fr"),
            ("en", "Prices en"),
            ("en", "Prices en"),
        ]
        assert [entry.attachment for entry in entries()] == [files[tag] for tag in ("fr", "fr", "en", "en")]

    @pytest.mark.case("MI-082")
    def test_records_an_email_to_nobody_without_a_channel(self, by):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        SegmentLineFactory(segment=segment, contact=ContactFactory(email=""))
        SegmentLineFactory(segment=segment, contact=ContactFactory(email="a@example.com"))
        log_segment(segment, by=by)
        assert [entry.channel for entry in entries()] == ["", Channel.EMAIL]

    def test_makes_one_campaign_entry_for_each_campaign_of_its_lines(self, by):
        winter, spring = CampaignFactory(), CampaignFactory()
        segment = SegmentFactory(ready=True, campaign=winter)
        SegmentLineFactory(segment=segment)
        SegmentLineFactory(segment=segment, own_campaign=spring, own_date=dt.date(2026, 11, 3))
        SegmentLineFactory(segment=segment, own_campaign=spring)
        logged = log_segment(segment, by=by)
        made = {entry.campaign: entry for entry in CampaignEntry.objects.all()}
        assert made.keys() == {winter, spring}
        assert [entry.campaign_entry for entry in entries()] == [made[winter], made[spring], made[spring]]
        assert made[spring].date == dt.date(2026, 11, 3)
        assert {entry.logged_segment for entry in made.values()} == {logged}

    def test_finds_the_campaign_entry_of_each_line_however_many_campaigns_there_are(self, by):
        segment = SegmentFactory(ready=True)
        for campaign in CampaignFactory.create_batch(MOST_NAMED + 1):
            SegmentLineFactory(segment=segment, own_campaign=campaign)
        SegmentLineFactory(segment=segment)
        log_segment(segment, by=by)
        *with_campaign, without = entries()
        assert all(entry.campaign_entry.campaign == entry.campaign for entry in with_campaign)
        assert (without.campaign, without.campaign_entry) == (None, None)

    def test_tells_receivers_before_and_after(self, by, django_capture_on_commit_callbacks):
        told = []
        before = lambda sender, segment, lines, by, **kwargs: told.append(("logging", lines.count()))  # noqa: E731
        after = lambda sender, logged, entries, by, **kwargs: told.append(("logged", entries.count()))  # noqa: E731
        segment_logging.connect(before)
        segment_logged.connect(after)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                log_segment(SegmentFactory(ready=True, contacts=[ContactFactory()]), by=by)
        finally:
            segment_logging.disconnect(before)
            segment_logged.disconnect(after)
        assert told == [("logging", 1), ("logged", 1)]

    def test_takes_as_many_statements_for_three_lines_as_for_one(self, by, statements):
        for contacts in ([ContactFactory()], [ContactFactory() for _number in range(3)]):
            segment = SegmentFactory(ready=True, contacts=contacts, campaign=CampaignFactory())
            MarketingSetup.current()
            assert connection.features.supports_json_field  # asks once
            with statements:
                log_segment(segment, by=by)
            assert len(statements) == 14

    def test_takes_25_statements_at_most_with_files_campaigns_and_a_follow_up(self, by, statements):
        SalespersonFactory(user=by)
        for count in (1, 3):
            segment = SegmentFactory(ready=True, no=f"ST{count}", campaign=CampaignFactory())
            SegmentAttachmentFactory(segment=segment, attachment=AttachmentFactory())
            for _number in range(count):
                SegmentLineFactory(segment=segment, own_attachment=AttachmentFactory())
                SegmentLineFactory(segment=segment, own_campaign=CampaignFactory())
            remove_lines(segment, segment.lines.filter(pk=segment.lines.first().pk), by=by)
            by = type(by).objects.select_related("salesperson").get(pk=by.pk)  # as a request has it
            with statements:
                logged = log_segment(segment, by=by, follow_up=True)
            assert len(statements) <= 25
            assert logged.follow_ups.get().lines.count() == 2 * count - 1


def written():
    return [
        model.objects.count() for model in (InteractionLogEntry, LoggedSegment, CampaignEntry, RemovedLine)
    ]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
class TestChangedMeanwhile:
    """A contact or a template is saved elsewhere after the check, before the entries are written."""

    def log_while(self, change, segment, by):
        def elsewhere():
            change()
            connection.close()

        def just_before_writing(execute, sql, *arguments):
            if sql.startswith('INSERT INTO "interactions_interactionlogentry"'):
                other = Thread(target=elsewhere)
                other.start()
                other.join()
            return execute(sql, *arguments)

        with connection.execute_wrapper(just_before_writing):
            log_segment(segment, by=by)

    @pytest.mark.parametrize(
        "change",
        [
            lambda contact, salesperson, template: Contact.objects.update(privacy_blocked=True),
            lambda contact, salesperson, template: Contact.objects.filter(pk=contact.pk).update(
                salesperson=None
            ),
            lambda contact, salesperson, template: Salesperson.objects.filter(pk=salesperson.pk).update(
                blocked=True
            ),
            lambda contact, salesperson, template: InteractionTemplate.objects.filter(pk=template.pk).update(
                campaign=CampaignFactory()
            ),
        ],
        ids=["blocked", "without salesperson", "salesperson blocked", "other campaign"],
    )
    def test_nothing_is_written_and_the_sentence_says_check_again(self, by, change):
        salesperson, template = SalespersonFactory(), InteractionTemplateFactory(channel="")
        contact = ContactFactory(salesperson=salesperson)
        segment = SegmentFactory(ready=True, salesperson=None)
        SegmentLineFactory(segment=segment, contact=contact, own_template=template)
        SegmentLineFactory(segment=segment, contact=ContactFactory(salesperson=SalespersonFactory()))
        with pytest.raises(ContactsChanged, match="check it again"):
            self.log_while(lambda: change(contact, salesperson, template), segment, by)
        assert written() == [0, 0, 0, 0]
        assert segment.lines.count() == 2

    def test_a_file_that_is_dropped_meanwhile_is_no_error_page(self, by):
        row = InteractionTemplateLanguageFactory(attachment=AttachmentFactory(), language="")
        segment = SegmentFactory(ready=True)
        SegmentLineFactory(segment=segment, own_template=row.template)

        def drop():
            file = row.attachment_id
            row.delete()
            drop_unused([file])

        def just_after_writing(execute, sql, *arguments):
            answer = execute(sql, *arguments)
            if sql.startswith('INSERT INTO "interactions_interactionlogentry"'):
                other = Thread(target=lambda: (drop(), connection.close()))
                other.start()
                other.join()
            return answer

        with connection.execute_wrapper(just_after_writing), pytest.raises(ContactsChanged):
            log_segment(segment, by=by)
        assert written() == [0, 0, 0, 0]


class TestRefuses:
    """In the order of R-61."""

    def test_a_number_that_is_logged_already(self, by):
        earlier = LoggedSegmentFactory(segment_no="SM00009")
        segment = SegmentFactory(no="SM00009", description=None)
        with pytest.raises(SegmentAlreadyLogged) as refusal:
            log_segment(segment, by=by)
        assert refusal.value.logged == earlier

    @pytest.mark.case("XS-004")
    def test_a_blank_description(self, by):
        with pytest.raises(NoDescription, match="description"):
            log_segment(SegmentFactory(ready=True, description=None, contacts=[ContactFactory()]), by=by)

    @pytest.mark.case("XS-002")
    def test_an_empty_segment(self, by):
        segment = SegmentFactory(ready=True)
        with pytest.raises(SegmentIsEmpty):
            log_segment(segment, by=by)
        assert Segment.objects.get() == segment

    def test_everything_when_one_line_has_no_salesperson(self, by):
        segment = SegmentFactory(ready=True, salesperson=None)
        for salesperson in (SalespersonFactory(), None, SalespersonFactory()):
            SegmentLineFactory(segment=segment, contact=ContactFactory(salesperson=salesperson))
        with pytest.raises(LinesNotReady) as refusal:
            log_segment(segment, by=by)
        assert [(finding.code, finding.count) for finding in refusal.value.preflight.blocking] == [
            ("no_salesperson", 1)
        ]
        assert segment.lines.count() == 3

    def test_another_version_than_the_dialog_showed(self, by):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        other = UserFactory(role="Marketing manager")
        update_segment(segment, by=other, cost=3)
        with pytest.raises(SegmentChanged, match=other.display_name):
            log_segment(segment, by=by, version=0)

    def test_another_count_than_the_button_showed(self, by):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        with pytest.raises(CountChanged, match="1 lines now, not 2"):
            log_segment(segment, by=by, count=2)

    def test_a_number_that_was_logged_under_this_very_press(self, by):
        """Somebody else's register row, committed after the check."""
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        LoggedSegmentFactory(segment_no=segment.no)
        with pytest.raises(SegmentAlreadyLogged):
            log_segment(segment, by=by)
        assert entries() == []
        assert segment.lines.count() == 1

    def test_a_second_time(self, by):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        log_segment(segment, by=by)
        with pytest.raises(SegmentAlreadyLogged):
            log_segment(segment, by=by)
        assert LoggedSegment.objects.count() == 1
        assert InteractionLogEntry.objects.count() == 1


class TestFollowUp:
    @pytest.mark.case("XS-008")
    def test_holds_the_contacts_and_the_campaign_and_one_step(self, by):
        winter, spring = CampaignFactory(), CampaignFactory()
        segment = SegmentFactory(ready=True, campaign=winter, no="SM00021", cost=5)
        first = SegmentLineFactory(segment=segment, own_description="Own").contact
        second = SegmentLineFactory(segment=segment, own_campaign=spring).contact
        logged = log_segment(segment, by=by, follow_up=True)
        follow_up = logged.follow_ups.get()
        assert follow_up.no == "SM00001"
        assert follow_up.description == "Follow-up on segment SM00021"
        assert (follow_up.campaign, follow_up.template, follow_up.cost) == (winter, None, None)
        step = follow_up.steps.get()
        assert (step.action, step.changed, step.logged_segment) == ("ADD", 2, logged)
        lines = follow_up.lines.order_by("pk")
        assert [(line.contact, line.own_campaign, line.own_description) for line in lines] == [
            (first, None, None),
            (second, spring, None),
        ]

    def test_leaves_out_who_is_excluded_or_blocked_and_counts_them(self, by):
        segment = SegmentFactory(ready=True)
        SegmentLineFactory(segment=segment)
        SegmentLineFactory(segment=segment, contact=ContactFactory(exclude_from_segment=True))
        later_blocked = SegmentLineFactory(segment=segment).contact
        logged = log_segment(segment, by=by, follow_up=True)
        follow_up = logged.follow_ups.get()
        assert logged.entries.count() == 3
        assert (follow_up.lines.count(), left_out_of(follow_up)) == (2, 1)
        Contact.objects.filter(pk=later_blocked.pk).update(privacy_blocked=True)
        followed = follow_up_on(logged, by=by)
        assert (followed.contacts, followed.left_out) == (1, 2)
        assert followed.segment.steps.get().changed == 1

    def test_is_the_same_made_while_logging_or_afterwards(self, by):
        winter, spring = CampaignFactory(), CampaignFactory()
        segment = SegmentFactory(ready=True, campaign=winter)
        for own in (None, spring, None):
            SegmentLineFactory(segment=segment, own_campaign=own)
        logged = log_segment(segment, by=by, follow_up=True)
        first, second = logged.follow_ups.get(), follow_up_on(logged, by=by).segment
        for follow_up in (first, second):
            assert (follow_up.campaign, follow_up.description) == (
                winter,
                f"Follow-up on segment {segment.no}",
            )
            assert [line.own_campaign for line in follow_up.lines.order_by("pk")] == [None, spring, None]

    def test_brings_nobody_into_a_campaign(self, by):
        spring = CampaignFactory()
        segment = SegmentFactory(ready=True)
        for own in (spring, None):
            SegmentLineFactory(segment=segment, own_campaign=own)
        follow_up = log_segment(segment, by=by, follow_up=True).follow_ups.get()
        assert follow_up.campaign is None
        assert [line.own_campaign for line in follow_up.lines.order_by("pk")] == [spring, None]

    def test_holds_a_contact_once_though_two_were_merged(self, by):
        contacts = [ContactFactory(), ContactFactory()]
        logged = log_segment(SegmentFactory(ready=True, contacts=contacts), by=by)
        Succession.objects.create(
            contact_id=contacts[1].pk, successor_id=contacts[0].pk, by=by, at=timezone.now()
        )
        InteractionLogEntry.objects.move_contact(contacts[1], to=contacts[0])
        followed = follow_up_on(logged, by=by)
        assert (followed.contacts, followed.segment.steps.get().changed) == (1, 1)

    @pytest.mark.case("XS-009")
    def test_is_made_only_when_asked_for(self, by):
        log_segment(SegmentFactory(ready=True, contacts=[ContactFactory()]), by=by)
        assert not Segment.objects.exists()

    def test_needs_a_number_series_or_nothing_is_logged(self, by):
        setup = MarketingSetup.objects.get()
        setup.segment_nos = None
        setup.save()
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        with pytest.raises(NoSegmentNumbers, match="Marketing setup"):
            log_segment(segment, by=by, follow_up=True)
        assert entries() == []
        assert Segment.objects.get() == segment


class TestGoBack:
    def test_restores_exactly_what_was_own_values_included(self, by):
        spain = [ContactFactory(country="ES", name=name) for name in ("A", "B")]
        ContactFactory(country="PT")
        segment = SegmentFactory()
        in_spain = Recipe((Condition("country", "is", ["ES"]),))
        step = add_contacts(segment, in_spain, by=by)
        assert (step.changed, step.lines_after) == (2, 2)
        segment.lines.filter(contact=spain[0]).update(own_description="Own words", own_cost=3)
        before = list(segment.lines.order_by("pk").values())
        reduce_contacts(segment, in_spain, by=by)
        assert not segment.lines.exists()
        go_back(segment, by=by)
        assert list(segment.lines.order_by("pk").values()) == before
        go_back(segment, by=by)
        assert not segment.lines.exists()
