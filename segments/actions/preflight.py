"""What would go wrong when a segment is logged: every problem, counted before the button is pressed (ui 5.10)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add, or_
from typing import Any

from django.db.models import Case, CharField, Count, F, IntegerField, Max, Min, Q, Sum, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock
from crm.errors import Refusal
from crm.models import Channel, Contact, MarketingSetup, OptOut, Salesperson, Scope
from crm.parsing.expressions import ByCharacter, Capitals
from interactions.actions.deliveries import PRINTED_AS_LETTERS
from interactions.models import Attachment, LoggedSegment
from segments.models import SegmentLine

from .segments import SegmentAlreadyLogged, foresee_number

BLOCKING, CHECK = "blocking", "check"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One way in which a line is not as it should be.

    q: () -> the Q over `effective()` lines that have it.  level: (deliver) -> BLOCKING, CHECK, or "" where it is no
    problem.
    """

    code: str
    label: Any
    q: Callable
    level: Callable


def blocked_salespeople():
    """Ids of those who may not be given new work, as a subquery: as they are when the statement around it runs."""
    return (
        Salesperson.objects.exclude(pk__in=Salesperson.objects.active().values("pk")).order_by().values("pk")
    )


def in_the_future():
    if MarketingSetup.current().future_dates_allowed:
        return Q(pk=None)
    today, now = clock.this_minute()
    return Q(date__gt=today) | Q(date=today, own_time__gt=now)


def other_language():
    """The file is in another language than the contact's, not even in its base language."""
    return (
        Q(attachment__isnull=False) & ~Q(spoken="") & ~Q(language=F("spoken")) & ~Q(language=F("spoken_base"))
    )


def opted_out():
    """The contact wants nothing by the way the line would go."""
    return reduce(
        or_,
        (
            Q(
                channel=channel,
                contact__in=OptOut.objects.filter(channel=channel).order_by().values("contact"),
            )
            for channel in Channel.values
        ),
    )


def printable():
    return Attachment.objects.filter(extension__in=PRINTED_AS_LETTERS).order_by().values("pk")


always_blocking = lambda deliver: BLOCKING  # noqa: E731
only_a_check = lambda deliver: CHECK  # noqa: E731
when_delivering = lambda deliver: BLOCKING if deliver else CHECK  # noqa: E731
only_when_delivering = lambda deliver: BLOCKING if deliver else ""  # noqa: E731

# Worst first: the first one a line has is the one its row shows.
CHECKS = (
    Check(
        code="privacy",
        label=_("Blocked for privacy"),
        q=lambda: Q(contact__privacy_blocked=True),
        level=always_blocking,
    ),
    Check(
        code="no_template",
        label=_("No template"),
        q=lambda: Q(template__isnull=True),
        level=always_blocking,
    ),
    Check(
        code="no_description",
        label=_("No description"),
        q=lambda: Q(description__isnull=True) | Q(description=""),
        level=always_blocking,
    ),
    Check(
        code="no_salesperson",
        label=_("No salesperson"),
        q=lambda: Q(salesperson__isnull=True),
        level=always_blocking,
    ),
    Check(
        code="salesperson_blocked",
        label=_("Salesperson blocked"),
        q=lambda: Q(salesperson__in=blocked_salespeople()),
        level=always_blocking,
    ),
    Check(code="future", label=_("Date in the future"), q=in_the_future, level=always_blocking),
    Check(
        code="no_file",
        label=pgettext_lazy("check of a line", "No file"),
        q=lambda: Q(channel=Channel.EMAIL, attachment__isnull=True),
        level=when_delivering,
    ),
    Check(
        code="no_email",
        label=pgettext_lazy("check of a line", "No e-mail"),
        q=lambda: Q(channel=Channel.EMAIL, contact__email=""),
        level=when_delivering,
    ),
    Check(
        code="no_letter",
        label=pgettext_lazy("check of a line", "No letter"),
        q=lambda: (
            Q(channel=Channel.HARD_COPY) & (Q(attachment__isnull=True) | ~Q(attachment__in=printable()))
        ),
        level=only_when_delivering,
    ),
    Check(
        code="opted_out",
        label=pgettext_lazy("check of a line", "Opted out"),
        q=opted_out,
        level=only_a_check,
    ),
    Check(
        code="other_language",
        label=_("Other language"),
        q=other_language,
        level=only_a_check,
    ),
    Check(
        code="no_address",
        label=_("No address"),
        q=lambda: Q(channel=Channel.HARD_COPY, contact__address=""),
        level=only_a_check,
    ),
    Check(
        code="excluded",
        label=_("Excluded from segments"),
        q=lambda: Q(contact__exclude_from_segment=True),
        level=only_a_check,
    ),
)
BY_CODE = {check.code: check for check in CHECKS}


