import datetime as dt
from decimal import Decimal

import polib
import pytest
import time_machine
from django.utils import timezone, translation
from hypothesis import example, given
from hypothesis import strategies as st

from crm import formats
from crm.parsing import ParseError, parse_date, parse_decimal, parse_minutes, parse_time

FRIDAY = dt.date(2026, 11, 20)
REGIONS = [tag for tag, name in formats.REGIONS]
LANGUAGES = ["en", "es", "fr", "ru"]

regions = st.sampled_from(REGIONS)
languages = st.sampled_from(LANGUAGES)


@pytest.fixture(autouse=True)
def _friday_morning_in_madrid():
    with time_machine.travel("2026-11-20T08:30:00Z", tick=False), timezone.override("Europe/Madrid"):
        yield


@pytest.fixture(autouse=True)
def _british():
    with formats.override("en-GB"):
        yield


@pytest.fixture
def russian_units(tmp_path, settings):
    """A catalog with the words around numbers, so that they are translated whatever the project's catalogs hold."""
    catalog = polib.POFile()
    catalog.metadata = {
        "Content-Type": "text/plain; charset=utf-8",
        "Plural-Forms": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
        "(n%100<12 || n%100>14) ? 1 : 2);",
    }
    for english, russian in {
        "%(minutes)s min": "%(minutes)s мин",
        "%(hours)s h": "%(hours)s ч",
        "%(hours)s h %(minutes)s min": "%(hours)s ч %(minutes)s мин",
        "yesterday": "вчера",
    }.items():
        catalog.append(polib.POEntry(msgid=english, msgstr=russian))
    days = {0: "%(days)s день назад", 1: "%(days)s дня назад", 2: "%(days)s дней назад"}
    catalog.append(
        polib.POEntry(msgid="%(days)s day ago", msgid_plural="%(days)s days ago", msgstr_plural=days)
    )
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalog.save_as_mofile(str(folder / "django.mo"))
    settings.LOCALE_PATHS = [str(tmp_path)]
    with translation.override("ru"), formats.override("ru-RU"):
        yield


def refusal(parse, text, **options):
    with pytest.raises(ParseError) as refused:
        parse(text, **options)
    return refused.value.for_user


