import datetime as dt
import threading

import pytest
from django.db import connection

from crm import actions
from crm.models import Contact, MarketingSetup, NumberSeries, NumberSeriesProblem
from crm.models.numbers import add_to_number
from tests.factories import ContactFactory, NumberSeriesFactory, NumberSeriesLineFactory, UserFactory

DAY = dt.date(2026, 11, 20)


@pytest.fixture
def by(db):
    return UserFactory()


def contact_series(**values):
    """The series of contacts, changed."""
    series = NumberSeries.objects.get(code="CONTACTS")
    for name, value in values.items():
        setattr(series, name, value)
    series.save()
    return series


class TestAddToNumber:
    @pytest.mark.parametrize(
        ("number", "step", "next_one"),
        [
            ("CT000009", 1, "CT000010"),
            ("CT999", 1, "CT1000"),
            ("2026-009/A", 5, "2026-014/A"),
            ("7", 10, "17"),
        ],
    )
    def test_raises_the_last_digits_and_keeps_zeros(self, number, step, next_one):
        assert add_to_number(number, step) == next_one

    def test_refuses_a_number_without_digits(self):
        with pytest.raises(NumberSeriesProblem):
            add_to_number("ABC", 1)


@pytest.mark.django_db
class TestNumberOfANewContact:
    @pytest.mark.case("SU-016")
    def test_is_the_next_of_the_series(self, by):
        numbers = [actions.create_contact(by=by, name="Northwind").no for _ in range(2)]

        assert numbers == ["CT000001", "CT000002"]

    def test_skips_numbers_that_are_taken(self, by):
        ContactFactory(no="CT000001")
        ContactFactory(no="CT000002")

        assert actions.create_contact(by=by, name="Northwind").no == "CT000003"

    @pytest.mark.case("SU-019")
    def test_needs_a_series(self, by):
        setup = MarketingSetup.objects.get(pk=1)
        setup.contact_nos = None
        setup.save()

        with pytest.raises(actions.NoContactNumbers) as refusal:
            actions.create_contact(by=by, name="Northwind")
        assert "contact numbers" in refusal.value.for_user
        assert actions.create_contact(by=by, name="Northwind", number="anything").no == "ANYTHING"

    def test_may_be_typed_where_the_series_allows_it(self, by):
        contact_series(manual_nos=True)

        assert actions.create_contact(by=by, name="Northwind", number=" a/7 (x) ").no == "A/7 (X)"

    def test_may_not_be_typed_where_it_does_not(self, by):
        contact_series(manual_nos=False)

        with pytest.raises(NumberSeriesProblem) as refusal:
            actions.create_contact(by=by, name="Northwind", number="A7")
        assert refusal.value.for_user == (
            "Numbers of the series CONTACTS are given automatically. Leave the number empty."
        )
        assert not Contact.objects.exists()

    def test_must_be_typed_where_the_series_gives_none(self, by):
        contact_series(default_nos=False, manual_nos=True)

        with pytest.raises(NumberSeriesProblem) as refusal:
            actions.create_contact(by=by, name="Northwind")
        assert refusal.value.for_user.endswith("Enter one.")

    def test_is_refused_when_somebody_has_it(self, by):
        ContactFactory(no="A7")

        with pytest.raises(actions.NumberIsTaken) as refusal:
            actions.create_contact(by=by, name="Northwind", number="a7")
        assert refusal.value.for_user == "There is a contact with the number A7 already."

    def test_is_not_used_up_by_a_contact_that_was_refused(self, by):
        with pytest.raises(actions.CompanyIsNoCompany):
            actions.create_contact(by=by, type="PERSON", name="Ada", company=ContactFactory(person=True))

        assert actions.create_contact(by=by, name="Northwind").no == "CT000001"


@pytest.mark.django_db
class TestNumberSeries:
    def test_gives_the_numbers_of_the_line_that_began_last(self):
        series = NumberSeriesFactory()
        NumberSeriesLineFactory(series=series, starting_no="OLD1", starting_date=dt.date(2025, 1, 1))
        NumberSeriesLineFactory(series=series, starting_no="NEW1", starting_date=dt.date(2026, 1, 1))
        NumberSeriesLineFactory(series=series, starting_no="NEXT1", starting_date=dt.date(2027, 1, 1))

        assert [series.take(on=DAY), series.take(on=DAY), series.take(on=dt.date(2025, 6, 1))] == [
            "NEW1",
            "NEW2",
            "OLD1",
        ]

    def test_counts_in_its_own_steps(self):
        series = NumberSeriesFactory()
        NumberSeriesLineFactory(series=series, starting_no="A0008", increment_by=5)

        assert [series.take(on=DAY) for _ in range(3)] == ["A0008", "A0013", "A0018"]

    def test_closes_its_line_with_the_last_number(self):
        series = NumberSeriesFactory(code="SHORT")
        line = NumberSeriesLineFactory(series=series, starting_no="9", ending_no="10")

        assert [series.take(on=DAY), series.take(on=DAY)] == ["9", "10"]
        line.refresh_from_db()
        assert not line.is_open
        with pytest.raises(NumberSeriesProblem) as refusal:
            series.take(on=DAY)
        assert refusal.value.for_user == (
            "The number series SHORT has no open line for 2026-11-20. Add one to it."
        )

    def test_never_steps_over_its_end(self):
        series = NumberSeriesFactory()
        NumberSeriesLineFactory(series=series, starting_no="9", ending_no="12", increment_by=2)

        assert [series.take(on=DAY), series.take(on=DAY)] == ["9", "11"]
        with pytest.raises(NumberSeriesProblem) as refusal:
            series.take(on=DAY)
        assert "used up at 12" in refusal.value.for_user

    def test_keeps_the_order_of_days_when_it_must(self):
        series = NumberSeriesFactory(date_order=True)
        NumberSeriesLineFactory(series=series)
        series.take(on=DAY)

        with pytest.raises(NumberSeriesProblem):
            series.take(on=DAY - dt.timedelta(days=1))
        assert series.take(on=DAY) == "X0002"

    def test_says_when_it_runs_low(self):
        line = contact_series().lines.get()
        line.warning_no = "CT000100"
        line.last_no_used = "CT000099"
        line.save()
        assert not actions.contact_numbers_run_low()

        line.last_no_used = "CT000100"
        line.save()
        assert actions.contact_numbers_run_low()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_people_at_once_get_two_numbers():
    by = UserFactory()
    barrier, numbers = threading.Barrier(2), []

    def create():
        barrier.wait()
        try:
            numbers.extend(actions.create_contact(by=by, name="Northwind").no for _ in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [f"CT{number:06}" for number in range(1, 11)]
