"""Contacts by pasted numbers and e-mail addresses (ui 5.9)."""

import pytest

from crm.models import (
    User,
)
from segments.actions import (
    add_pasted,
)
from segments.models import (
    Segment,
)
from tests.factories import (
    ContactFactory,
    SalespersonFactory,
    SegmentFactory,
    UserFactory,
)
from tests.segments.choosing import (
    contacts,
    steps,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


class TestAddPasted:
    def test_takes_numbers_and_addresses_in_any_case_by_one_step(self, by):
        ferrer = ContactFactory(no="CT000101", name="Ferrer")
        brisa = ContactFactory(name="Brisa", email="Hola@Brisa.test")
        calma = ContactFactory(name="Calma", email_2="INFO@calma.test")
        segment = SegmentFactory()
        done = add_pasted(segment, ["ct000101", "hola@brisa.TEST", "info@calma.test", "CT000101"], by=by)
        assert set(contacts(segment)) == {ferrer, brisa, calma}
        assert steps(segment) == [("ADD", 3, 3)]
        assert (done.added.added, done.unknown, done.several) == (3, [], [])

    def test_names_what_fits_nobody_and_what_fits_several(self, by):
        ContactFactory(email="office@firm.test"), ContactFactory(email="office@firm.test")
        known = ContactFactory()
        segment = SegmentFactory()
        texts = ["CT-NOBODY", known.no, "office@firm.test", "no@body.test"]
        done = add_pasted(segment, texts, by=by)
        assert contacts(segment) == [known]
        assert (done.unknown, done.several) == (["CT-NOBODY", "no@body.test"], ["office@firm.test"])

    def test_writes_nothing_when_nobody_is_known(self, by):
        segment = SegmentFactory()
        done = add_pasted(segment, ["CT-NOBODY"], by=by)
        assert done.added is None
        assert not segment.steps.exists()
        assert Segment.objects.get(pk=segment.pk).version == segment.version

    def test_finds_only_whom_one_sees(self):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        hidden = ContactFactory(salesperson=SalespersonFactory(), email="hidden@firm.test")
        me = User.objects.get(pk=mine.user_id)
        done = add_pasted(SegmentFactory(), [hidden.no, hidden.email], by=me)
        assert done.unknown == [hidden.no, hidden.email]

    def test_leaves_blocked_ones_out_and_takes_excluded_ones(self, by):
        blocked, excluded = ContactFactory(privacy_blocked=True), ContactFactory(exclude_from_segment=True)
        done = add_pasted(SegmentFactory(), [blocked.no, excluded.no], by=by)
        assert (done.added.added, done.added.left_out) == (1, 1)

    @pytest.mark.parametrize("count", [1, 3])
    def test_asks_the_same_for_any_number_of_texts(self, by, count, django_assert_num_queries):
        by, segment = User.objects.get(pk=by.pk), SegmentFactory()
        by.has_perm("crm.view_contact"), by.scope
        texts = [ContactFactory().no for _number in range(count)] + [f"{n}@x.test" for n in range(count)]
        with django_assert_num_queries(PASTE_QUERIES):
            add_pasted(segment, texts, by=by)


PASTE_QUERIES = 17