class TestADateThatWasTyped:
    @pytest.mark.parametrize("text", ["t", "T", "h", "today", "hoy", "aujourd’hui", "сегодня", "т", " t "])
    def test_is_today_in_one_letter_or_a_word(self, text):
        assert parse_date(text) == FRIDAY

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("+3", dt.date(2026, 11, 23)),
            ("-2", dt.date(2026, 11, 18)),
            ("−2", dt.date(2026, 11, 18)),
            ("t-30d", dt.date(2026, 10, 21)),
            ("T - 30 D", dt.date(2026, 10, 21)),
            ("t+2w", dt.date(2026, 12, 4)),
            ("+2s", dt.date(2026, 12, 4)),
            ("т+2н", dt.date(2026, 12, 4)),
            ("t-1m", dt.date(2026, 10, 20)),
            ("t+3m+11d-1m", dt.date(2027, 2, 3)),
            ("t+1y", dt.date(2027, 11, 20)),
            ("-1a", dt.date(2025, 11, 20)),
        ],
    )
    def test_may_count_from_today(self, text, day):
        assert parse_date(text) == day

    def test_counts_months_to_the_last_day_of_a_short_one(self):
        with time_machine.travel("2027-12-31T12:00:00Z", tick=False):
            assert parse_date("t+2m") == dt.date(2028, 2, 29)
            assert parse_date("t-1m") == dt.date(2027, 11, 30)

    def test_counts_from_the_day_of_the_reader(self):
        with timezone.override("Pacific/Kiritimati"), time_machine.travel("2026-11-20T12:00Z", tick=False):
            assert parse_date("t") == dt.date(2026, 11, 21)

    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-20",
            "2026/11/20",
            "20/11",
            "20.11",
            "20.11.",
            "20-11",
            "20 11",
            "20.11.2026",
            "20/11/26",
            "2011",
            "201126",
            "20112026",
            "20",
            "20 Nov",
            "Nov 20",
            "20 november 2026",
            "20th of November, 2026",
            "2026 Nov 20",
            "20 noviembre",
            "20 de nov. de 2026",
            "20 NOV. 26",
            "20 ноября 2026 г.",
            "20 нояб",
            "Friday, 20 November 2026",
            "fri 20/11",
            "пятница, 20.11.2026",
            "Nov\u00a020,\u202f2026",
            "\u200e20.11.2026",
        ],
    )
    def test_is_read_in_digits_and_in_words_of_all_languages(self, text):
        assert parse_date(text) == FRIDAY

    @pytest.mark.parametrize(
        ("region", "text", "day"),
        [
            ("en-GB", "2/11", dt.date(2026, 11, 2)),
            ("en-US", "2/11", dt.date(2026, 2, 11)),
            ("en-US", "11/20/26", FRIDAY),
            ("en-US", "112026", FRIDAY),
            ("en-US", "2026-11-20", FRIDAY),
            ("es-ES", "2/11", dt.date(2026, 11, 2)),
            ("fr-CA", "20-11-2026", FRIDAY),
            ("ru-RU", "02.11", dt.date(2026, 11, 2)),
            ("ja-JP", "11/20", FRIDAY),
        ],
    )
    def test_has_day_and_month_in_the_order_of_the_region(self, region, text, day):
        with formats.override(region):
            assert parse_date(text) == day

    @pytest.mark.parametrize(
        ("text", "year"),
        [("1.1.26", 2026), ("1.1.55", 2055), ("1.1.56", 1956), ("1.1.00", 2000), ("1.1.99", 1999)],
    )
    def test_takes_two_digits_for_the_nearest_year(self, text, year):
        assert parse_date(text) == dt.date(year, 1, 1)

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("fri", FRIDAY),
            ("Friday", FRIDAY),
            ("viernes", FRIDAY),
            ("ven.", FRIDAY),
            ("пт", FRIDAY),
            ("Пятница", FRIDAY),
            ("sexta-feira", FRIDAY),
            ("mon", dt.date(2026, 11, 16)),
            ("mié", dt.date(2026, 11, 18)),
            ("воскресенье", dt.date(2026, 11, 22)),
        ],
    )
    def test_may_be_a_day_of_this_week(self, text, day):
        assert parse_date(text) == day

    def test_takes_the_week_of_the_region(self):
        with formats.override("en-US"):
            assert parse_date("sun") == dt.date(2026, 11, 15)

    def test_prefers_the_words_of_the_region(self):
        with formats.override("es-ES"):
            assert parse_date("mar") == dt.date(2026, 11, 17)
            assert parse_date("mar 3 mar") == dt.date(2026, 3, 3)
        with formats.override("en-GB"):
            assert "mar is not a date" in refusal(parse_date, "mar")

    def test_is_read_in_any_language_of_the_page(self):
        with translation.override("tlh"):  # Babel knows no Klingon
            assert parse_date("Friday") == parse_date("viernes") == FRIDAY

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("yesterday", dt.date(2026, 11, 19)),
            ("tomorrow", dt.date(2026, 11, 21)),
            ("4 days ago", dt.date(2026, 11, 16)),
            ("in 7 days", dt.date(2026, 11, 27)),
        ],
    )
    def test_may_be_told_as_lists_tell_it(self, text, day):
        assert parse_date(text) == day

    @pytest.mark.usefixtures("russian_units")
    def test_may_be_told_in_the_language_of_the_page(self):
        assert formats.relative_day(dt.date(2026, 11, 18)) == "2 дня назад"
        assert parse_date("2 дня назад") == dt.date(2026, 11, 18)
        assert parse_date("вчера") == dt.date(2026, 11, 19)

    @given(day=st.dates(dt.date(1900, 1, 1), dt.date(2999, 12, 31)), region=regions, language=languages)
    @example(day=dt.date(2026, 11, 20), region="ru-RU", language="en")
    def test_is_understood_as_we_print_it(self, day, region, language):
        with formats.override(region), translation.override(language):
            printed = {write(day) for write in (formats.date_table, formats.date_dense, formats.date_long)}
            assert {parse_date(text) for text in printed | {day.isoformat()}} == {day}

    @pytest.mark.parametrize("region", ["ja-JP", "zh-CN", "uk-UA", "ca-ES", "el-GR", "pl-PL", "he-IL"])
    def test_is_understood_as_we_print_it_in_regions_that_are_not_on_offer(self, region):
        with formats.override(region):
            assert {parse_date(write(FRIDAY)) for write in (formats.date_table, formats.date_long)} == {
                FRIDAY
            }

    @pytest.mark.parametrize("region", REGIONS)
    def test_is_understood_as_we_print_it_on_every_day_of_a_year(self, region):
        days = [dt.date(2026, 1, 1) + dt.timedelta(days=number) for number in range(365)]
        with formats.override(region):
            assert [parse_date(formats.date_dense(day)) for day in days] == days
            assert [parse_date(formats.date_long(day)) for day in days] == days

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("31 Feb 2026", "31 Feb 2026 is not a date. Try 28 Feb 2026."),
            ("31/2", "31/2 is not a date. Try 28 Feb 2026."),
            ("29.2.2027", "29.2.2027 is not a date. Try 28 Feb 2027."),
            ("11/20/2026", "11/20/2026 is not a date. Try 20 Nov 2026."),
            ("20/13", "20/13 is not a date. Try 20 Nov 2026."),
            ("0", "0 is not a date. Try 1 Nov 2026."),
            ("99/99/0000", "99/99/0000 is not a date. Try 20 Nov 2026."),
            ("soon", "soon is not a date. Try 20 Nov 2026."),
            ("nov 2026", "nov 2026 is not a date. Try 20 Nov 2026."),
            ("20.11.206", "20.11.206 is not a date. Try 20 Nov 2026."),
            ("1 2 3 4", "1 2 3 4 is not a date. Try 20 Nov 2026."),
            ("fri fri", "fri fri is not a date. Try 20 Nov 2026."),
            ("123", "123 is not a date. Try 20 Nov 2026."),
            ("t*2", "t*2 is not a date. Try 20 Nov 2026."),
            (" ", "Enter a date, for example 20 Nov 2026."),
            (
                "Monday, 20 Nov 2026",
                "The day of the week does not fit the date. Try Friday, 20 November 2026.",
            ),
            ("1.1.1899", "1.1.1899 is too far away. Use a year from 1900 to 2999."),
            ("t+99999y", "t+99999y is too far away. Use a year from 1900 to 2999."),
            ("t-99999w", "t-99999w is too far away. Use a year from 1900 to 2999."),
            ("x" * 61, "x" * 59 + "… is not a date. Try 20 Nov 2026."),
        ],
    )
    def test_is_refused_with_one_that_is_right(self, text, sentence):
        assert refusal(parse_date, text) == sentence

    def test_shows_the_right_one_by_region(self):
        with formats.override("ru-RU"):
            assert refusal(parse_date, "31.02") == "31.02 is not a date. Try 28.02.2026."


