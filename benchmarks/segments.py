"""Segments: logging, choosing and looking at many lines, beside the same done by hand-written SQL.

Each run happens in a transaction that checks its foreign keys, as a commit does, and is then rolled back: all of them
meet the same rows. `python -m benchmarks.segments 10000` logs that many in a process of its own and prints its memory.
"""

import os
import subprocess
import sys
import time
from functools import partial

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction
from django.db.models import Value
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.bulk import insert_from_select
from crm.models import Contact, ContactMailingGroup, MailingGroup, Salesperson, User
from interactions.models import Attachment, Campaign, InteractionTemplate, LoggedSegment
from segments.actions import add_contacts, count_candidates, go_back, log_segment, measure
from segments.actions.logging import write_entries
from segments.criteria import Condition, Recipe
from segments.models import CriteriaStep, Segment, SegmentAttachment, SegmentLine

from .databases import ROOT
from .meters import Backend, Rounds, peak_memory, statements

FEW, MANY = 10_000, 100_000
GROUP = "BENCH"


def user():
    return User.objects.get(username="nora.alder")


# --- the worksheets -----------------------------------------------------------------------------------------------------


def worksheet(number, size):
    """A segment of the first *size* contacts that can be logged; some lines say something themselves."""
    by = user()
    template = InteractionTemplate.objects.get(code="OUTGOING")
    segment = Segment.objects.create(
        no=number,
        description="Only for measuring",
        template=template,
        salesperson=Salesperson.objects.active().order_by("pk").first(),
        campaign=Campaign.objects.order_by("pk").first(),
        language="es",
        date=timezone.localdate(),
        created_by=by,
        changed_by=by,
        changed_at=timezone.now(),
    )
    file = Attachment.objects.order_by("pk").first()
    for language in ("es", "en", "fr"):
        SegmentAttachment.objects.create(
            segment=segment, language=language, subject=f"Prices {language}", attachment=file
        )
    step = CriteriaStep.objects.create(
        segment=segment, number=1, action="ADD", created_by=by, created_at=timezone.now()
    )
    chosen = Contact.objects.filter(privacy_blocked=False).order_by("pk")[:size]
    fill(segment, step, chosen)
    lines = SegmentLine.objects.filter(segment=segment)
    other = InteractionTemplate.objects.exclude(pk=template.pk).order_by("pk").first()
    every(lines, 10).update(own_template=other)
    every(lines, 7).update(own_cost="3.50", own_description="Own words")
    every(lines, 20).update(own_language="en", own_subject="Own subject")
    return segment


def fill(segment, step, contacts):
    return insert_from_select(
        SegmentLine,
        contacts,
        segment=Value(segment.pk),
        contact="pk",
        added_by=Value(step.pk),
        without_letter=Value(False),
        attempt_failed=Value(False),
    )


def every(lines, number):
    return lines.annotate(rest=django.db.models.F("pk") % number).filter(rest=0)


# --- the same by hand ---------------------------------------------------------------------------------------------------


