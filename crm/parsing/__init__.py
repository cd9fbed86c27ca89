"""What people type for dates, times, durations and amounts (ui 4.2). Everything that `crm.formats` writes reads back.

Each function takes the text and answers a value, or raises ParseError. Day and month, point and comma go by the active
region; names of months and days are known in all languages on offer, those of the region first.
"""

from .dates import parse_date
from .numbers import parse_decimal
from .text import ParseError
from .times import parse_minutes, parse_time

__all__ = ["ParseError", "parse_date", "parse_decimal", "parse_minutes", "parse_time"]
