import datetime as dt
from decimal import Decimal
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
import time_machine
from babel import Locale
from django.template import Context, Template
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from crm import formats

FRIDAY = dt.date(2026, 11, 20)
AFTERNOON = dt.time(14, 30)
MADRID = ZoneInfo("Europe/Madrid")
PRICE = Decimal("1248.50")
BIG = Decimal("12480.5")
FIVE = ["en-GB", "en-US", "es-ES", "fr-FR", "ru-RU"]

# ui 4.5, row by row. ⍽ there and the blanks inside numbers and times are no-break blanks: nb (U+00A0), nnb (U+202F).
TABLE = {
    "in tables": (
        lambda: formats.date_table(FRIDAY),
        ["20 Nov 2026", "Nov 20, 2026", "20 nov 2026", "20 nov. 2026", "20.11.2026"],
    ),
    "same year, dense table": (
        lambda: formats.date_dense(FRIDAY),
        ["20 Nov", "Nov 20", "20 nov", "20 nov.", "20.11"],
    ),
    "long": (
        lambda: formats.date_long(FRIDAY),
        [
            "Friday, 20 November 2026",
            "Friday, November 20, 2026",
            "viernes, 20 de noviembre de 2026",
            "vendredi 20 novembre 2026",
            "пятница, 20 ноября 2026{nnb}г.",
        ],
    ),
    "month": (
        lambda: formats.month_year(FRIDAY),
        ["November 2026", "November 2026", "noviembre de 2026", "novembre 2026", "ноябрь 2026{nnb}г."],
    ),
    "time": (
        lambda: formats.time_short(AFTERNOON),
        ["14:30", "2:30{nnb}PM", "14:30", "14:30", "14:30"],
    ),
    "number": (
        lambda: formats.decimal(PRICE),
        ["1,248.5", "1,248.5", "1248,5", "1{nnb}248,5", "1{nb}248,5"],
    ),
    "number of five digits": (
        lambda: formats.decimal(BIG, 2),
        ["12,480.50", "12,480.50", "12.480,50", "12{nnb}480,50", "12{nb}480,50"],
    ),
    "whole number": (
        lambda: formats.integer(12480),
        ["12,480", "12,480", "12.480", "12{nnb}480", "12{nb}480"],
    ),
    "money": (
        lambda: formats.money(PRICE, "EUR"),
        ["€1,248.50", "€1,248.50", "1248,50{nb}€", "1{nnb}248,50{nb}€", "1{nb}248,50{nb}€"],
    ),
    "percent": (lambda: formats.percent(0.08), ["8%", "8%", "8{nb}%", "8{nb}%", "8{nb}%"]),
}


@pytest.fixture(autouse=True)
def _morning_in_madrid():
    with time_machine.travel("2026-11-20T08:30:00Z", tick=False), timezone.override("Europe/Madrid"):
        yield


@pytest.fixture
def british():
    with formats.override("en-GB"):
        yield


def moment(day, hour=17, minute=48):
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=MADRID)


class TestTheTableOfRegions:
    @pytest.mark.parametrize("row", TABLE)
    @pytest.mark.parametrize("region", FIVE)
    def test_holds_literally(self, row, region):
        write, cells = TABLE[row]
        with formats.override(region):
            assert write() == cells[FIVE.index(region)].format(nb="\u00a0", nnb="\u202f")

    @pytest.mark.parametrize("region", [tag for tag, name in formats.REGIONS])
    def test_could_be_filled_for_every_region_on_offer(self, region):
        with formats.override(region):
            assert all(write() for write, cells in TABLE.values())


class TestTheActiveRegion:
    @pytest.mark.parametrize(
        ("language", "region"), [("en", "en-GB"), ("es", "es-ES"), ("fr", "fr-FR"), ("ru", "ru-RU")]
    )
    def test_follows_the_language_of_the_pages_until_one_is_chosen(self, language, region):
        with translation.override(language):
            assert formats.active() == region
            with formats.override("en-US"):
                assert formats.active() == "en-US"
            assert formats.active() == region

    def test_is_there_without_any_language(self):
        with translation.override(None):
            assert formats.active() == "en-GB"

    @pytest.mark.parametrize(
        "unknown", ["", None, "klingon", "en", "xx-YY", "../etc", "en-GB-oxendict-and-more"]
    )
    def test_ignores_what_is_no_region(self, unknown):
        with translation.override("fr"), formats.override("en-US"), formats.override(unknown):
            assert formats.active() == "fr-FR"

    def test_may_be_written_as_a_locale(self):
        with formats.override("pt_br"):
            assert formats.active() == "pt-BR"

    def test_is_of_one_thread_alone(self):
        seen = []
        with formats.override("en-US"), translation.override("ru"):
            other = Thread(target=lambda: seen.append(formats.active()))
            other.start()
            other.join()
        assert seen == ["en-GB"]

    def test_stays_until_another_one_is_activated(self):
        with formats.override("es-ES"):
            formats.activate("fr-CH")
            assert formats.active() == "fr-CH"
            formats.activate("")
            assert formats.active() == "en-GB"

    @given(st.text(max_size=20))
    def test_can_be_asked_for_with_any_text(self, text):
        assert formats.find_region(text) is None or formats.region_of(formats.find_region(text))


