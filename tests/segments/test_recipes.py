"""Criteria kept and used again, logged segments used again, mailing groups (R-58, R-59)."""

import pytest

from crm.actions import GroupIsGone
from crm.models import (
    Contact,
    ContactMailingGroup,
    User,
)
from segments.actions import (
    CodeIsTaken,
    HasSteps,
    NoCriteria,
    OthersLeave,
    add_contact,
    add_contacts,
    apply_mailing_group,
    count_leaving,
    go_back,
    reduce_contacts,
    refine_contacts,
    remove_lines,
    reuse_criteria,
    reuse_logged_segment,
    save_criteria,
)
from segments.criteria import (
    EXPAND_COMPANIES,
    BadCondition,
)
from segments.models import (
    CriteriaStep,
    SavedCriteria,
)
from tests.factories import (
    ContactFactory,
    ContactMailingGroupFactory,
    InteractionLogEntryFactory,
    LoggedSegmentFactory,
    MailingGroupFactory,
    SalespersonFactory,
    SegmentFactory,
    UserFactory,
)
from tests.segments.choosing import (
    contacts,
    in_country,
    recipe,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


class TestSaveCriteria:
    @pytest.mark.case("SG-008")
    def test_keeps_the_steps_in_force_without_the_contacts(self, by):
        segment = SegmentFactory()
        add_contacts(segment, in_country("ES"), by=by)
        reduce_contacts(segment, recipe(("city", "matches", "A*")), by=by)
        add_contacts(segment, in_country("PT"), by=by)
        go_back(segment, by=by)
        saved = save_criteria(segment, code="spain", description="Spain without A", by=by)
        assert SavedCriteria.objects.get(code="SPAIN") == saved
        assert [step["action"] for step in saved.steps] == ["ADD", "REDUCE"]

    def test_needs_a_step_and_a_code_that_is_free(self, by):
        segment = SegmentFactory()
        with pytest.raises(NoCriteria):
            save_criteria(segment, code="SPAIN", by=by)
        add_contacts(segment, in_country("ES"), by=by)
        save_criteria(segment, code="SPAIN", by=by)
        with pytest.raises(CodeIsTaken, match="SPAIN"):
            save_criteria(segment, code=" spain", by=by)


class TestReuseCriteria:
    @pytest.mark.case("SG-009")
    def test_adds_a_contact_again_whose_line_was_deleted(self, by):
        c1, c2 = ContactFactory(), ContactFactory(salesperson=SalespersonFactory())
        segment = SegmentFactory()
        for contact in (c1, c2):
            add_contact(segment, contact, by=by)
        saved = save_criteria(segment, code="BOTH", by=by)
        remove_lines(segment, segment.lines.filter(contact=c2), by=by)
        reuse_criteria(segment, saved, by=by, confirmed=True)
        assert contacts(segment) == [c1, c2]

    def test_does_the_steps_against_the_contacts_of_today_with_their_options(self, by):
        company = ContactFactory(country="ES")
        segment = SegmentFactory()
        add_contacts(segment, in_country("ES", options=[EXPAND_COMPANIES]), by=by)
        refine_contacts(segment, in_country("ES", options=["entire_companies"]), by=by)
        saved = save_criteria(segment, code="SPAIN", by=by)
        newcomer = ContactFactory(person=True, company=company)
        other = SegmentFactory()
        made = reuse_criteria(other, saved, by=by)
        assert contacts(other) == [company, newcomer]
        assert [(step.action, step.origin) for step in made] == [("ADD", "SAVED"), ("REFINE", "SAVED")]

    def test_brings_back_an_excluded_contact_that_somebody_named(self, by):
        segment = SegmentFactory()
        add_contact(segment, excluded := ContactFactory(exclude_from_segment=True), by=by)
        other = SegmentFactory()
        reuse_criteria(other, save_criteria(segment, code="ONE", by=by), by=by)
        assert contacts(other) == [excluded]

    @pytest.mark.case("XS-036")
    def test_warns_with_the_number_of_steps_that_are_there(self, by):
        segment = SegmentFactory()
        for country in ("ES", "PT"):
            add_contacts(segment, in_country(country), by=by)
        saved = save_criteria(segment, code="IBERIA", by=by)
        with pytest.raises(HasSteps, match="2 criteria steps") as warning:
            reuse_criteria(segment, saved, by=by)
        assert warning.value.steps == 2
        assert segment.steps.count() == 2
        reuse_criteria(segment, saved, by=by, confirmed=True)
        assert segment.steps.count() == 4

    def test_stops_at_a_value_that_is_gone_and_does_nothing(self, by):
        group = MailingGroupFactory(code="OLD")
        segment = SegmentFactory()
        add_contacts(segment, in_country("ES"), by=by)
        add_contacts(segment, recipe(("mailing_group", "is", ["OLD"])), by=by)
        saved = save_criteria(segment, code="OLD", by=by)
        group.delete()
        other = SegmentFactory()
        with pytest.raises(BadCondition, match="knows no “OLD” any more") as refusal:
            reuse_criteria(other, saved, by=by)
        assert refusal.value.position == 0
        assert not CriteriaStep.objects.filter(segment=other).exists()


class TestReuseLoggedSegment:
    def test_adds_the_contacts_it_reached_once_each(self, by):
        logged = LoggedSegmentFactory()
        reached = ContactFactory()
        for number in range(2):
            InteractionLogEntryFactory(logged_segment=logged, contact=reached, segment_line_no=number)
        InteractionLogEntryFactory(logged_segment=logged, canceled=True)
        segment = SegmentFactory()
        step = reuse_logged_segment(segment, logged, by=by)
        assert contacts(segment) == [reached]
        assert (step.origin, step.logged_segment) == ("LOGGED", logged)
        with pytest.raises(HasSteps):
            reuse_logged_segment(segment, logged, by=by)


class TestApplyMailingGroup:
    @pytest.mark.case("CS-017")
    def test_puts_every_contact_into_it_once(self, by):
        group = MailingGroupFactory()
        inside = ContactMailingGroupFactory(mailing_group=group).contact
        segment = SegmentFactory(contacts=[inside, new := ContactFactory()])
        assert apply_mailing_group(segment, group, by=by).joined == [new.pk]
        members = ContactMailingGroup.objects.filter(mailing_group=group)
        assert {member.contact for member in members} == {inside, new}

    def test_can_clear_it_first(self, by):
        group = MailingGroupFactory()
        before = ContactMailingGroupFactory(mailing_group=group).contact
        other = ContactMailingGroupFactory(contact=before)
        segment = SegmentFactory(contacts=[new := ContactFactory()])
        apply_mailing_group(segment, group, by=by, clear=True)
        assert [member.contact for member in ContactMailingGroup.objects.filter(mailing_group=group)] == [new]
        assert ContactMailingGroup.objects.filter(pk=other.pk).exists()
        changed = Contact.objects.get(pk=before.pk).modified_at
        assert changed > before.modified_at

    def test_touches_nobody_whom_one_does_not_see(self):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        seen, unseen, member = (
            ContactFactory(salesperson=owner) for owner in (mine, SalespersonFactory(), SalespersonFactory())
        )
        group = MailingGroupFactory()
        ContactMailingGroupFactory(mailing_group=group, contact=member)
        segment = SegmentFactory(contacts=[seen, unseen])
        me = User.objects.get(pk=mine.user_id)
        assert apply_mailing_group(segment, group, by=me, clear=True).joined == [seen.pk]
        members = ContactMailingGroup.objects.filter(mailing_group=group)
        assert {row.contact for row in members} == {seen, member}

    def test_leaves_those_in_peace_who_stay_when_it_is_cleared(self, by):
        stays = ContactMailingGroupFactory()
        segment = SegmentFactory(contacts=[stays.contact])
        moved = apply_mailing_group(segment, stays.mailing_group, by=by, clear=True)
        assert (moved.joined, moved.left) == ([], [])
        assert ContactMailingGroup.objects.get() == stays

    def test_takes_out_as_many_as_were_confirmed_or_nobody(self, by):
        member = ContactMailingGroupFactory()
        segment, group = SegmentFactory(contacts=[ContactFactory()]), member.mailing_group
        assert count_leaving(segment, group, by=by) == 1
        with pytest.raises(OthersLeave):
            apply_mailing_group(segment, group, by=by, clear=True, leaving=2)
        assert ContactMailingGroup.objects.get() == member
        assert apply_mailing_group(segment, group, by=by, clear=True, leaving=1).left == [member.contact_id]

    def test_says_that_the_group_is_gone(self, by):
        group = MailingGroupFactory()
        type(group).objects.all().delete()
        with pytest.raises(GroupIsGone):
            apply_mailing_group(SegmentFactory(), group, by=by)