class TestATimeThatWasTyped:
    @pytest.mark.parametrize(
        ("text", "time"),
        [
            ("930", dt.time(9, 30)),
            ("0930", dt.time(9, 30)),
            ("9:30", dt.time(9, 30)),
            ("9.30", dt.time(9, 30)),
            ("9,30", dt.time(9, 30)),
            ("9 30", dt.time(9, 30)),
            ("9h30", dt.time(9, 30)),
            ("9 h 30 min", dt.time(9, 30)),
            ("09:30:15", dt.time(9, 30, 15)),
            ("09:30:15.250", dt.time(9, 30, 15, 250_000)),
            ("9", dt.time(9, 0)),
            ("9h", dt.time(9, 0)),
            ("14 ч", dt.time(14, 0)),
            ("14:30 Uhr", dt.time(14, 30)),
            ("0", dt.time(0, 0)),
            ("2359", dt.time(23, 59)),
            ("2:30 pm", dt.time(14, 30)),
            ("2:30\u202fPM", dt.time(14, 30)),
            ("2:30 p.\u202fm.", dt.time(14, 30)),
            ("230p", dt.time(14, 30)),
            ("2pm", dt.time(14, 0)),
            ("2 p. m.", dt.time(14, 0)),
            ("12 am", dt.time(0, 0)),
            ("12:30 am", dt.time(0, 30)),
            ("12pm", dt.time(12, 0)),
        ],
    )
    def test_is_read_with_and_without_signs(self, text, time):
        assert parse_time(text) == time

    @given(time=st.times(), region=regions, language=languages)
    def test_is_understood_as_we_print_it(self, time, region, language):
        minute = time.replace(second=0, microsecond=0)
        with formats.override(region), translation.override(language):
            assert parse_time(formats.time_short(minute)) == minute
            assert parse_time(minute.isoformat("minutes")) == minute
        if time.second:
            assert parse_time(time.isoformat()) == time

    @pytest.mark.parametrize(
        ("text", "instead"),
        [
            ("24:00", "00:00"),
            ("2400", "00:00"),
            ("25", "09:30"),
            ("9:60", "09:30"),
            ("9:5", "09:30"),
            ("99:99:99", "09:30"),
            ("13 pm", "09:30"),
            ("0 am", "09:30"),
            ("9-30", "09:30"),
            ("-1", "09:30"),
            ("noon", "09:30"),
            ("9 o'clock", "09:30"),
            ("12345", "09:30"),
        ],
    )
    def test_is_refused_with_one_that_is_right(self, text, instead):
        assert refusal(parse_time, text) == f"{text} is not a time. Try {instead}."

    def test_is_asked_for_when_there_is_nothing(self):
        assert refusal(parse_time, "") == "Enter a time, for example 09:30."


