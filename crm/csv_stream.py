"""CSV files of any length, written while they are read: memory stays flat."""

import csv
import re
from itertools import islice

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from . import formats

BOM = "\ufeff"  # tells spreadsheets that this is UTF-8
# What a spreadsheet would run as a formula; phone numbers and negative figures are none.
FORMULA = re.compile(r"\s*[=+\-@\t\r]")
FIGURE = re.compile(r"\s*-?[\d\s.,\u00a0\u202f]*")
PHONE = re.compile(
    r"\s*\+(?:[\s().,/\-\u00a0\u202f]*\d){7,}[\s().]*"
)  # fewer digits with signs between are a sum


def csv_response(filename, header, rows):
    """An answer with *rows* (an iterable of sequences) under *header*; fields end in ";" where decimals have a comma."""
    return StreamingHttpResponse(
        lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, filename)},
    )


def lines(header, rows):
    delimiter = ";" if formats.region_of(formats.active()).decimal_sign == "," else ","
    writer = csv.writer(Echo(), delimiter=delimiter)
    yield BOM + writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe(value) for value in row])


def safe(value):
    """*value* as text that no spreadsheet runs."""
    text = "" if value is None else str(value)
    harmless = not FORMULA.match(text) or FIGURE.fullmatch(text) or PHONE.fullmatch(text)
    return text if harmless else f"'{text}"


def batches(queryset, size=500):
    """The rows of *queryset* in lists of *size*, never more than one in memory."""
    rows = queryset.iterator(chunk_size=size)
    while batch := list(islice(rows, size)):
        yield batch


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text):
        return text
