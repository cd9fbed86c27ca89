"""Numbers and dates by the pictures of Word, in the language of the letter."""

import datetime as dt
from decimal import Decimal

import pytest

from interactions.merging import pictures
from interactions.merging.formatting import holds, text_of
from interactions.merging.instructions import Switch

MOMENT = dt.datetime(2026, 11, 20, 15, 4, 9)  # noqa: DTZ001 a wall clock


class TestNumberPicture:
    @pytest.mark.parametrize(
        ("value", "picture", "shown"),
        [
            (15, "$###", "$ 15"),
            (9, "00.00", "09.00"),
            (Decimal("0.125"), "0.00x", "0.125"),
            (Decimal("0.75"), ".x", ".8"),
            (222492, "x##", "492"),
            (-80, "-##", "-80"),
            (80, "-##", " 80"),
            (10, "+##", "+10"),
            (-10, "+##", "-10"),
            (33, "##%", "33%"),
            (Decimal("1234.5"), "#,##0.00", "1,234.50"),
            (Decimal("1234.5"), "$,0.00", "$1,234.50"),
            (1234567, "#,##0", "1,234,567"),
            (5, "#,##0", "   5"),
            (Decimal("2.345"), "0.00", "2.35"),
            (-5, "0.00", "-5.00"),
            (-5, "0.00;(0.00);'none'", "(5.00)"),
            (0, "0.00;(0.00);'none'", "none"),
            (12345678, "000-0000", "1234-5678"),
            ("12", "'No.' 000", "No. 012"),
            ("twelve", "000", "twelve"),
            (7, "'only words'", "only words"),
            (7, "", ""),
            (None, "0.00", ""),
        ],
    )
    def test_shows_what_word_shows(self, value, picture, shown):
        assert pictures.number(value, picture, "en") == shown

    @pytest.mark.parametrize(
        ("language", "shown"),
        [
            ("es", "1.234.567,50"),
            ("fr", "1\u202f234\u202f567,50"),
            ("ru", "1\xa0234\xa0567,50"),
            ("de-CH", "1’234’567.50"),
        ],
    )
    def test_follows_the_language_of_the_letter(self, language, shown):
        assert pictures.number(Decimal("1234567.5"), "#,##0.00", language) == shown

    def test_is_read_with_the_decimal_sign_of_its_author(self):
        assert pictures.number(Decimal("1234.5"), "#.##0,00", "es", decimal_sign=",") == "1.234,50"
        assert pictures.number(Decimal("1234.5"), "#.##0,00", "en", decimal_sign=",") == "1,234.50"

    @pytest.mark.parametrize(
        "value", ["nan", "inf", float("nan"), Decimal("1e999"), "1e5", "--1", "9" * 500, True]
    )
    def test_leaves_alone_what_is_no_plain_number(self, value):
        assert pictures.number(value, "0.00", "en") == str(value)


class TestDatePicture:
    @pytest.mark.parametrize(
        ("picture", "shown"),
        [
            ("d MMMM yyyy", "20 November 2026"),
            ("dddd, MMMM d", "Friday, November 20"),
            ("ddd d MMM yy", "Fri 20 Nov 26"),
            ("MM/dd/yy", "11/20/26"),
            ("D.M.YYYY", "20.11.2026"),
            ("HH:mm:ss", "15:04:09"),
            ("h:mm am/pm", "3:04 pm"),
            ("hh:mm AM/PM", "03:04 PM"),
            ("d 'of' MMMM", "20 of November"),
            ("", ""),
        ],
    )
    def test_shows_what_word_shows(self, picture, shown):
        assert pictures.date(MOMENT, picture, "en") == shown

    @pytest.mark.parametrize(
        ("language", "with_day", "alone"),
        [
            ("es", "20 noviembre", "noviembre 2026"),
            ("fr", "20 novembre", "novembre 2026"),
            ("ru", "20 ноября", "ноябрь 2026"),
        ],
    )
    def test_names_months_in_the_language_of_the_letter(self, language, with_day, alone):
        assert pictures.date(MOMENT, "d MMMM", language) == with_day
        assert pictures.date(MOMENT, "MMMM yyyy", language) == alone

    def test_takes_a_date_without_time_as_midnight_and_a_time_as_it_is(self):
        assert pictures.date(MOMENT.date(), "h:mm", "en") == "12:00"
        assert pictures.date(dt.time(9, 30), "HH.mm", "en") == "09.30"

    def test_leaves_text_alone(self):
        assert pictures.date("tomorrow", "dd.MM.", "en") == "tomorrow"


class TestPlainValue:
    @pytest.mark.parametrize(
        ("language", "date", "number"),
        [
            ("en", "20 November 2026", "1,234.5"),
            ("es", "20 de noviembre de 2026", "1.234,5"),
            ("fr-CH", "20 novembre 2026", "1\u202f234,5"),
            ("", "20 November 2026", "1,234.5"),
            ("xx-nonsense", "20 November 2026", "1,234.5"),
        ],
    )
    def test_is_written_as_the_language_does(self, language, date, number):
        assert pictures.plain(MOMENT.date(), language) == date
        assert pictures.plain(Decimal("1234.5"), language) == number

    def test_of_nothing_is_nothing(self):
        assert pictures.plain(None, "en") == ""


class TestSwitches:
    @pytest.mark.parametrize(
        ("value", "switches", "shown"),
        [
            ("ana núñez", [("\\*", "Upper")], "ANA NÚÑEZ"),
            ("Ana NÚÑEZ", [("\\*", "lower")], "ana núñez"),
            ("maría josé o’neill", [("\\*", "Caps")], "María José O’neill"),
            ("mcDonald S.A.", [("\\*", "Caps")], "McDonald S.A."),
            ("dear mrs McAllister", [("\\*", "FirstCap")], "Dear mrs McAllister"),
            ("«dear", [("\\*", "FirstCap")], "«Dear"),
            ("LUX", [("\\*", "Lower"), ("\\*", "Caps")], "Lux"),
            ("Lux", [("\\b", "c/o "), ("\\f", ", ")], "c/o Lux, "),
            ("", [("\\b", "c/o "), ("\\f", ", ")], ""),
            (None, [("\\b", "c/o ")], ""),
            ("Lux", [("\\*", "Upper"), ("\\b", "to ")], "to LUX"),
            ("Lux", [("\\b", "to "), ("\\*", "Upper")], "TO LUX"),
            ("Lux", [("\\*", "Roman"), ("\\z", "what")], "Lux"),
        ],
    )
    def test_are_followed_in_their_order(self, value, switches, shown):
        assert text_of(value, [Switch(*each) for each in switches], "en") == shown


class TestCondition:
    @pytest.mark.parametrize(
        ("left", "operator", "right", "answer"),
        [
            ("F", "=", "f", True),
            ("F", "<>", "M", True),
            ("10", ">", "9", True),
            ("10.0", "=", "10", True),
            ("b", ">", "A", True),
            ("28013", "=", "28*", True),
            ("28013", "=", "28??", False),
            ("", "=", "", True),
            ("", "<>", "", False),
            ("", "=", "*", True),
            ("a", "!=", "a", False),
            ("9", "<=", "9", True),
            ("8", ">=", "9", False),
            ("Nan", "=", "nan", True),
            ("Inf", "<", "1", False),
            (" 9 ", "=", "9.00", True),
        ],
    )
    def test_compares_numbers_and_texts(self, left, operator, right, answer):
        assert holds(left, operator, right) is answer

    def test_is_not_slow_for_many_stars(self):
        assert holds("a" * 10_000, "=", "*a" * 40 + "*b") is False