class TestADurationThatWasTyped:
    @pytest.mark.parametrize(
        ("text", "minutes"),
        [
            ("45", 45),
            ("0", 0),
            ("90 min", 90),
            ("90m", 90),
            ("1h30", 90),
            ("1 h 30 min", 90),
            ("1h 5m", 65),
            ("1:30", 90),
            ("0:05", 5),
            ("1,5h", 90),
            ("1.5 h", 90),
            ("0,33 h", 20),
            ("2 hours", 120),
            ("1 hora", 60),
            ("1 heure 30", 90),
            ("1 ч 30 мин", 90),
            ("5 часов", 300),
            ("2 Std. 15 Min.", 135),
            ("2 uur", 120),
            ("1,666 h 40 min", 100_000),
            ("1 666 h 40 min", 100_000),
        ],
    )
    def test_is_whole_minutes(self, text, minutes):
        assert parse_minutes(text) == minutes

    @given(total=st.integers(0, 100_000), region=regions, language=languages)
    def test_is_understood_as_we_print_it(self, total, region, language):
        with formats.override(region), translation.override(language):
            assert parse_minutes(formats.minutes(total)) == total

    @pytest.mark.usefixtures("russian_units")
    def test_is_understood_in_the_language_of_the_page(self):
        assert formats.minutes(90) == "1 ч 30 мин"
        assert [parse_minutes(formats.minutes(total)) for total in range(200)] == list(range(200))

    @pytest.mark.parametrize(
        "text", ["45.5", "-5", "1:75", "1h90", "1.5h30", "1 day", "long", "h", "30 min 1 h", "1 h 30 km"]
    )
    def test_is_refused_with_one_that_is_right(self, text):
        assert refusal(parse_minutes, text) == f"{text} is not a duration. Try 45 or 1 h 30 min."

    def test_is_refused_when_it_can_be_read_in_two_ways(self):
        with formats.override("fr-FR"):
            assert "1.248 h is not a duration" in refusal(parse_minutes, "1.248 h")

    def test_is_asked_for_when_there_is_nothing(self):
        assert refusal(parse_minutes, "") == "Enter minutes, for example 45, or 1 h 30 min."


