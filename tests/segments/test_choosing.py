"""Adding, reducing and refining, and the steps that record it (R-52 to R-56)."""

import pytest

from crm.models import (
    Contact,
    User,
)
from interactions.actions import ContactIsBlocked
from segments.actions import (
    ContactAlreadyIn,
    NobodyNew,
    SegmentChanged,
    SegmentIsGone,
    add_chosen,
    add_contact,
    add_contacts,
    count_candidates,
    count_hits,
    delete_segments,
    reduce_contacts,
    refine_contacts,
    remove_lines,
    update_segment,
)
from segments.criteria import (
    EXPAND_COMPANIES,
    IGNORE_EXCLUSION,
    Recipe,
)
from segments.models import (
    CriteriaStep,
    Segment,
    SegmentLine,
)
from tests.factories import (
    ContactFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    SegmentFactory,
    UserFactory,
)
from tests.segments.choosing import (
    contacts,
    in_country,
    only,
    recipe,
    steps,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


class TestAddContacts:
    @pytest.mark.case("SG-001", "CS-003")
    def test_gives_each_contact_found_a_line_with_its_own_data(self, by):
        salesperson = SalespersonFactory()
        contact = ContactFactory(salesperson=salesperson, channel="HARD_COPY")
        ContactFactory()
        segment = SegmentFactory(template=InteractionTemplateFactory(channel=""))
        step = add_contacts(segment, only(contact), by=by)
        line = segment.lines.effective().get()
        assert (line.contact, line.salesperson, line.channel) == (contact, salesperson.pk, "HARD_COPY")
        assert (step.action, step.changed, step.lines_after, step.created_by) == ("ADD", 1, 1, by)

    @pytest.mark.case("CS-012")
    def test_every_line_has_the_template_of_the_header(self, by):
        ContactFactory.create_batch(2)
        segment = SegmentFactory(template=InteractionTemplateFactory())
        add_contacts(segment, recipe(), by=by)
        assert [line.template for line in segment.lines.effective()] == [segment.template_id] * 2

    def test_passes_over_those_who_are_in_already(self, by):
        inside, outside = ContactFactory(), ContactFactory()
        segment = SegmentFactory(contacts=[inside])
        assert add_contacts(segment, recipe(), by=by).changed == 1
        assert contacts(segment) == [inside, outside]

    def test_takes_only_contacts_that_the_user_sees(self):
        salesperson = SalespersonFactory(user=UserFactory(role="Salesperson"))
        mine, _other = (
            ContactFactory(salesperson=salesperson),
            ContactFactory(salesperson=SalespersonFactory()),
        )
        seen = list(Contact.objects.visible_to(User.objects.get(pk=salesperson.user_id)).order_by("pk"))
        assert mine in seen
        segment = SegmentFactory()
        add_contacts(segment, recipe(), by=User.objects.get(pk=salesperson.user_id))
        assert contacts(segment) == seen

    def test_records_a_step_even_when_nothing_changed(self, by):
        segment = SegmentFactory()
        add_contacts(segment, in_country("ES"), by=by)
        assert steps(segment) == [("ADD", 0, 0)]

    def test_refuses_a_segment_that_changed_or_is_gone(self, by):
        segment = SegmentFactory()
        update_segment(segment, by=by, cost=2)
        with pytest.raises(SegmentChanged):
            add_contacts(segment, recipe(), by=by, version=0)
        delete_segments(Segment.objects.all(), by=by)
        with pytest.raises(SegmentIsGone):
            add_contacts(segment, recipe(), by=by)


class TestCounts:
    def test_say_what_an_add_would_do_and_who_is_left_out_and_why(self, by):
        spain = [ContactFactory(country="ES") for _number in range(3)]
        ContactFactory(country="ES", privacy_blocked=True)
        ContactFactory(country="ES", privacy_blocked=True, exclude_from_segment=True)
        ContactFactory(country="ES", exclude_from_segment=True)
        inside = ContactFactory(country="ES", exclude_from_segment=True)
        ContactFactory(country="PT")
        segment = SegmentFactory(contacts=[spain[0], inside])
        assert count_candidates(segment, in_country("ES"), by=by) == {
            "match": 7,
            "new": 2,
            "already_in": 2,
            "blocked": 2,
            "excluded": 1,
        }
        wanted = in_country("ES", options=[IGNORE_EXCLUSION])
        assert count_candidates(segment, wanted, by=by) | {"match": 0} == {
            "match": 0,
            "new": 3,
            "already_in": 2,
            "blocked": 2,
            "excluded": 0,
        }
        assert add_contacts(segment, wanted, by=by).changed == 3

    def test_are_one_query_for_each_set(self, by, django_assert_num_queries):
        segment, by = SegmentFactory(contacts=[ContactFactory()]), User.objects.get(pk=by.pk)
        by.has_perm("crm.view_contact"), by.scope
        condition = recipe(("city", "matches", "A*"), options=[EXPAND_COMPANIES])
        with django_assert_num_queries(1):
            count_candidates(segment, condition, by=by)
        with django_assert_num_queries(2):
            count_hits(segment, condition, by=by)

    def test_of_hits_say_how_many_lines_meet_them(self, by):
        segment = SegmentFactory(contacts=[ContactFactory(country="ES"), ContactFactory()])
        assert count_hits(segment, in_country("ES"), by=by) == {"match": 1, "lines": 2}
        assert count_hits(segment, recipe(), by=by) == {"match": 2, "lines": 2}


class TestByHand:
    @pytest.mark.case("SG-002", "SG-003")
    def test_a_contact_typed_is_a_line_and_a_step(self, by):
        segment, contact = SegmentFactory(), ContactFactory()
        line = add_contact(segment, contact, by=by)
        assert (line.contact, line.added_by) == (contact, segment.steps.get())
        assert steps(segment) == [("ADD", 1, 1)]

    def test_a_contact_twice_is_refused(self, by):
        segment = SegmentFactory(contacts=[ferrer := ContactFactory(name="Ferrer")])
        with pytest.raises(ContactAlreadyIn, match="Ferrer is in this segment already"):
            add_contact(segment, ferrer, by=by)
        assert segment.steps.count() == 1

    def test_a_blocked_contact_is_refused(self, by):
        with pytest.raises(ContactIsBlocked):
            add_contact(SegmentFactory(), ContactFactory(privacy_blocked=True), by=by)

    def test_ticked_contacts_come_at_once_except_blocked_ones(self, by):
        segment = SegmentFactory(contacts=[inside := ContactFactory()])
        new, excluded = ContactFactory(), ContactFactory(exclude_from_segment=True)
        ContactFactory(privacy_blocked=True)
        assert add_chosen(segment, Contact.objects.all(), by=by).added == 2
        assert {inside, new, excluded} == set(contacts(segment))

    def test_ticked_lines_go_at_once(self, by):
        segment = SegmentFactory(contacts=[ContactFactory(), ContactFactory()])
        other = SegmentFactory(contacts=[ContactFactory()])
        step = remove_lines(segment, SegmentLine.objects.all(), by=by)
        assert (step.action, step.changed, step.lines_after) == ("REDUCE", 2, 0)
        assert other.lines.count() == 1


class TestReduceAndRefine:
    @pytest.mark.case("CS-004", "SG-006")
    def test_go_by_the_salesperson(self, by):
        first, second = SalespersonFactory(), SalespersonFactory()
        c1, c2 = ContactFactory(salesperson=first), ContactFactory(salesperson=second)
        of_first, of_second = (recipe(("salesperson", "is", [who.code])) for who in (first, second))
        reduced, refined = SegmentFactory(contacts=[c1, c2]), SegmentFactory(contacts=[c1, c2])
        reduce_contacts(reduced, of_first, by=by)
        refine_contacts(refined, of_second, by=by)
        assert contacts(reduced) == contacts(refined) == [c2]

    @pytest.mark.case("CS-018", "CS-019")
    def test_take_lines_typed_by_hand_too(self, by):
        c1, c2 = ContactFactory(), ContactFactory()
        for verb, left in ((reduce_contacts, c2), (refine_contacts, c1)):
            segment = SegmentFactory()
            for contact in (c1, c2):
                add_contact(segment, contact, by=by)
            verb(segment, only(c1), by=by)
            assert contacts(segment) == [left]

    def test_without_conditions_reduce_empties_and_refine_keeps_all(self, by):
        segment = SegmentFactory(contacts=[ContactFactory(), ContactFactory()])
        assert refine_contacts(segment, recipe(), by=by).changed == 0
        assert reduce_contacts(segment, recipe(), by=by).changed == 2

    def test_touch_no_other_segment(self, by):
        contact = ContactFactory()
        segment, other = SegmentFactory(contacts=[contact]), SegmentFactory(contacts=[contact])
        refine_contacts(segment, in_country("ES"), by=by)
        assert (segment.lines.count(), other.lines.count()) == (0, 1)


class TestScope:
    """Whoever sees the own contacts only, changes those only."""

    @pytest.fixture
    def mine(self):
        return SalespersonFactory(user=UserFactory(role="Salesperson"))

    @pytest.fixture
    def lines(self, mine):
        """A segment with a contact of mine and one of somebody else, both Spanish."""
        others = SalespersonFactory(user=UserFactory())
        return SegmentFactory(
            salesperson=mine,
            contacts=[ContactFactory(salesperson=owner, country="ES") for owner in (mine, others)],
        )

    def test_leaves_lines_alone_that_one_does_not_see(self, mine, lines):
        me = User.objects.get(pk=mine.user_id)
        assert count_hits(lines, in_country("ES"), by=me) == {"match": 1, "lines": 1}
        assert reduce_contacts(lines, in_country("ES"), by=me).changed == 1
        assert [contact.salesperson for contact in contacts(lines)] != [mine]
        assert refine_contacts(lines, in_country("PT"), by=me).changed == 0

    def test_refines_what_one_sees(self, mine, lines):
        me = User.objects.get(pk=mine.user_id)
        step = refine_contacts(lines, in_country("PT"), by=me)
        assert (step.changed, step.lines_after) == (1, 1)


class TestAddChosen:
    def test_says_how_many_stayed_out(self, by):
        inside, _new = ContactFactory(), ContactFactory()
        ContactFactory(privacy_blocked=True)
        segment = SegmentFactory(contacts=[inside])
        done = add_chosen(segment, Contact.objects.all(), by=by)
        assert (done.added, done.left_out) == (1, 2)

    def test_of_a_filter_leaves_excluded_ones_out_and_of_named_ones_does_not(self, by):
        ContactFactory(exclude_from_segment=True)
        with pytest.raises(NobodyNew):
            add_chosen(segment := SegmentFactory(), Contact.objects.all(), by=by, named=False)
        assert not segment.steps.exists()
        assert add_chosen(SegmentFactory(), Contact.objects.all(), by=by).added == 1

    def test_records_the_numbers_of_those_who_came(self, by):
        new = [ContactFactory(name=name) for name in ("B", "A")]
        ContactFactory(privacy_blocked=True)
        step = add_chosen(SegmentFactory(), Contact.objects.all(), by=by).step
        assert CriteriaStep.objects.get(pk=step.pk).recipe["conditions"][0]["value"] == [new[1].no, new[0].no]


class TestManyNumbers:
    """A step may name a hundred thousand contacts."""

    NAMED = 100_000

    def test_are_found_again_by_one_parameter(self, by):
        here = [ContactFactory(), ContactFactory()]
        ContactFactory()
        named = [contact.no for contact in here] + [f"X{number}" for number in range(self.NAMED)]
        segment = SegmentFactory()
        assert add_contacts(segment, Recipe.of_contacts(named), by=by).changed == 2
        assert refine_contacts(segment, Recipe.of_contacts(named), by=by).changed == 0
        assert reduce_contacts(segment, Recipe.of_contacts(named[1:]), by=by).changed == 1

    def test_stay_in_the_database_when_steps_are_read(self, by):
        segment = SegmentFactory()
        add_contacts(segment, Recipe.of_contacts([f"X{number}" for number in range(10)]), by=by)
        step = segment.steps.get()
        assert "recipe" in step.get_deferred_fields()
        [condition] = step.outline["conditions"]
        assert (condition["value"], condition["more"]) == (["X0", "X1", "X2"], 7)
        assert len(step.recipe["conditions"][0]["value"]) == 10
