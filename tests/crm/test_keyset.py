import base64
import datetime as dt
import json
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from django.db import connection, models
from django.db.models import CharField, F
from django.db.models.functions import Lower
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import formats
from crm.keyset import Capped, capped_count, paginate

LEDGER = ("date", "time", "id")
BY_NAME = ("company_name", "name", "id")
BY_ONE_NAME = ("name", "id")
BY_AMOUNT = ("amount", "at", "id")
ROWS = 400


class Firm(models.Model):
    title = models.CharField(max_length=20)

    class Meta:
        app_label = "keyset_tests"

    def __str__(self):
        return self.title


class Ping(models.Model):
    """A row with every kind of column that orders a list."""

    date = models.DateField()
    time = models.TimeField()
    at = models.DateTimeField()
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    company_name = models.CharField(max_length=100)
    name = models.CharField(max_length=100, blank=True)
    due = models.DateField(null=True)
    firm = models.ForeignKey(Firm, models.CASCADE, db_constraint=False)

    class Meta:
        app_label = "keyset_tests"

    def __str__(self):
        return self.name


def pings(random):
    """Rows with many ties, with times that differ by a microsecond, and with names that every sorting finds hard."""
    day = dt.date(2026, 11, 20)
    for _ in range(ROWS):
        moment = dt.datetime(2026, 11, 20, 9, 30, random.choice([0, 1]), tzinfo=dt.UTC)
        moment += dt.timedelta(days=random.randrange(3), microseconds=random.choice([0, 0, 1, 999_999]))
        yield Ping(
            date=day - dt.timedelta(days=random.randrange(5)),
            time=moment.time(),
            at=moment,
            amount=random.choice([Decimal("0.00"), Decimal("9.90"), Decimal("10.10"), Decimal("-0.05")]),
            company_name=random.choice(
                ["", "Étoile", "Etoile", "Ёлка", "a", "A", "O’Brien & Co", "10", "9", "%"]
            ),
            name=random.choice(["", "Anna", "anna", "Żaneta", "z" * 100, "Ж" * 100]),
            firm_id=random.randrange(1, 4),
        )


@pytest.fixture(scope="module", autouse=True)
def _tables(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Firm)
            editor.create_model(Ping)
        Firm.objects.bulk_create(Firm(id=number, title=title) for number, title in enumerate("bac", 1))
        Ping.objects.bulk_create(pings(Random(20_11_2026)))
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Ping)
            editor.delete_model(Firm)


pytestmark = pytest.mark.django_db


def in_plain_order(key, descending):
    return list(Ping.objects.order_by(*(f"-{part}" if descending else part for part in key)))


def forward(queryset, key, **options):
    pages = [paginate(queryset, key, **options)]
    while pages[-1].has_next:
        pages.append(paginate(queryset, key, after=pages[-1].next_cursor, **options))
    return pages


def back(page, queryset, key, **options):
    pages = [page]
    while pages[0].has_previous:
        pages.insert(0, paginate(queryset, key, before=pages[0].previous_cursor, **options))
    return pages


def flat(pages):
    return [row for page in pages for row in page]


def tampered(cursor, change):
    """*cursor* with its list of values changed by a function."""
    values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return base64.urlsafe_b64encode(json.dumps(change(values)).encode()).decode().rstrip("=")