BIT = {check.code: 1 << number for number, check in enumerate(CHECKS)}
MAILED = 1 << len(CHECKS)  # sends an e-mail to an address
POSTED = MAILED << 1  # goes as a letter

SAME_ADDRESS = Check(
    code="same_address",
    label=_("Same e-mail address"),
    q=lambda: Q(),
    level=only_a_check,
)


class SegmentIsEmpty(Refusal):
    sentence = _("This segment has no contacts yet. Add some before you log it.")


class NoDescription(Refusal):
    sentence = _("Enter a description for the segment before you log it.")


@dataclass(frozen=True)
class Finding:
    """A check that some lines do not pass.

    detail: the language of "other_language", else "".  lines: ids of the first and the last of them, as far as the
    reader sees their contacts.  languages: of the files that lines with "other_language" get instead.
    """

    check: Check
    level: str
    count: int
    detail: str = ""
    lines: tuple = ()
    languages: tuple = ()

    @property
    def code(self):
        return self.check.code


@dataclass(frozen=True)
class Preflight:
    """The state of a segment at one version.

    lines: how many would be logged; ready: those with nothing against them; blocked: those that keep the others from
    being logged.  findings: worst first.  obstacles: Refusals that concern the segment as a whole, in the order of R-61.
    emails, letters: how many would be sent and printed.
    """

    version: int
    lines: int
    ready: int
    blocked: int
    findings: tuple
    obstacles: tuple
    cost: Decimal
    minutes: int
    emails: int = 0
    letters: int = 0

    @property
    def blocking(self):
        return [finding for finding in self.findings if finding.level == BLOCKING]

    @property
    def warnings(self):
        return [finding for finding in self.findings if finding.level == CHECK]

    def count_of(self, code):
        return sum(finding.count for finding in self.findings if finding.code == code)


def preflight(segment, *, deliver=False, follow_up=False, reader=None):
    """Everything that stands against logging *segment* now: one query over its lines, one over their e-mail addresses.

    follow_up: one is wanted, which needs a number.  reader: the user whose contacts the findings may name.
    """
    lines = SegmentLine.objects.filter(segment=segment)
    groups = Groups(lines.effective(), looked_at(deliver), reader=reader)
    findings = groups.findings(deliver)
    if groups.count(MAILED) > 1:
        findings += same_addresses(lines, groups.named)
    findings.sort(key=lambda finding: finding.level != BLOCKING)
    obstacles = [*obstacles_of(segment, groups.total)]
    if follow_up:
        obstacles += number_obstacles()
    return groups.preflight(segment, deliver, findings, obstacles)


def blocking_preflight(segment, lines=None, *, deliver=False):
    """The Preflight that looks only at what blocks, so that `ready` are those that may be logged; no obstacles.

    lines: the effective ones of *segment*, from whoever has them already.
    """
    if lines is None:
        lines = SegmentLine.objects.filter(segment=segment).effective()
    groups = Groups(lines, [check for check in CHECKS if check.level(deliver) == BLOCKING])
    return groups.preflight(segment, deliver, groups.findings(deliver), ())


