"""The lines of a segment: one page of them, one cell to edit, one line in a sheet, and verbs on many."""

from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import htmx
from crm.errors import Refusal
from crm.keyset import Capped
from crm.languages import language_inside
from crm.models import Channel, Scope
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.actions import ContactIsBlocked
from interactions.models import Attachment
from interactions.views.files import file_response
from segments import actions, editing, steps
from segments.actions.lines import COLUMNS
from segments.actions.preflight import BLOCKING, BY_CODE, SAME_ADDRESS, with_check
from segments.forms.lines import CELLS, LETTER, AddContactForm, LineForm, ManyLinesForm, cell_form, own_names
from segments.models import SegmentLine
from segments.views.common import find, lines_of, may_change, refused
from segments.views.edits import offer, offer_of
from segments.views.making import say

DIGITS = 18  # of an id
CHECK_CODES = {"any", SAME_ADDRESS.code, *BY_CODE}


@dataclass(frozen=True)
class Cell:
    """What a line says in one column. own: it is the line's own value; seen: then its fingerprint, for a reset."""

    name: str
    text: str
    own: bool
    seen: str = ""


class Row:
    """A line as the table shows it. line: from `with_columns`."""

    def __init__(self, line):
        self.line = line
        self.pk = line.pk
        self.contact = line.contact
        self.own = own_names(line)
        texts = {
            "description": line.description or "—",
            "template": line.template_code or "—",
            "channel": Channel(line.channel).label if line.channel else _("Not sent"),
            "language": line.language or "—",
        }
        self.cells = [
            Cell(name, text, True, line.fingerprint(COLUMNS[name]))
            if name in self.own
            else Cell(name, text, False)
            for name, text in texts.items()
        ]
        self.letter_seen = line.fingerprint(*LETTER)
        self.has_own_file = line.own_attachment_id is not None or line.without_letter
        self.check = BY_CODE.get(line.check)

    @property
    def other_own(self):
        """The labels of what the line says itself in no cell of the table; "" when there is nothing."""
        labels = [str(LineForm.base_fields[name].label) for name in self.own if name not in CELLS]
        if self.has_own_file:
            labels.append(_("Own letter") if self.line.own_attachment_id else _("No file"))
        return ", ".join(labels)

    @property
    def hidden_own(self):
        """Whether the line says something itself in a column that a phone does not show."""
        return not {"template", "language"}.isdisjoint(self.own)

    @property
    def check_label(self):
        """Such as "No e-mail", or "No Russian file"."""
        if self.check.code == "other_language":
            return _("No file in %(language)s") % {"language": language_inside(self.line.spoken)}
        return self.check.label

    @property
    def blocks(self):
        return self.check is not None and self.check.level(False) == BLOCKING


def with_columns(lines):
    """*lines* with everything a Row names: one query."""
    return (
        with_check(lines)
        .annotate(template_code=Coalesce("own_template__code", "segment__template__code"))
        .select_related("contact")
        .order_by("pk")
    )


def page_of_lines(request, segment, *, problem=None):
    """One page of Rows: keys from the bare lines, effective values for those only (heart 1)."""
    lines = editing.chosen_lines(segment, shown_lines(request, problem), user=request.user)
    known = problem is None and request.user.scope == Scope.ALL and segment.figures_are_fresh
    count = partial(Capped, segment.figures["lines"], False) if known else None
    page = ListPage(request, lines.values("id"), ("id",), count=count)
    found = with_columns(SegmentLine.objects.filter(pk__in=[row["id"] for row in page.rows]))
    page.rows = [Row(line) for line in found]
    return page


def shown_lines(request, problem):
    """Which lines the address shows, as `segments.editing` takes it."""
    return {} if problem is None else {"check": problem, "language": request.GET.get("language", "")}


def row_of(line):
    """The line as a Row; 404 when it went meanwhile."""
    found = with_columns(SegmentLine.objects.filter(pk=line.pk)).first()
    if found is None:
        raise Http404
    return Row(found)