class TestGoingForwardAndBack:
    @pytest.mark.parametrize("size", [1, 7, 50, 399, 400, 401])
    @pytest.mark.parametrize(
        ("key", "descending"), [(LEDGER, True), (BY_NAME, False), (BY_ONE_NAME, False), (BY_AMOUNT, True)]
    )
    def test_meets_every_row_once_in_plain_order(self, key, descending, size):
        there = forward(Ping.objects.all(), key, size=size, descending=descending)
        assert flat(there) == in_plain_order(key, descending)
        assert {len(page) for page in there[:-1]} <= {size}
        again = back(there[-1], Ping.objects.all(), key, size=size, descending=descending)
        assert [page.rows for page in again] == [page.rows for page in there]

    @given(
        size=st.integers(1, 60),
        key=st.sampled_from([LEDGER, BY_NAME, BY_ONE_NAME, BY_AMOUNT, ("id",), ("firm__title", "id")]),
        descending=st.booleans(),
        firm=st.sampled_from([1, 2, 3]),
    )
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_holds_for_any_size_key_direction_and_filter(self, size, key, descending, firm):
        chosen = Ping.objects.filter(firm=firm)
        there = forward(chosen, key, size=size, descending=descending)
        assert flat(there) == [row for row in in_plain_order(key, descending) if row.firm_id == firm]
        again = back(there[-1], chosen, key, size=size, descending=descending)
        assert flat(again) == flat(there)

    def test_asks_once_per_page_and_never_counts(self, django_assert_num_queries):
        page = paginate(Ping.objects.all(), LEDGER, size=7)
        with django_assert_num_queries(1) as asked:
            paginate(Ping.objects.all(), LEDGER, size=7, after=page.next_cursor)
        assert "COUNT" not in asked.captured_queries[0]["sql"]
        assert "OFFSET" not in asked.captured_queries[0]["sql"]

    def test_compares_whole_rows_within_a_bound(self, django_assert_num_queries):
        page = paginate(Ping.objects.all(), LEDGER, size=7)
        with django_assert_num_queries(1) as asked:
            paginate(Ping.objects.all(), LEDGER, size=7, after=page.next_cursor)
        sql = asked.captured_queries[0]["sql"].replace('"', "").replace("keyset_tests_ping.", "")
        assert "(date, time, id) < (" in sql
        assert "date <= " in sql


