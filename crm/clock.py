"""What time it is for the reader: today, now, this week and the future, in Django's current time zone.

Dates and times of entries are wall clock and never move with the reader; instants (`*_at`) are aware and are shown in
the reader's zone (architecture 2.11).
"""

import datetime as dt
import time as system
from functools import cache, lru_cache

from babel import Locale
from django.utils import timezone

MINUTE = dt.timedelta(minutes=1)


def now():
    """This instant, aware, in the reader's zone."""
    return timezone.localtime()


def today():
    """The reader's date."""
    return timezone.localdate()


def this_year():
    """The reader's year; ten times as fast as `today`, for questions that are asked once per row."""
    return _year_everywhere(int(system.time() // 3600)) or today().year


@lru_cache(maxsize=16)
def _year_everywhere(hour):
    """The year of that hour since 1970 when it is the same in all zones, else None."""
    hours = range(hour - 24, hour + 25, 24)
    years = {dt.datetime.fromtimestamp(near * 3600, dt.UTC).year for near in hours}
    return years.pop() if len(years) == 1 else None


def start_of_week(day, region):
    """The first day of the week that holds *day*; *region* (a tag like en-US) says whether that is Sunday or Monday."""
    return day - dt.timedelta(days=(day.weekday() - first_weekday(region)) % 7)


@cache
def first_weekday(region):
    """0 = Monday … 6 = Sunday."""
    return Locale.parse(region, sep="-").first_week_day


def next_minute():
    """(date, time) on the reader's wall clock: one second from now, rounded up to the full minute (R-18)."""
    # Rounded as an instant, then shown: in the hour that is repeated or left out, wall clocks cannot be added to.
    soon = timezone.now() + dt.timedelta(seconds=1)
    full = soon.replace(second=0, microsecond=0)
    local = timezone.localtime(full if full == soon else full + MINUTE)
    return local.date(), local.time()


def is_future(date, time=None):
    """Whether that wall clock lies ahead of the reader; without *time*, whether the day does.

    The start time of a new sheet (`next_minute`) is not the future yet.
    """
    if time is None:
        return date > today()
    return (date, time) > next_minute()