def looked_at(deliver=False):
    """The CHECKS that are of interest."""
    return [check for check in CHECKS if check.level(deliver)]


def obstacles_of(segment, lines):
    """Refusals, in the order of R-61. lines: how many there are."""
    logged = LoggedSegment.objects.filter(segment_no=segment.no).first()
    if logged is not None:
        yield SegmentAlreadyLogged(logged)
    if not segment.description:
        yield NoDescription()
    if not lines:
        yield SegmentIsEmpty()


def number_obstacles():
    """Why the next segment would get no number: a list of one Refusal, or of none."""
    try:
        foresee_number()
    except Refusal as problem:
        return [problem]
    return []


def blocking_q(deliver):
    """The Q over effective lines that keep their segment from being logged."""
    return reduce(or_, (check.q() for check in CHECKS if check.level(deliver) == BLOCKING))


# --- one look at all lines --------------------------------------------------------------------------------------------


class Group:
    """Lines with the same problems. key: their bits, and of "other_language" the one that is wanted and the one given.

    first, last: ids of lines that the reader sees, or None.
    """

    def __init__(self, key, size, first, last, cost, minutes):
        mask, *languages = key.split(" ")
        self.wanted, self.given = languages or ("", "")
        self.mask = int(mask) | (BIT["other_language"] if languages else 0)
        self.size, self.first, self.last, self.cost, self.minutes = size, first, last, cost, minutes


class Groups:
    """Lines by what is wrong with them: each line is looked at once, and the combinations that occur are few.

    lines: the effective ones of a segment.  checks: those that are looked at.
    """

    def __init__(self, lines, checks, *, reader=None):
        self.lines, self.checks = lines, checks
        self.named = named_to(reader)
        self.rows = [Group(*row) for row in self._query()]
        self.total = sum(row.size for row in self.rows)

    def _query(self):
        """One row for each combination; `key` is of the sort that PostgreSQL groups without sorting."""
        bits = [bit(check.q(), BIT[check.code]) for check in self.checks if check.code != "other_language"]
        key = Cast(reduce(add, bits), CharField())
        if BY_CODE["other_language"] in self.checks:
            mailed = bit(Q(channel=Channel.EMAIL) & ~Q(contact__email=""), MAILED)
            posted = bit(Q(channel=Channel.HARD_COPY), POSTED)
            mask = Cast(reduce(add, [*bits, mailed, posted]), CharField())
            with_languages = Concat(
                mask, Value(" "), "spoken", Value(" "), "language", output_field=CharField()
            )
            key = Case(When(other_language(), then=with_languages), default=mask, output_field=CharField())
        grouped = self.lines.order_by().annotate(key=ByCharacter(key)).values("key")
        return grouped.annotate(
            size=Count("pk"),
            first=Min("pk", filter=self.named),
            last=Max("pk", filter=self.named),
            total_cost=Sum("cost"),
            total_minutes=Sum("minutes"),
        ).values_list("key", "size", "first", "last", "total_cost", "total_minutes")

    def having(self, mask):
        return [row for row in self.rows if row.mask & mask]

    def count(self, mask, *, without=0):
        return sum(row.size for row in self.having(mask) if not row.mask & without)

    def findings(self, deliver):
        found = []
        for check in self.checks:
            rows = self.having(BIT[check.code])
            level = check.level(deliver)
            if check.code == "other_language":
                tags = {row.wanted for row in rows}
                by_tag = [finding(check, level, [r for r in rows if r.wanted == tag], tag) for tag in tags]
                found += sorted(by_tag, key=lambda each: (-each.count, each.detail))
            elif rows:
                found.append(finding(check, level, rows))
        return found

    def preflight(self, segment, deliver, findings, obstacles):
        blocks = sum(BIT[check.code] for check in self.checks if check.level(deliver) == BLOCKING)
        cost = sum((Decimal(row.cost or 0) for row in self.rows), Decimal(0))
        return Preflight(
            version=segment.version,
            lines=self.total,
            ready=self.total - self.count(MAILED - 1),
            blocked=self.count(blocks),
            findings=tuple(findings),
            obstacles=tuple(obstacles),
            cost=cost.quantize(Decimal("0.01")),
            minutes=sum(row.minutes or 0 for row in self.rows),
            emails=self.count(MAILED, without=BIT["no_file"] | BIT["opted_out"]),
            letters=self.count(POSTED, without=BIT["no_letter"] | BIT["opted_out"]),
        )