class TestTheRegionOfALanguage:
    @pytest.mark.parametrize(
        ("language", "region"),
        [
            ("de", "de-DE"),
            ("fr-ch", "fr-CH"),
            ("zh-hans", "zh-CN"),
            ("ja", "ja-JP"),
            ("tlh", "en-GB"),
            ("en-xa", "en-GB"),
            ("", "en-GB"),
        ],
    )
    def test_is_where_most_of_its_readers_live(self, language, region):
        assert formats.default_region(language) == region


class TestTheRegionsOnOffer:
    def test_are_named_in_their_own_words(self):
        for tag, name in formats.REGIONS:
            own = Locale.parse(tag, sep="-").get_display_name()
            assert name == own[0].upper() + own[1:]

    def test_hold_the_regions_of_all_languages_of_the_pages(self, settings):
        offered = {tag for tag, name in formats.REGIONS}
        assert {formats.default_region(language) for language, name in settings.LANGUAGES} <= offered


@pytest.mark.usefixtures("british")
class TestDates:
    def test_of_another_year_show_it_in_dense_tables(self):
        assert formats.date_dense(dt.date(2025, 11, 20)) == "20 Nov 2025"

    def test_of_the_last_night_of_the_year_depend_on_the_reader(self):
        with time_machine.travel("2026-12-31T23:30:00Z", tick=False):
            assert formats.date_dense(dt.date(2027, 1, 1)) == "1 Jan"
            with timezone.override("UTC"):
                assert formats.date_dense(dt.date(2027, 1, 1)) == "1 Jan 2027"

    def test_of_an_instant_are_those_of_the_reader(self):
        instant = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
        assert formats.date_table(instant) == "21 Nov 2026"
        assert formats.time_short(instant) == "00:30"
        assert formats.date_time(instant) == "21 Nov 2026, 00:30"

    def test_and_all_else_are_empty_when_there_is_nothing(self):
        writers = [
            formats.date_table,
            formats.date_dense,
            formats.date_long,
            formats.month_year,
            formats.time_short,
            formats.date_time,
            formats.relative,
            formats.relative_day,
            formats.integer,
            formats.decimal,
            formats.percent,
            formats.minutes,
            formats.file_size,
        ]
        assert {write(nothing) for write in writers for nothing in (None, "")} == {""}
        assert formats.money(None, "EUR") == formats.money("", "EUR") == ""

    def test_at_midnight_have_a_time(self):
        assert formats.time_short(dt.time(0, 0)) == "00:00"


@pytest.mark.usefixtures("british")
class TestRelativeTime:
    @pytest.mark.parametrize(
        ("when", "words"),
        [
            (moment(20, 9, 12), "today, 09:12"),
            (moment(20, 18, 0), "today, 18:00"),
            (moment(19), "yesterday, 17:48"),
            (moment(18), "2 days ago"),
            (moment(13), "7 days ago"),
            (moment(12), "12 Nov, 17:48"),
            (moment(21, 9, 0), "tomorrow, 09:00"),
            (moment(23), "in 3 days"),
            (moment(27), "in 7 days"),
            (moment(28), "28 Nov, 17:48"),
            (moment(20).replace(year=2025), "20 Nov 2025, 17:48"),
        ],
    )
    def test_goes_seven_days_far(self, when, words):
        assert formats.relative(when) == words

    def test_counts_the_days_of_the_reader_and_not_hours(self):
        midnight = dt.datetime(2026, 11, 19, 23, 0, tzinfo=dt.UTC)
        assert formats.relative(midnight) == "today, 00:00"
        with timezone.override("UTC"):
            assert formats.relative(midnight) == "yesterday, 23:00"

    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (20, "today"),
            (19, "yesterday"),
            (21, "tomorrow"),
            (16, "4 days ago"),
            (25, "in 5 days"),
            (1, "1 Nov"),
        ],
    )
    def test_of_a_day_has_no_hour(self, day, words):
        assert formats.relative_day(dt.date(2026, 11, day)) == words