def run(sql, **values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def base(tag):
    found = "strpos" if connection.vendor == "postgresql" else "instr"
    return f"substr({tag}, 1, {found}({tag} || '-', '-') - 1)"


def entries_by_hand():
    asked = "coalesce(l.own_language, nullif(c.language, ''))"
    default = "coalesce(ot.language, s.language, st.language, '')"
    letters = "".join(
        f" LEFT JOIN {table} {name}{rank} ON {name}{rank}.{key} = {owner} AND {name}{rank}.language = {tag}{only}"
        for name, table, key, owner, only in (
            ("o", "interactions_interactiontemplatelanguage", "template_id", "l.own_template_id", ""),
            (
                "h",
                "segments_segmentattachment",
                "segment_id",
                "l.segment_id",
                " AND l.own_template_id IS NULL",
            ),
        )
        for rank, tag in enumerate((asked, base(asked), default))
    )
    homes = "".join(
        f" LEFT JOIN crm_teammember {name} ON {name}.salesperson_id = {person} AND {name}.is_home"
        for name, person in (
            ("m1", "l.own_salesperson_id"),
            ("m2", "s.salesperson_id"),
            ("m3", "c.salesperson_id"),
        )
    )
    rows = ("o0", "o1", "o2", "h0", "h1", "h2")

    def nearest(name):
        return f"coalesce(l.own_{name}, ot.{name}, s.{name}, st.{name})"

    def row(name):
        return ", ".join(f"{each}.{name}" for each in rows)

    file = " ".join(f"WHEN {each}.language IS NOT NULL THEN {each}.attachment_id" for each in rows)
    channel = (
        "coalesce(l.own_channel,"
        " CASE WHEN coalesce(s.ignore_contact, st.ignore_contact)"
        " THEN nullif(coalesce(s.channel, st.channel), '') END,"
        " CASE WHEN coalesce(ot.ignore_contact, st.ignore_contact) OR c.channel = ''"
        " THEN nullif(coalesce(ot.channel, st.channel), '') END, c.channel)"
    )
    campaign = "coalesce(l.own_campaign_id, s.campaign_id, ot.campaign_id)"
    columns = {
        "contact_id": "l.contact_id",
        "contact_company_id": "CASE WHEN c.type = 'COMPANY' THEN l.contact_id ELSE c.company_id END",
        "salesperson_id": "coalesce(l.own_salesperson_id, s.salesperson_id, c.salesperson_id)",
        "team_id": "CASE WHEN l.own_salesperson_id IS NOT NULL THEN m1.team_id"
        " WHEN s.salesperson_id IS NOT NULL THEN m2.team_id ELSE m3.team_id END",
        "template_id": "coalesce(l.own_template_id, s.template_id)",
        "group_id": "coalesce(ot.group_id, st.group_id)",
        **{
            name: nearest(name)
            for name in (
                "description",
                "direction",
                "initiated_by",
                "cost",
                "minutes",
                "campaign_target",
                "campaign_response",
            )
        },
        "subject": f"coalesce(l.own_subject, {row('subject')}, '')",
        "language": f"coalesce({row('language')}, l.own_language, {default})",
        "evaluation": "l.evaluation",
        "attempt_failed": "l.attempt_failed",
        "attachment_id": "CASE WHEN NOT l.without_letter THEN CASE WHEN l.own_attachment_id IS NOT NULL"
        f" THEN l.own_attachment_id {file} END END",
        "campaign_id": campaign,
        "campaign_entry_id": "e.id",
        "date": "coalesce(l.own_date, s.date)",
        "time": "coalesce(l.own_time, %(time)s)",
        "channel": f"CASE WHEN {channel} = 'EMAIL' AND c.email = '' THEN '' ELSE {channel} END",
        "segment_no": "s.no",
        "segment_line_no": "l.id",
        "logged_segment_id": "%(logged)s",
        "logged_at": "%(at)s",
        "logged_by_id": "%(by)s",
        "document_version": "0",
        **dict.fromkeys(
            (
                "address_code",
                "contact_via",
                "document_no",
                "document_url",
                "opportunity_no",
                "opportunity_url",
                "canceled_reason",
                "canceled_with",
            ),
            "''",
        ),
    }
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO interactions_interactionlogentry ({names}) SELECT {', '.join(columns.values())}"
        " FROM segments_segmentline l JOIN segments_segment s ON s.id = l.segment_id"
        " JOIN crm_contact c ON c.id = l.contact_id"
        " LEFT JOIN interactions_interactiontemplate st ON st.id = s.template_id"
        " LEFT JOIN interactions_interactiontemplate ot ON ot.id = l.own_template_id"
        " LEFT JOIN interactions_campaignentry e"
        f" ON e.logged_segment_id = %(logged)s AND e.campaign_id = {campaign}"
        f"{homes}{letters} WHERE l.segment_id = %(segment)s ORDER BY l.id"
    )


def adapted():
    now = timezone.now()
    return {
        "at": connection.ops.adapt_datetimefield_value(now),
        "time": connection.ops.adapt_timefield_value(now.time().replace(microsecond=0)),
        "by": user().pk,
    }


def register(segment, by):
    return LoggedSegment.objects.create(
        segment_no=segment.no, description=segment.description, logged_at=timezone.now(), logged_by=by
    )