def find_line(request, segment, pk):
    """The line *pk* of *segment* that the reader may see; else 404."""
    line = lines_of(segment, request.user).select_related("contact").filter(pk=pk).first()
    if line is None:
        raise Http404
    line.segment = segment
    return line


# --- one cell ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def line_cell(request, no, pk, name):
    """GET turns one cell into its control; POST saves it and answers the row (ui 4.1)."""
    if name not in CELLS:
        raise Http404
    segment = find(request, no)
    line = find_line(request, segment, pk)
    if request.method != "POST":
        row = row_of(line)
        return cell_page(request, segment, row, name, cell_form(name, row.line))
    form = cell_form(name, row_of(line).line, request.POST)
    if not form.is_valid():
        return row_page(request, segment, line, name=name, field=form[name], status=422)
    seen = form.cleaned_data["seen"]
    try:
        with actions.recorded() as edits:
            line = actions.change_line(
                line,
                by=request.user,
                seen=(seen, [COLUMNS[name]]) if seen else None,
                **{name: form.cleaned_data[name]},
            )
    except actions.LineChanged:
        return row_page(request, segment, line, name=name, field=met_another(request, line, name), status=422)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    sentence = _("%(field)s changed for %(contact)s.")
    toast(
        request,
        sentence % {"field": form.fields[name].label, "contact": line.contact.name},
        undo=offer(request, segment, edits),
    )
    if not request.htmx:
        return htmx.redirect(request, segment)
    return row_page(request, segment, line)


def met_another(request, line, name):
    """The control of a cell that somebody else changed meanwhile, with what was typed and what stands there now."""
    row, data = row_of(line), request.POST.copy()
    data["seen"] = row.line.fingerprint(COLUMNS[name])
    again = cell_form(name, row.line, data)
    now = next(cell.text for cell in row.cells if cell.name == name)
    sentence = _(
        "This was changed to “%(value)s” meanwhile. Save again to keep yours, or press Esc to keep that."
    )
    again.add_error(name, sentence % {"value": now})
    return again[name]


@require_safe
@may_change
def line_row(request, no, pk):
    """The row as it is: what leaving a cell without saving goes back to."""
    segment = find(request, no)
    return row_page(request, segment, find_line(request, segment, pk))


def row_page(request, segment, line, *, name="", field=None, status=200):
    """The row; with the control *field* in the cell *name* where what was typed is refused."""
    context = {"segment": segment, "row": row_of(line), "may_change": True, "name": name, "field": field}
    return htmx.render_page(request, "segments/line_row.html", context, partial="row", status=status)


def cell_page(request, segment, row, name, form, status=200):
    context = {"segment": segment, "row": row, "name": name, "form": form, "field": form[name]}
    return htmx.render_page(request, "segments/line_cell.html", context, partial="cell", status=status)


# --- one line ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def line(request, no, pk):
    """All of one line in a sheet: own values, own letter, how to reach the contact."""
    segment = find(request, no)
    found = find_line(request, segment, pk)
    if request.method != "POST":
        return line_page(request, segment, found, LineForm(line=row_of(found).line, user=request.user))
    form = LineForm(request.POST, request.FILES, line=row_of(found).line, user=request.user)
    if request.POST.get("reset") in COLUMNS.keys() & form.fields.keys():  # some may not see costs
        return line_reset(request, segment, found, form, request.POST["reset"])
    if not form.is_valid():
        return line_page(request, segment, found, form, status=422)
    if conflicts := form.conflicts:
        return line_page(
            request, segment, found, on_fresh(request, found, form), conflicts=conflicts, status=422
        )
    try:
        with actions.recorded() as edits:
            actions.change_line(
                found,
                by=request.user,
                seen=(form.line.fingerprint(), ()),
                upload=form.cleaned_data["upload"],
                letter=form.wanted_letter,
                **form.values,
            )
    except actions.LineChanged as changed:
        return line_changed(request, segment, found, form, changed)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    toast(request, _("Line saved."), undo=offer(request, segment, edits))
    return htmx.redirect(request, segment)


