"""Filters that write dates and numbers by the reader's region. A builtin: templates need not load it."""

from django.template import Library

from crm import formats, languages

register = Library()

register.filter("date_table", formats.date_table)
register.filter("date_dense", formats.date_dense)
register.filter("date_long", formats.date_long)
register.filter("date_said", formats.date_said)
register.filter("month_year", formats.month_year)
register.filter("date_time", formats.date_time)
register.filter("clock", formats.time_short)
register.filter("when", formats.relative)
register.filter("day", formats.relative_day)
register.filter("number", formats.integer)
register.filter("decimal", formats.decimal)
register.filter("money", formats.money)
register.filter("percent", formats.percent)
register.filter("minutes", formats.minutes)
register.filter("file_size", formats.file_size)
register.filter("language_name", languages.language_name)


@register.filter
def iso(value):
    """A date, time or instant for a machine: the `datetime` of <time>, the value of a native picker."""
    return "" if value in (None, "") else value.isoformat()
