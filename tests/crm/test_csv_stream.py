import datetime as dt
import itertools

import pytest

from crm import formats
from crm.csv_stream import csv_response, safe


def text_of(response):
    return b"".join(response.streaming_content).decode()


class TestCsvResponse:
    def test_is_utf_8_that_spreadsheets_recognize(self):
        response = csv_response("contacts.csv", ["No.", "Имя"], [["CT1", "Анна"], ["CT2", None]])

        assert text_of(response) == "\ufeffNo.,Имя\r\nCT1,Анна\r\nCT2,\r\n"
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == 'attachment; filename="contacts.csv"'

    @pytest.mark.parametrize(("region", "line"), [("en-GB", 'a,"b,c",d;e'), ("es-ES", 'a;b,c;"d;e"')])
    def test_parts_fields_as_the_region_does(self, region, line):
        with formats.override(region):
            assert text_of(csv_response("x.csv", ["a", "b,c", "d;e"], [])) == f"\ufeff{line}\r\n"

    def test_reads_rows_only_as_they_are_sent(self):
        endless = ([number] for number in itertools.count())
        parts = iter(csv_response("x.csv", ["Number"], endless))

        assert [next(parts) for _ in range(3)] == ["\ufeffNumber\r\n".encode(), b"0\r\n", b"1\r\n"]


class TestSafe:
    @pytest.mark.parametrize(
        "text",
        [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-1+SUM(A1)",
            "@SUM(A1)",
            "\t=1",
            " =1",
            "\r=1",
            "+1+1",
            "-1-1",
            "+1-1",
            "+2/3",
        ],
    )
    def test_stops_formulas(self, text):
        assert safe(text) == f"'{text}"

    @pytest.mark.parametrize(
        "text",
        [
            *("+33 6 99 00 42 17", "+34 960 555 611", "+44 (0) 1632/960-064", "+1 (555) 010-2030"),
            *("-12.50", "-1,234.50", "-", "", "Atelier", "a=b", "1+1"),
        ],
    )
    def test_leaves_phone_numbers_and_figures_alone(self, text):
        assert safe(text) == text

    def test_writes_dates_for_machines(self):
        assert (safe(dt.date(2026, 11, 20)), safe(None), safe(0)) == ("2026-11-20", "", "0")