def line_reset(request, segment, found, form, name):
    """One value as the segment says again; what is typed elsewhere in the sheet stays there."""
    asked = LineForm(form.emptied(name), line=form.line, user=request.user)
    asked.is_valid()
    if met := [conflict for conflict in asked.conflicts if conflict.name == name]:
        return line_page(request, segment, found, on_fresh(request, found, asked), conflicts=met, status=422)
    try:
        with actions.recorded() as edits:
            actions.change_line(
                found,
                by=request.user,
                seen=(form.line.fingerprint(COLUMNS[name]), [COLUMNS[name]]),
                **{name: None},
            )
    except actions.LineChanged as changed:
        return line_changed(request, segment, found, form, changed)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    fresh = fresh_form(request, found)
    sentence = _("%(field)s is as the segment says.") % {"field": fresh.fields[name].label}
    toast(request, sentence, undo=offer(request, segment, edits))
    again = LineForm(form.without(name, fresh), line=fresh.line, user=request.user)
    return line_page(request, segment, found, again)


def line_changed(request, segment, found, form, changed):
    """The line as it is now, with what was typed."""
    again = on_fresh(request, found, form)
    again.add_error(None, changed.for_user)
    return line_page(request, segment, found, again, status=422)


def on_fresh(request, found, form):
    """The form of the line as it is now, with what its user changed in *form*."""
    fresh = fresh_form(request, found)
    return LineForm(form.on(fresh), line=fresh.line, user=request.user)


def fresh_form(request, found):
    """The form of the line as it is now."""
    return LineForm(line=row_of(found).line, user=request.user)


def line_page(request, segment, found, form, *, conflicts=(), status=200):
    row = row_of(found)
    file = Attachment.objects.filter(pk=row.line.attachment).first() if row.line.attachment else None
    context = {"segment": segment, "row": row, "form": form, "file": file, "conflicts": conflicts}
    return htmx.render_page(request, "segments/line.html", context, partial="sheet", status=status)


@require_safe
@may_change
def line_file(request, no, pk):
    """The file that a line would be logged with."""
    segment = find(request, no)
    row = row_of(find_line(request, segment, pk))
    file = Attachment.objects.filter(pk=row.line.attachment).first() if row.line.attachment else None
    if file is None:
        raise Http404
    return file_response(file)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def line_exchange(request, no, pk):
    """Asks for the contact that takes the place of the one on the line, and exchanges them (R-44)."""
    segment = find(request, no)
    found = find_line(request, segment, pk)
    form = AddContactForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method != "POST":
        return exchange_page(request, segment, found, form)
    if not form.is_valid():
        return exchange_page(request, segment, found, form, status=422)
    before, contact = found.contact, form.cleaned_data["contact"]
    if contact == before:
        form.add_error("contact", _("%(contact)s is on this line already.") % {"contact": contact.name})
        return exchange_page(request, segment, found, form, status=422)
    try:
        with transaction.atomic():
            added = actions.exchange_contact(found, contact, by=request.user).added_by
            made = segment.steps.filter(number__in=(added.number - 1, added.number))
            made = tuple(made.order_by("number"))
    except (actions.ContactAlreadyIn, ContactIsBlocked) as refusal:
        form.add_error("contact", refusal.for_user)
        return exchange_page(request, segment, found, form, status=422)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    sentence = _("%(contact)s takes the place of %(before)s.")
    sentence %= {"contact": contact.name, "before": before.name}
    return say(request, steps.Made.by_steps(segment, sentence, *made))


def exchange_page(request, segment, found, form, status=200):
    form.fields["contact"].widget.attrs["autofocus"] = True
    context = {"segment": segment, "line": found, "form": form}
    return htmx.render_page(request, "segments/line_exchange.html", context, partial="dialog", status=status)


# --- many lines -------------------------------------------------------------------------------------------------------