def log_by_hand(segment, values, sql, *, follow_up=False):
    """The register row, one campaign entry, the entries, a follow-up, and the worksheet removed: nothing is checked."""
    values = values | {"segment": segment.pk, "no": segment.no}
    run(
        "INSERT INTO interactions_loggedsegment (segment_no, description, criteria, logged_at, logged_by_id,"
        " canceled_reason) VALUES (%(no)s, 'By hand', '[]', %(at)s, %(by)s, '')",
        **values,
    )
    values["logged"] = LoggedSegment.objects.values_list("pk", flat=True).get(segment_no=segment.no)
    run(
        "INSERT INTO interactions_campaignentry (campaign_id, description, date, segment_no, logged_segment_id,"
        " created_by_id, created_at, canceled_with_segment, canceled_reason)"
        " SELECT DISTINCT coalesce(l.own_campaign_id, s.campaign_id, t.campaign_id), 'By hand', s.date, s.no,"
        " CAST(%(logged)s AS bigint), CAST(%(by)s AS bigint), %(at)s, FALSE, ''"
        " FROM segments_segmentline l JOIN segments_segment s ON s.id = l.segment_id"
        " LEFT JOIN interactions_interactiontemplate t ON t.id = l.own_template_id WHERE s.id = %(segment)s".replace(
            "%(at)s, FALSE",
            "CAST(%(at)s AS timestamptz), FALSE" if connection.vendor == "postgresql" else "%(at)s, 0",
        ),
        **values,
    )
    run(sql, **values)
    if follow_up:
        follow_up_by_hand(values)
    for statement in (
        "DELETE FROM segments_segmentline WHERE segment_id = %(segment)s",
        "DELETE FROM segments_criteriastep WHERE segment_id = %(segment)s",
        "DELETE FROM segments_segmentattachment WHERE segment_id = %(segment)s",
        "DELETE FROM segments_segment WHERE id = %(segment)s",
    ):
        run(statement, **values)


def follow_up_by_hand(values):
    run(
        "INSERT INTO segments_segment (no, description, date, version, figures, created_by_id, created_at,"
        " changed_by_id, changed_at) SELECT 'BENCHFU', 'By hand', date, 0, '{}', created_by_id, created_at,"
        " changed_by_id, changed_at FROM segments_segment WHERE id = %(segment)s",
        **values,
    )
    values["new"] = Segment.objects.values_list("pk", flat=True).get(no="BENCHFU")
    run(
        "INSERT INTO segments_criteriastep (segment_id, number, action, origin, recipe, outline, changed,"
        " lines_after, created_by_id, created_at)"
        " VALUES (%(new)s, 1, 'ADD', 'LOGGED', '{}', '{}', 0, 0, %(by)s, %(at)s)",
        **values,
    )
    run(
        "INSERT INTO segments_segmentline (segment_id, contact_id, added_by_id, own_campaign_id, without_letter,"
        " attempt_failed) SELECT %(new)s, l.contact_id, (SELECT id FROM segments_criteriastep WHERE segment_id ="
        " %(new)s), l.own_campaign_id, FALSE, FALSE FROM segments_segmentline l JOIN crm_contact c"
        " ON c.id = l.contact_id WHERE l.segment_id = %(segment)s AND NOT c.privacy_blocked"
        " AND NOT c.exclude_from_segment ORDER BY l.id",
        **values,
    )


# --- measuring ----------------------------------------------------------------------------------------------------------


class Stopwatch:
    """Processor seconds of Python and of the database, of work that is rolled back afterwards."""

    def __init__(self):
        self.backend, self.samples, self.statements = Backend(), Rounds(), {}

    def time(self, name, work, *, before=None, after=None):
        with transaction.atomic():
            prepared = before() if before else ()
            cpu, database = time.process_time(), self.backend.seconds()
            with statements() as seen:
                work(*prepared)
            python = time.process_time() - cpu
            if connection.vendor == "postgresql":
                run("SET CONSTRAINTS ALL IMMEDIATE")
            database = self.backend.seconds() - database
            cpu = time.process_time() - cpu
            total = database if connection.vendor == "sqlite" else cpu + database
            self.samples.add(name, total=total, python=python, database=database)
            # Elsewhere the work is not inside another transaction, and has no savepoints.
            self.statements[name] = sum("SAVEPOINT" not in sql for sql, _params in seen)
            if after:
                after()
            transaction.set_rollback(True)