class TestNumbers:
    @pytest.mark.parametrize(
        ("region", "thousand", "ten_thousand"),
        [
            ("es-ES", "1248", "12.480"),
            ("es-AR", "1.248", "12.480"),
            ("it-IT", "1248", "12.480"),
            ("pt-PT", "1248", "12\u00a0480"),
            ("pt-BR", "1.248", "12.480"),
            ("de-CH", "1’248", "12’480"),
            ("en-IN", "1,248", "12,480"),
        ],
    )
    def test_begin_to_be_grouped_where_the_region_says(self, region, thousand, ten_thousand):
        with formats.override(region):
            assert (formats.integer(1248), formats.integer(12480)) == (thousand, ten_thousand)
            assert formats.integer(-1248) == f"-{thousand}"

    @pytest.mark.usefixtures("british")
    def test_are_rounded_half_up(self):
        assert formats.decimal(Decimal("0.125"), 2) == "0.13"
        assert formats.decimal(Decimal("2.5"), 0) == "3"
        assert formats.decimal(2059472.25999706, 2) == "2,059,472.26"
        assert formats.decimal(7) == "7"

    @pytest.mark.usefixtures("british")
    def test_may_do_without_groups(self):
        assert formats.decimal(BIG, 2, grouped=False) == "12480.50"

    @pytest.mark.usefixtures("british")
    def test_as_percent_are_of_a_ratio(self):
        assert formats.percent(Decimal("0.125")) == "13%"
        assert formats.percent(Decimal("0.125"), 1) == "12.5%"


class TestMoney:
    @pytest.mark.parametrize(
        ("region", "currency", "text"),
        [
            ("en-US", "USD", "$1,248.50"),
            ("en-GB", "CHF", "CHF\u00a01,248.50"),
            ("es-MX", "EUR", "EUR\u00a01,248.50"),
            ("nl-NL", "EUR", "€\u00a01.248,50"),
            ("fr-FR", "USD", "1\u202f248,50\u00a0$US"),
            ("en-GB", "", "1,248.50"),
            ("en-GB", "JPY", "JP¥1,248.50"),
            ("en-GB", "XTS", "XTS\u00a01,248.50"),
            ("kab-DZ", "CHF", "1\u00a0248,50\u00a0CHF"),
        ],
    )
    def test_stands_where_the_region_puts_it(self, region, currency, text):
        with formats.override(region):
            assert formats.money(PRICE, currency) == text

    @pytest.mark.usefixtures("british")
    def test_has_the_digits_of_its_currency(self):
        assert formats.money(Decimal("1248.00"), "JPY") == "JP¥1,248"
        assert formats.money(Decimal("1248.00"), "EUR") == "€1,248.00"
        assert formats.money(0, "EUR") == "€0.00"
        assert formats.money(Decimal("-0.5"), "EUR") == "-€0.50"


@pytest.mark.usefixtures("british")
class TestDurations:
    @pytest.mark.parametrize(
        ("total", "text"),
        [
            (0, "0 min"),
            (45, "45 min"),
            (60, "1 h"),
            (90, "1 h 30 min"),
            (400, "6 h 40 min"),
            (100_000, "1,666 h 40 min"),
        ],
    )
    def test_are_hours_and_minutes(self, total, text):
        assert formats.minutes(total) == text


@pytest.mark.usefixtures("british")
class TestFileSizes:
    @pytest.mark.parametrize(
        ("size", "text"),
        [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1 KB"),
            (86_016, "84 KB"),
            (1024**2 - 1, "1 MB"),
            (10 * 1024**2, "10 MB"),
            (1_300_000, "1.2 MB"),
            (3 * 1024**3, "3 GB"),
        ],
    )
    def test_have_the_unit_that_fits(self, size, text):
        assert formats.file_size(size) == text

    def test_follow_the_region(self):
        with formats.override("es-ES"):
            assert formats.file_size(1_300_000) == "1,2 MB"


class TestFiltersInTemplates:
    @pytest.mark.parametrize(
        ("expression", "text"),
        [
            ("day|date_table", "20 nov. 2026"),
            ("day|date_dense", "20 nov."),
            ("day|date_long", "vendredi 20 novembre 2026"),
            ("day|month_year", "novembre 2026"),
            ("day|day", "today"),
            ("day|iso", "2026-11-20"),
            ("moment|date_time", "19 nov. 2026, 17:48"),
            ("moment|clock", "17:48"),
            ("moment|when", "yesterday, 17:48"),
            ("moment|iso", "2026-11-19T17:48:00+01:00"),
            ("count|number", "12\u202f480"),
            ("count|decimal:2", "12\u202f480,00"),
            ("price|money:'EUR'", "1\u202f248,50\u00a0€"),
            ("share|percent", "8\u00a0%"),
            ("count|minutes", "208 h"),
            ("count|file_size", "12 KB"),
        ],
    )
    def test_write_by_region(self, expression, text):
        values = {"day": FRIDAY, "moment": moment(19), "count": 12480, "price": PRICE, "share": 0.08}
        with formats.override("fr-FR"):
            assert Template("{{ " + expression + " }}").render(Context(values)) == text

    @pytest.mark.parametrize(
        "name", ["date_table", "clock", "when", "number", "money:'EUR'", "minutes", "iso"]
    )
    def test_write_nothing_for_what_is_not_there(self, name):
        assert Template("{{ absent.value|" + name + " }}").render(Context()) == ""