@require_POST
@may_change
def lines_bulk(request, no):
    """Remove the selected lines, give them a value, or take all their own values back; or ask for the values."""
    segment = find(request, no)
    which = selected_lines(request)
    if which == {"ids": []}:
        toast(request, _("Choose lines first."), level=messages.INFO)
        return htmx.redirect(request, back_to(request, segment))
    if "change" in request.POST:
        return change_page(request, segment, which, ManyLinesForm(user=request.user))
    count = None if "ids" in which else shown_total(request)
    if "remove" in request.POST:
        return edit(request, segment, "remove", which=which, count=count)
    if "reset" in request.POST:
        return edit(request, segment, "reset", which=which, count=count)
    channel = request.POST.get("channel")
    if channel not in Channel.values:
        return htmx.redirect(request, back_to(request, segment))
    return edit(request, segment, "change", which=which, values={"channel": channel}, count=count)


@require_POST
@may_change
def lines_change(request, no):
    """The dialog that gives many lines a template, a language, a salesperson or a channel."""
    segment = find(request, no)
    try:
        which, version, count = signing.loads(request.POST.get("which", ""), salt=salt_of(segment))
    except signing.BadSignature:
        toast(request, _("Choose lines first."), level=messages.INFO)
        return htmx.redirect(request, segment)
    form = ManyLinesForm(request.POST, user=request.user)
    if not form.is_valid():
        return change_page(request, segment, which, form, status=422)
    what = {"which": which, "values": form.plain_values, "version": version, "count": count}
    try:
        return do(request, segment, "change", **what)
    except (actions.SegmentChanged, actions.SelectionChanged) as changed:
        segment = find(request, no)
        form.add_error(None, changed.for_user)
        return change_page(request, segment, which, form, status=422)
    except Refusal as refusal:
        return refused(request, refusal, segment)


def selected_lines(request):
    """Which lines a form of the table means: one, the ticked ones, or all that its address shows."""
    one = request.POST.get("remove", "")
    if request.POST.get("matching") and not one.isdecimal():
        check, _colon, language = request.POST["matching"].partition(":")
        return {"check": check, "language": language} if check in CHECK_CODES else {}
    posted = [one] if one.isdecimal() else request.POST.getlist("line")
    return {"ids": [int(pk) for pk in posted if pk.isascii() and pk.isdecimal() and len(pk) <= DIGITS]}


def shown_total(request):
    """The number that "select all" named, as far as the page had counted; else None."""
    text = request.POST.get("total", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def edit(request, segment, verb, **what):
    """See `do`; what is refused is said where the segment is now."""
    try:
        return do(request, segment, verb, **what)
    except Refusal as refusal:
        return refused(request, refusal, segment)


def do(request, segment, verb, **what):
    """Does *verb* now, or as a job when it touches many lines; back to where the user was. Raises what is refused."""
    if editing.touches_many(verb, segment, by=request.user, **what):
        return htmx.redirect(request, editing.start(verb, segment, by=request.user, **what))
    done = editing.make(verb, segment, by=request.user, **what)
    toast(request, done.sentence, undo=offer_of(request, done))
    return htmx.redirect(request, back_to(request, segment))


def back_to(request, segment):
    """The card of *segment*, at the place where the user was, if it is one of its pages."""
    card = segment.get_absolute_url()
    where = urlsplit(htmx.way_back(request, card))
    return f"{card}?{where.query}" if where.path == card and where.query else card


def change_page(request, segment, which, form, status=200):
    count = editing.chosen_lines(segment, which, user=request.user).count()
    context = {
        "segment": segment,
        "form": form,
        "count": count,
        "which": signing.dumps([which, segment.version, count], salt=salt_of(segment), compress=True),
        "back": back_to(request, segment),
    }
    return htmx.render_page(request, "segments/lines_change.html", context, partial="dialog", status=status)


def salt_of(segment):
    return f"segments.lines.{segment.pk}"
