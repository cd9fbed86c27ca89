import datetime as dt
import re

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.errors import Refusal

from .fields import CodeField


class NumberSeriesProblem(Refusal):
    """A number series cannot give, or may not accept, a number (R-84)."""


def add_to_number(number, step):
    """*number* with its last run of digits raised by *step*; leading zeros stay: CT000009 -> CT000010 (R-84).

    Raises NumberSeriesProblem when there is no digit to raise.
    """
    match = re.search(r"(\d+)(\D*)$", number)
    if not match:
        raise NumberSeriesProblem(_("“%(number)s” has no digits to count up."), number=number)
    digits = str(int(match[1]) + step).zfill(len(match[1]))
    return f"{number[: match.start(1)]}{digits}{match[2]}"


def counts_before(number, other):
    """Whether *number* comes before *other* in one series: shorter first, then by letters."""
    return (len(number), number) < (len(other), other)


class NumberSeries(models.Model):
    """A named counter that hands out numbers of contacts, campaigns and segments."""

    code = CodeField(_("code"), max_length=20, unique=True)
    description = models.CharField(_("description"), max_length=100, blank=True)
    default_nos = models.BooleanField(_("gives numbers automatically"), default=True)
    manual_nos = models.BooleanField(_("accepts typed numbers"), default=False)
    date_order = models.BooleanField(_("keeps numbers in date order"), default=False)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")

    def __str__(self):
        return self.description or self.code

    # Mutators

    def take(self, *, on=None, taken=None):
        """The next number on day *on* (a date; today), counted as used. The series' line is locked until commit.

        Call it inside a transaction; a refusal leaves nothing written.
        taken: a callable that tells whether a number is already in use; such numbers are skipped (R-84, contacts).
        Raises NumberSeriesProblem.
        """
        line, number = self._next(self.lines.select_for_update(), on or clock.today(), taken)
        line.save(update_fields=["last_no_used", "last_date_used", "is_open"])
        return number

    def foresee(self, *, on=None, taken=None):
        """The number that `take` would give; nothing is counted, nothing locked. Raises NumberSeriesProblem."""
        return self._next(self.lines, on or clock.today(), taken)[1]

    def _next(self, lines, on, taken):
        """(the line of the series that counts on day *on*, not saved; its next number that is not *taken*)."""
        if not self.default_nos:
            raise NumberSeriesProblem(
                _("The number series %(series)s gives no numbers automatically. Enter one."), series=self.code
            )
        line = lines.valid_on(on).first()
        if line is None:
            raise NumberSeriesProblem(
                _("The number series %(series)s has no open line for %(day)s. Add one to it."),
                series=self.code,
                day=on.isoformat(),
            )
        number = line.count_up(on, series=self)
        while taken is not None and taken(number):
            number = line.count_up(on, series=self)
        return line, number

    def accept(self, number):
        """Allow the typed *number*, or raise NumberSeriesProblem (R-84)."""
        if not self.manual_nos:
            raise NumberSeriesProblem(
                _("Numbers of the series %(series)s are given automatically. Leave the number empty."),
                series=self.code,
            )


class NumberSeriesLineQuerySet(models.QuerySet):
    def valid_on(self, day):
        """Open lines that have begun on *day*, the latest first."""
        return self.filter(is_open=True, starting_date__lte=day).order_by("-starting_date", "id")


class NumberSeriesLine(models.Model):
    series = models.ForeignKey(
        NumberSeries, models.CASCADE, related_name="lines", verbose_name=_("number series")
    )
    starting_date = models.DateField(_("starting date"), default=dt.date(2000, 1, 1))
    starting_no = CodeField(_("starting no."), max_length=20)
    ending_no = CodeField(_("ending no."), max_length=20, blank=True)
    warning_no = CodeField(_("warning no."), max_length=20, blank=True)
    increment_by = models.PositiveIntegerField(_("increment"), default=1)
    last_no_used = CodeField(_("last no. used"), max_length=20, blank=True)
    last_date_used = models.DateField(_("last date used"), null=True, blank=True)
    is_open = models.BooleanField(_("open"), default=True)

    objects = NumberSeriesLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("number series line")
        verbose_name_plural = _("number series lines")
        constraints = [
            models.CheckConstraint(name="number_series_line_counts_up", condition=Q(increment_by__gte=1)),
            models.UniqueConstraint(name="number_series_line_start_once", fields=["series", "starting_date"]),
        ]

    def __str__(self):
        return f"{self.series.code} {self.starting_no}"

    # Mutators

    def count_up(self, on, *, series):
        """Move on by one number and return it; the caller saves. Raises NumberSeriesProblem."""
        if series.date_order and self.last_date_used and on < self.last_date_used:
            raise NumberSeriesProblem(
                _("The number series %(series)s has already given a number for a later day."),
                series=series.code,
            )
        number = (
            add_to_number(self.last_no_used, self.increment_by) if self.last_no_used else self.starting_no
        )
        if self.ending_no and counts_before(self.ending_no, number):
            raise NumberSeriesProblem(
                _("The number series %(series)s is used up at %(number)s. Add a line to it."),
                series=series.code,
                number=self.ending_no,
            )
        self.last_no_used, self.last_date_used = number, on
        if number == self.ending_no:
            self.is_open = False
        return number

    # Properties

    @property
    def is_near_its_end(self):
        """Whether the warning number has been reached."""
        return bool(self.warning_no and self.last_no_used) and not counts_before(
            self.last_no_used, self.warning_no
        )