class TestAPage:
    def test_knows_whether_there_are_others(self):
        first, *_, last = pages = forward(Ping.objects.all(), LEDGER, size=150)
        assert [len(page) for page in pages] == [150, 150, 100]
        assert [page.has_next for page in pages] == [True, True, False]
        assert [page.has_previous for page in pages] == [False, True, True]
        assert (first.previous_cursor, last.next_cursor) == ("", "")

    def test_has_no_others_when_it_holds_everything(self):
        page = paginate(Ping.objects.all(), LEDGER, size=ROWS)
        assert (len(page), page.has_next, page.has_previous) == (ROWS, False, False)

    def test_of_nothing_is_empty(self):
        page = paginate(Ping.objects.none(), LEDGER)
        assert (page.rows, page.has_next, page.has_previous, page.cursor_was_bad) == ([], False, False, False)

    def test_after_the_last_row_is_empty_and_leads_to_the_first(self):
        last = paginate(
            Ping.objects.order_by("id").filter(id__gt=0), ("id",), size=ROWS - 1, descending=False
        )
        rest = Ping.objects.filter(id__lte=last.rows[-1].id)
        page = paginate(rest, ("id",), after=last.next_cursor, descending=False)
        assert (page.rows, page.has_next, page.has_previous) == ([], False, False)

    def test_before_the_second_is_full_when_rows_were_added_at_the_top(self):
        there = forward(Ping.objects.all(), LEDGER, size=100)
        top = there[0].rows[0]
        Ping.objects.create(
            date=top.date,
            time=dt.time(23, 59),
            at=top.at,
            amount=0,
            company_name="New",
            firm_id=1,
        )
        page = paginate(Ping.objects.all(), LEDGER, before=there[1].previous_cursor, size=100)
        assert page.rows == there[0].rows
        assert page.has_previous

    def test_before_the_second_is_the_first_when_rows_are_gone_from_the_top(self):
        there = forward(Ping.objects.all(), LEDGER, size=100)
        there[0].rows[3].delete()
        page = paginate(Ping.objects.all(), LEDGER, before=there[1].previous_cursor, size=100)
        assert page.rows == [*there[0].rows[:3], *there[0].rows[4:], there[1].rows[0]]
        assert not page.has_previous

    def test_keeps_its_place_when_the_row_of_its_cursor_is_gone(self):
        there = forward(Ping.objects.all(), LEDGER, size=100)
        there[0].rows[-1].delete()
        page = paginate(Ping.objects.all(), LEDGER, after=there[0].next_cursor, size=100)
        assert page.rows == there[1].rows

    def test_may_take_its_rows_from_another_queryset_by_id(self, django_assert_num_queries):
        lean = Ping.objects.values(*LEDGER)
        page = paginate(lean, LEDGER, size=50, after=paginate(lean, LEDGER, size=50).next_cursor)
        cursors = page.next_cursor, page.previous_cursor
        with django_assert_num_queries(1):
            page.fetch(Ping.objects.select_related("firm"))
            assert next(ping.firm.title for ping in page) in "abc"
        assert page.rows == in_plain_order(LEDGER, True)[50:100]
        assert (page.next_cursor, page.previous_cursor) == cursors

    def test_leaves_out_rows_that_went_between_key_and_row(self):
        page = paginate(Ping.objects.all(), LEDGER, size=50)
        page.fetch(Ping.objects.exclude(pk=page.rows[0].pk))
        assert len(page) == 49

    def test_may_be_ordered_by_an_annotation(self):
        shouting = Ping.objects.annotate(lower=Lower("name", output_field=CharField()))
        there = forward(shouting, ("lower", "id"), size=37, descending=False)
        assert flat(there) == list(shouting.order_by("lower", "id"))

    def test_may_be_ordered_through_a_foreign_key(self):
        there = forward(Ping.objects.select_related("firm"), ("firm__title", "id"), size=90, descending=False)
        assert [ping.firm.title for ping in flat(there)] == sorted(ping.firm.title for ping in flat(there))
        assert len(flat(there)) == ROWS

    def test_may_be_ordered_by_a_foreign_key_itself(self):
        there = forward(Ping.objects.all(), ("firm_id", "pk"), size=90)
        assert all(row.firm_id >= later.firm_id for row, later in pairwise(flat(there)))

    def test_cannot_be_ordered_by_what_may_be_missing(self):
        with pytest.raises(ValueError, match="due may be NULL"):
            paginate(Ping.objects.all(), ("due", "id"))