def measure_logging(rounds, say):
    """{"watch": Stopwatch, "sizes": [few, many]}; names are (what, size)."""
    watch, by, sql = Stopwatch(), user(), entries_by_hand()
    sheets = {size: worksheet(f"BENCH{size}", size) for size in (FEW, MANY)}
    analyze()
    found = {size: sheet.lines.count() for size, sheet in sheets.items()}
    for size, sheet in sheets.items():
        lines = SegmentLine.objects.filter(segment=sheet)

        def entries(logged, sheet=sheet, lines=lines):
            write_entries(sheet, lines.effective(), logged, by=by)

        def entries_raw(logged, sheet=sheet):
            run(sql, **adapted(), segment=sheet.pk, logged=logged.pk)

        for _round in range(min(rounds, 5 if size == FEW else 3)):
            registered = partial(lambda sheet: [register(sheet, by)], sheet)
            watch.time(("entries", size), entries, before=registered)
            watch.time(("entries, floor", size), entries_raw, before=registered)
            for name, follow_up in (("log", False), ("log, follow-up", True)):
                watch.time((name, size), partial(log_segment, sheet, by=by, follow_up=follow_up))
                watch.time(
                    (f"{name}, floor", size),
                    partial(log_by_hand, sheet, adapted(), sql, follow_up=follow_up),
                )
        say(f"  logged {found[size]:,} lines")
    return {"watch": watch, "sizes": list(sheets), "lines": found}


def analyze():
    run("ANALYZE")


def measure_count(rounds, say):
    """The live count of one condition of each kind, beside what a large segment has already."""
    watch, by = Stopwatch(), user()
    group = MailingGroup.objects.create(code=GROUP)
    new = Contact.objects.filter(pk__in=every(Contact.objects, 3).values("pk"))
    insert_from_select(ContactMailingGroup, new, contact="pk", mailing_group=Value(group.pk))
    sheet = Segment.objects.filter(no=f"BENCH{MANY}").first() or worksheet(f"BENCH{MANY}", MANY)
    analyze()
    country = (
        Contact.objects.values_list("country").annotate(n=django.db.models.Count("pk")).order_by("-n")[0][0]
    )
    condition = Recipe(
        (
            Condition("mailing_group", "is", [GROUP]),
            Condition("country", "is", [country]),
            Condition("last_interaction", "not_within", 180),
        )
    )
    counts = {}
    for _round in range(min(rounds, 3)):
        watch.time("count", lambda: counts.update(count_candidates(sheet, condition, by=by)))
    say("  contacts counted")
    return {"watch": watch, "counts": counts, "contacts": Contact.objects.count()}


def measure_choosing(rounds, say):
    """Adding everybody and going back, figures and card of a large segment."""
    watch, by = Stopwatch(), user()
    sheet = Segment.objects.get(no=f"BENCH{MANY}")
    empty = worksheet("BENCH0", 0)
    small = worksheet("BENCH100", 100)
    analyze()
    add_raw = (
        "INSERT INTO segments_segmentline (segment_id, contact_id, added_by_id, without_letter, attempt_failed)"
        " SELECT CAST(%(segment)s AS bigint), c.id, CAST(%(step)s AS bigint), FALSE, FALSE FROM crm_contact c"
        " WHERE NOT c.privacy_blocked AND NOT c.exclude_from_segment AND NOT EXISTS (SELECT 1 FROM"
        " segments_segmentline l WHERE l.segment_id = %(segment)s AND l.contact_id = c.id)"
        " ORDER BY c.company_name, c.type, c.name, c.id"
    )
    step = empty.steps.get()
    for _round in range(min(rounds, 3)):
        watch.time("figures", partial(measure, sheet))
        watch.time("add", partial(add_contacts, empty, Recipe(), by=by))
        watch.time("add, floor", partial(run, add_raw, segment=empty.pk, step=step.pk))
        watch.time(
            "go back",
            partial(go_back, empty, by=by),
            before=lambda: add_contacts(empty, Recipe(), by=by) and (),
        )
    client = Client()
    client.force_login(by)
    for _round in range(rounds):
        for name, segment in (("card, many lines", sheet), ("card, 100 lines", small)):
            watch.time(name, partial(client.get, reverse("segments:segment", args=[segment.no])))
    say("  contacts added, cards opened")
    return {"watch": watch, "lines": sheet.lines.count()}


def measure_memory(say):
    """{size: MB at most} of processes that log so many lines."""
    found = {}
    for size in (FEW, MANY):
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.segments", str(size)],
            cwd=ROOT,
            env=os.environ,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        found[size] = float(answer.stdout)
        say(f"  logging {size:,} lines: {found[size]:.1f} MB")
    return found


def main(size):
    with (
        connection.cursor() as cursor
    ):  # fills the cache of the database, which is memory of this process on SQLite
        cursor.execute("SELECT sum(length(search_text)) FROM crm_contact")
        cursor.execute("SELECT sum(length(description)) FROM interactions_interactionlogentry")
    with transaction.atomic():
        log_segment(Segment.objects.get(no=f"BENCH{size}"), by=user())
        sys.stdout.write(f"{peak_memory()}\n")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
