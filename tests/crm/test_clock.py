import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from crm import clock

FRIDAY = dt.date(2026, 11, 20)
SUNDAY = dt.date(2026, 11, 22)
NEW_YEAR = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class TestToday:
    @pytest.mark.parametrize(
        ("zone", "day"),
        [
            (
                "Etc/GMT+12",
                dt.date(2026, 11, 19),
            ),  # twelve hours behind: the sign of these names is turned round
            ("America/Los_Angeles", dt.date(2026, 11, 20)),
            ("UTC", dt.date(2026, 11, 20)),
            ("Europe/Madrid", dt.date(2026, 11, 20)),
            ("Pacific/Kiritimati", dt.date(2026, 11, 21)),
        ],
    )
    def test_is_the_date_in_the_zone_of_the_reader(self, zone, day):
        with time_machine.travel("2026-11-20T11:30:00Z", tick=False), timezone.override(zone):
            assert clock.today() == day

    def test_begins_anew_at_midnight_of_the_reader(self):
        with timezone.override("Europe/Madrid"):
            with time_machine.travel("2026-11-19T22:59:59Z", tick=False):
                assert clock.today() == dt.date(2026, 11, 19)
            with time_machine.travel("2026-11-19T23:00:00Z", tick=False):
                assert clock.today() == dt.date(2026, 11, 20)


class TestNow:
    def test_is_an_aware_instant_on_the_clock_of_the_reader(self):
        with time_machine.travel("2026-11-20T08:30:00Z", tick=False), timezone.override("Europe/Madrid"):
            assert clock.now().isoformat() == "2026-11-20T09:30:00+01:00"


class TestThisYear:
    @pytest.mark.parametrize("zone", ["Etc/GMT+12", "UTC", "Europe/Madrid", "Pacific/Kiritimati"])
    @pytest.mark.parametrize(
        "instant",
        ["2026-06-15T12:00:00Z", "2026-12-31T09:59:59Z", "2026-12-31T10:00:00Z", "2027-01-01T11:59:59Z"],
    )
    def test_is_the_year_of_today(self, instant, zone):
        with time_machine.travel(instant, tick=False), timezone.override(zone):
            assert clock.this_year() == clock.today().year


class TestStartOfWeek:
    @pytest.mark.parametrize(
        ("day", "region", "start"),
        [
            (FRIDAY, "en-GB", dt.date(2026, 11, 16)),
            (FRIDAY, "en-US", dt.date(2026, 11, 15)),
            (SUNDAY, "es-ES", dt.date(2026, 11, 16)),
            (SUNDAY, "en-US", SUNDAY),
            (dt.date(2026, 11, 16), "ru-RU", dt.date(2026, 11, 16)),
            (dt.date(2027, 1, 1), "fr-FR", dt.date(2026, 12, 28)),
        ],
    )
    def test_is_the_first_weekday_of_the_region(self, day, region, start):
        assert clock.start_of_week(day, region) == start

    @given(day=st.dates(min_value=dt.date(1, 1, 8)), region=st.sampled_from(["en-GB", "en-US", "ar-EG"]))
    def test_holds_the_day_and_six_others(self, day, region):
        start = clock.start_of_week(day, region)
        assert 0 <= (day - start).days <= 6
        assert clock.start_of_week(start, region) == start


class TestThisMinute:
    @pytest.mark.parametrize("instant", ["2026-11-20T10:00:00Z", "2026-11-20T10:00:59.999999Z"])
    def test_is_the_full_minute_that_has_begun(self, instant):
        with time_machine.travel(instant, tick=False):
            assert clock.this_minute() == (FRIDAY, dt.time(10, 0))

    def test_may_be_of_another_day_than_utc(self):
        with time_machine.travel("2026-12-31T23:59:30Z", tick=False), timezone.override("Europe/Madrid"):
            assert clock.this_minute() == (dt.date(2027, 1, 1), dt.time(0, 59))

    @pytest.mark.parametrize(
        ("instant", "start"),
        [
            ("2026-03-29T01:00:30Z", dt.time(3, 0)),  # 02:00 to 03:00 does not exist that night
            ("2026-10-25T00:59:30Z", dt.time(2, 59)),  # 02:00 to 03:00 comes twice
            ("2026-10-25T01:00:30Z", dt.time(2, 0)),
        ],
    )
    def test_is_what_the_wall_shows_when_clocks_change(self, instant, start):
        with time_machine.travel(instant, tick=False), timezone.override("Europe/Madrid"):
            assert clock.this_minute()[1] == start

    @given(
        seconds=st.integers(0, 20 * 366 * 86_400),
        microseconds=st.integers(0, 999_999),
        zone=st.sampled_from(
            ["Etc/GMT+12", "Asia/Kolkata", "Europe/Moscow", "Pacific/Kiritimati", "Europe/London"]
        ),
    )
    def test_is_never_ahead_and_less_than_a_minute_ago_in_every_zone(self, seconds, microseconds, zone):
        instant = NEW_YEAR + dt.timedelta(seconds=seconds, microseconds=microseconds)
        with time_machine.travel(instant, tick=False), timezone.override(zone):
            date, time = clock.this_minute()
        assert (time.second, time.microsecond) == (0, 0)
        folds = [dt.datetime.combine(date, time.replace(fold=fold), ZoneInfo(zone)) for fold in (0, 1)]
        assert any(dt.timedelta() <= instant - start < dt.timedelta(minutes=1) for start in folds)


class TestIsFuture:
    @pytest.fixture(autouse=True)
    def morning_in_madrid(self):
        with time_machine.travel("2026-11-20T08:30:20Z", tick=False), timezone.override("Europe/Madrid"):
            yield

    def test_is_about_days_when_there_is_no_time(self):
        assert clock.is_future(dt.date(2026, 11, 21))
        assert not clock.is_future(FRIDAY)
        assert not clock.is_future(dt.date(2026, 11, 19))

    def test_is_about_the_wall_clock_of_the_reader_when_there_is_one(self):
        assert clock.is_future(FRIDAY, dt.time(9, 32))
        assert not clock.is_future(FRIDAY, dt.time(9, 30))
        assert not clock.is_future(dt.date(2026, 11, 19), dt.time(23, 59))
        assert clock.is_future(dt.date(2026, 11, 21), dt.time(0, 0))

    def test_begins_with_the_next_minute(self):
        assert not clock.is_future(*clock.this_minute())
        assert clock.is_future(FRIDAY, dt.time(9, 31))

    def test_depends_on_where_the_reader_is(self):
        with timezone.override("America/New_York"):
            assert clock.is_future(FRIDAY, dt.time(9, 30))
        with timezone.override("Asia/Tokyo"):
            assert not clock.is_future(FRIDAY, dt.time(9, 32))