def named_to(reader):
    """The Q over lines whose contact *reader* may see; None for all of them."""
    if reader is None or reader.scope == Scope.ALL:
        return None
    return Q(contact__in=Contact.objects.visible_to(reader).values("pk"))


def bit(q, value):
    return Case(When(q, then=Value(value)), default=Value(0), output_field=IntegerField())


def finding(check, level, rows, tag=""):
    ids = {row.first for row in rows} | {row.last for row in rows}
    languages = sorted({row.given for row in rows}) if tag else []
    return Finding(check, level, sum(row.size for row in rows), tag, ends_of(ids - {None}), tuple(languages))


def ends_of(ids):
    """The first and the last of *ids*, each once."""
    return tuple(sorted({min(ids), max(ids)})) if ids else ()


# --- which lines ------------------------------------------------------------------------------------------------------


def on_same_address(lines):
    """Those of *lines* that would send to an e-mail address another one sends to as well."""
    return by_mail(lines).filter(address__in=addresses(lines).values("address"))


def by_mail(lines):
    """Those of *lines* that send an e-mail, each with its `address`: large and small letters are the same to everybody."""
    mailed = lines.effective().filter(channel=Channel.EMAIL).exclude(contact__email="")
    return mailed.annotate(address=Capitals("contact__email"))


def addresses(lines):
    """The e-mail addresses that several of *lines* send to, each with the `count` of these."""
    return by_mail(lines).order_by().values("address").annotate(count=Count("pk")).filter(count__gt=1)


def same_addresses(lines, named):
    """The Finding of lines on the same address, or none. named: as of `named_to`."""
    shared = addresses(lines).annotate(first=Min("pk", filter=named), last=Max("pk", filter=named))
    found = shared.aggregate(lines=Sum("count"), of_first=Min("first"), of_last=Max("last"))
    if not found["lines"]:
        return []
    ends = ends_of({found["of_first"], found["of_last"]} - {None})
    return [Finding(SAME_ADDRESS, CHECK, found["lines"], lines=ends)]


def with_check(lines):
    """Effective *lines*, each with `check`: the code of the worst thing it has, or ""."""
    whens = [When(check.q(), then=Value(check.code)) for check in looked_at()]
    return lines.effective().annotate(check=Case(*whens, default=Value(""), output_field=CharField()))


def lines_with(lines, code, detail=""):
    """Those of *lines* that do not pass the check *code*; "" for any of them."""
    if code == SAME_ADDRESS.code:
        return on_same_address(lines)
    found = lines.effective()
    if code:
        found = found.filter(BY_CODE[code].q())
        return found.filter(spoken=detail) if detail else found
    return found.filter(reduce(or_, (check.q() for check in looked_at())))


def measure(segment):
    """Count what the card and the list show of the lines and keep it with the version it was counted at.

    Returns {"lines", "ready", "blocking", "checks": {code: count}, "cost", "minutes", "counted_at"}.
    """
    result = preflight(segment)
    checks = {}
    for each in result.findings:
        checks[each.code] = checks.get(each.code, 0) + each.count
    figures = {
        "lines": result.lines,
        "ready": result.ready,
        "blocking": result.blocked,
        "checks": checks,
        "cost": str(result.cost),
        "minutes": result.minutes,
        "counted_at": timezone.now().isoformat(),
    }
    type(segment).objects.filter(pk=segment.pk, version=segment.version).update(
        figures=figures, figures_version=segment.version
    )
    segment.figures, segment.figures_version = figures, segment.version
    return figures