class TestAnAmountThatWasTyped:
    @pytest.mark.parametrize(
        "text",
        [
            "1248.50",
            "1248,5",
            "1,248.50",
            "1.248,50",
            "1 248,50",
            "1\u202f248,50",
            "1\u00a0248.50",
            "1’248.50",
            "1'248,50",
            "€1,248.50",
            "1248,50 €",
            "EUR 1248.5",
            "1248.5eur",
            "+1248.5",
        ],
    )
    @pytest.mark.parametrize("region", ["en-GB", "es-ES", "fr-FR", "ru-RU", "de-CH"])
    def test_is_the_same_everywhere_when_it_cannot_be_taken_for_another(self, region, text):
        with formats.override(region):
            assert parse_decimal(text, currency="EUR") == Decimal("1248.50")

    @pytest.mark.parametrize(
        ("region", "text", "value"),
        [
            ("en-GB", "1,248", "1248"),
            ("en-GB", "1.248", "1.248"),
            ("es-ES", "1.248", "1248"),
            ("es-ES", "1,248", "1.248"),
            ("fr-FR", "1,248", "1.248"),
            ("en-GB", "0,500", "0.5"),
            ("en-GB", "12,5", "12.5"),
            ("en-GB", "1234,567", "1234.567"),
            ("es-ES", "1.248.500", "1248500"),
            ("en-GB", "1,248,500.5", "1248500.5"),
            ("en-IN", "12,34,567.5", "1234567.5"),
            ("en-GB", ".5", "0.5"),
            ("en-GB", ",5", "0.5"),
            ("en-GB", "5.", "5"),
            ("en-GB", "-5", "-5"),
            ("en-GB", "- 5", "-5"),
            ("en-GB", "€-5", "-5"),
            ("en-GB", "-€5", "-5"),
            ("en-GB", "007", "7"),
        ],
    )
    def test_has_point_and_comma_as_in_the_region(self, region, text, value):
        with formats.override(region):
            assert parse_decimal(text, currency="EUR") == Decimal(value)

    @pytest.mark.parametrize(
        ("region", "text", "sentence"),
        [
            ("fr-FR", "1.248", "1.248 can be read in two ways. Enter 1248 or 1,248."),
            ("de-CH", "1,248", "1,248 can be read in two ways. Enter 1248 or 1.248."),
        ],
    )
    def test_is_refused_when_neither_reading_is_the_regions_own(self, region, text, sentence):
        with formats.override(region):
            assert refusal(parse_decimal, text) == sentence

    @pytest.mark.parametrize(
        "text",
        [
            "1..5",
            "1,,5",
            "12 50",
            "1,24,800",
            "1 248.500,50",
            "1,5 000",
            "5-",
            "--5",
            "1e5",
            "0x10",
            "nan",
            "inf",
            "five",
            "$5",
            "5 kr",
            "€5€",
            "9" * 61,
        ],
    )
    def test_is_refused_with_one_that_is_right(self, text):
        shown = text if len(text) <= 60 else text[:59] + "…"
        assert refusal(parse_decimal, text, currency="EUR") == f"{shown} is not an amount. Try 1,248.50."

    def test_is_refused_with_a_currency_where_none_is_known(self):
        assert refusal(parse_decimal, "€5") == "€5 is not an amount. Try 1,248.50."

    def test_is_asked_for_when_there_is_nothing(self):
        assert refusal(parse_decimal, " ") == "Enter an amount, for example 1,248.50."

    @given(
        value=st.decimals(-10_000_000, 10_000_000, places=2),
        region=st.sampled_from([*REGIONS, "en-IN"]),
        currency=st.sampled_from(["EUR", "USD", "CHF", "GBP", "RUB", "MXN", "PLN", "XTS"]),
    )
    def test_is_understood_as_we_print_it(self, value, region, currency):
        with formats.override(region):
            assert parse_decimal(formats.decimal(value, 2)) == value
            assert parse_decimal(formats.decimal(value, 2, grouped=False)) == value
            assert parse_decimal(formats.money(value, currency), currency=currency) == value

    @given(value=st.integers(0, 10**9), region=regions)
    def test_without_a_fraction_is_understood_as_we_print_it(self, value, region):
        with formats.override(region):
            assert parse_decimal(formats.integer(value)) == value


class TestAnythingAtAll:
    @given(
        text=st.text(max_size=70) | st.text("0123456789 .,:/-+hmtdw'€\u00a0", max_size=20),
        parse=st.sampled_from([parse_date, parse_time, parse_minutes, parse_decimal]),
        region=regions,
    )
    def test_is_read_or_refused_in_a_sentence(self, text, parse, region):
        with formats.override(region):
            try:
                answer = parse(text)
            except ParseError as refused:
                answer = refused.for_user
        assert isinstance(answer, (dt.date, dt.time, int, Decimal)) or answer.endswith(".")