class TestACursor:
    def cursor(self, key=LEDGER, size=50, **options):
        return paginate(Ping.objects.all(), key, size=size, **options).next_cursor

    def bad(self, cursor, key=LEDGER):
        """Whether that cursor gives page 1 and says why, as after and as before."""
        first = paginate(Ping.objects.all(), key).rows
        pages = (
            paginate(Ping.objects.all(), key, after=cursor),
            paginate(Ping.objects.all(), key, before=cursor),
        )
        return all(page.cursor_was_bad and page.rows == first and page.has_next for page in pages)

    def test_keeps_microseconds(self):
        odd = Ping.objects.filter(time__gt=dt.time(9, 30), time__lt=dt.time(9, 30, 1)).order_by(*LEDGER)
        cursor = paginate(odd, ("time", "id"), size=1, descending=False).next_cursor
        assert "09:30:00.000001" in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()

    def test_is_safe_in_an_address(self):
        cursors = [
            page.next_cursor for page in forward(Ping.objects.all(), BY_NAME, size=20, descending=False)
        ]
        assert all(set(cursor) <= set(SAFE) for cursor in cursors)

    @pytest.mark.parametrize(
        "broken", ["x", "é", "====", "bnVsbA", "W10", "WzFd", "e30", "IiI", "MQ", " ", "W" * 9999]
    )
    def test_that_is_broken_gives_page_1(self, broken):
        assert self.bad(broken)

    def test_that_was_cut_gives_page_1(self):
        cursor = self.cursor()
        assert all(self.bad(cursor[:length]) for length in range(1, len(cursor) - 1))

    def test_that_nests_without_end_gives_page_1(self):
        assert self.bad(base64.urlsafe_b64encode(b"[" * 3000).decode())

    def test_of_another_list_order_or_direction_gives_page_1(self):
        assert self.bad(self.cursor(BY_NAME))
        assert self.bad(self.cursor(descending=False))
        firms = paginate(Firm.objects.all(), ("id",), size=1).next_cursor
        assert self.bad(firms, ("id",))

    @pytest.mark.parametrize(
        ("position", "value"),
        [
            (1, "2026-02-31"),
            (1, "soon"),
            (1, 20261120),
            (1, None),
            (1, ["2026-11-20"]),
            (2, "25:00"),
            (2, ""),
            (3, "x"),
            (3, 2**63),
            (3, -(2**70)),
            (3, 1.5),
            (3, True),
            (3, {"id": 1}),
        ],
    )
    def test_with_values_that_fit_no_column_gives_page_1(self, position, value):
        def change(values):
            return [*values[:position], value, *values[position + 1 :]]

        assert self.bad(tampered(self.cursor(), change))

    @pytest.mark.parametrize("name", ["a\0b", "\ud800"])
    def test_with_text_that_no_database_takes_gives_page_1(self, name):
        cursor = tampered(self.cursor(BY_ONE_NAME), lambda values: [values[0], name, values[2]])
        assert self.bad(cursor, BY_ONE_NAME)

    @pytest.mark.parametrize(
        ("amount", "at"),
        [
            ("NaN", "2026-11-20T09:30:00+00:00"),
            ("Infinity", "2026-11-20T09:30:00+00:00"),
            ("1e9999", "2026-11-20T09:30:00+00:00"),
            ("1e-999999", "2026-11-20T09:30:00+00:00"),
            ("1.00", "2026-11-20T09:30:00"),
            ("1.00", "0001-01-01T00:00:00+14:00"),
            ("1.00", "2026-11-20"),
        ],
    )
    def test_with_numbers_and_instants_beyond_all_bounds_gives_page_1(self, amount, at):
        cursor = tampered(self.cursor(BY_AMOUNT), lambda values: [values[0], amount, at, values[3]])
        assert self.bad(cursor, BY_AMOUNT)

    def test_with_too_few_or_too_many_values_gives_page_1(self):
        assert self.bad(tampered(self.cursor(), lambda values: values[:-1]))
        assert self.bad(tampered(self.cursor(), lambda values: [*values, 1]))

    @given(
        st.text(max_size=40)
        | st.binary(max_size=40).map(lambda data: base64.urlsafe_b64encode(data).decode())
    )
    @settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_may_be_anything_and_is_never_an_error(self, cursor):
        assert cursor == "" or self.bad(cursor)


SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class TestACappedCount:
    def test_is_exact_up_to_the_cap(self):
        assert capped_count(Ping.objects.all()) == Capped(ROWS, False)
        assert capped_count(Ping.objects.all(), cap=ROWS) == Capped(ROWS, False)
        assert capped_count(Ping.objects.none()) == Capped(0, False)

    def test_stops_at_the_cap(self, django_assert_num_queries):
        with django_assert_num_queries(1) as asked:
            assert capped_count(Ping.objects.order_by("name"), cap=ROWS - 1) == Capped(ROWS - 1, True)
        assert "LIMIT 400" in asked.captured_queries[0]["sql"]
        assert "ORDER BY" not in asked.captured_queries[0]["sql"]

    def test_does_not_compute_annotations(self, django_assert_num_queries):
        with django_assert_num_queries(1) as asked:
            capped_count(Ping.objects.annotate(twice=F("amount") * 2))
        assert "amount" not in asked.captured_queries[0]["sql"]

    def test_is_written_by_region(self):
        with formats.override("en-GB"):
            assert Capped(10_000, True).label == "10,000+"
            assert str(Capped(412, False)) == "412"
        with formats.override("ru-RU"):
            assert Capped(10_000, True).label == "10\u00a0000+"
