"""Segments that are not logged yet: the list, the card, the interaction for every line."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import formats, htmx, undo
from crm.errors import Refusal
from crm.filters import Asked
from crm.keyset import capped_count
from crm.models import Contact, MarketingSetup
from crm.parsing.expressions import begins_with, has_inside
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.actions import ContactIsBlocked
from segments import actions
from segments.forms.lines import AddContactForm
from segments.forms.segments import LetterForm, NewSegmentForm, SegmentForm
from segments.models import Segment, SegmentLine
from segments.views.common import find, lines_of, may_change, may_see, refused
from segments.views.edits import offer
from segments.views.findings import setup_of_numbers
from segments.views.history import history_of
from segments.views.lines import CHECK_CODES, page_of_lines

# --- list -------------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def segment_list(request):
    """Worksheets, the newest first; of one contact (a company: its people too) when the address names it."""
    user = request.user
    views = labels(user)
    asked = Asked.of(request, dict(views), default=default_view(user), widest="all")
    segments, about = Segment.objects.visible_to(user), None
    if not asked.problems:
        segments, about = narrow(request, segments)
    found = in_view(segments, asked.view, user)
    if words := asked.words:
        found = found.filter(has_inside("description", words) | begins_with("no", words))
    page = ListPage(
        request,
        found.for_list(),
        ("date", "id"),
        descending=True,
    )
    context = {
        "page": page,
        "view": asked.view,
        "views": [(name, label, capped_count(in_view(segments, name, user))) for name, label in views],
        "problems": asked.problems,
        "about": about,
        "words": words,
    }
    return htmx.render_page(
        request, "segments/segment_list.html", context, partial={"results": "results", "rows": "results"}
    )


def labels(user):
    found = [("all", _("All")), ("empty", _("Empty"))]
    return [("mine", _("Mine")), *found] if user.own_salesperson else found


def default_view(user):
    return "mine" if user.own_salesperson else "all"


def in_view(segments, view, user):
    match view:
        case "mine":
            return segments.filter(Q(salesperson=user.own_salesperson) | Q(created_by=user))
        case "empty":
            return segments.filter(~Exists(SegmentLine.objects.filter(segment=OuterRef("pk"))))
    return segments


def narrow(request, segments):
    asked = request.GET.get("contact")
    if not asked:
        return segments, None
    contact = Contact.objects.visible_to(request.user).filter(no=asked).first()
    if contact is None:
        toast(request, _("There is no contact “%(no)s”.") % {"no": asked}, level=messages.WARNING)
        return segments, None
    return segments.with_contact(contact), contact


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("segments.add_segment", raise_exception=True)
def segment_new(request):
    """GET asks for a description and a template; POST makes the segment with the next number."""
    if request.method != "POST":
        form, problems = NewSegmentForm(), actions.number_obstacles()
        return new_page(request, form, problem=problems[0].for_user if problems else "")
    form = NewSegmentForm(request.POST)
    if form.is_valid():
        try:
            segment = actions.create_segment(by=request.user, **form.values)
        except Refusal as refusal:
            form.add_error(None, refusal.for_user)
        else:
            toast(request, _("Segment %(no)s created.") % {"no": segment.no})
            return htmx.redirect(request, segment)
    return new_page(request, form, status=422)


def new_page(request, form, *, problem="", status=200):
    """problem: why there would be no number."""
    url, words = setup_of_numbers(request.user)
    context = {"form": form, "problem": problem, "setup_url": url, "setup": words}
    return htmx.render_page(request, "segments/segment_new.html", context, partial="dialog", status=status)


@require_POST
@permission_required("segments.delete_segment", raise_exception=True)
def segments_delete(request):
    """Delete the ticked segments; the offer to bring them back is that of `crm.undo`."""
    chosen = request.POST.getlist("segment")
    segments = Segment.objects.visible_to(request.user).filter(no__in=chosen)
    gone = actions.delete_segments(segments, by=request.user)
    if gone:
        sentence = ngettext("%(count)s segment deleted.", "%(count)s segments deleted.", len(gone))
        toast(
            request,
            sentence % {"count": formats.integer(len(gone))},
            undo=undo.offer(request, "restore_segments", ids=gone),
        )
    else:
        toast(request, _("Nothing was deleted: choose segments first."), level=messages.INFO)
    return htmx.redirect(request, reverse("segments:segments"))


def restore(user, ids):
    count = actions.restore_segments(Segment.with_deleted.visible_to(user).filter(pk__in=ids), by=user)
    if not count:
        raise actions.SegmentIsGone
    return ngettext("The segment is back.", "%(count)s segments are back.", count) % {"count": count}


undo.register("restore_segments", restore, permission="segments.delete_segment")


# --- card -------------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def segment_card(request, no):
    segment = find(request, no)
    context = card_context(request, segment)
    return htmx.render_page(
        request, "segments/segment_card.html", context, partial={"rows": "lines", "lines": "lines"}
    )


def card_context(request, segment, *, add_form=None):
    letters = list(segment.languages.select_related("attachment").order_by("language"))
    problem = request.GET.get("check", "") if request.GET.get("check", "") in CHECK_CODES else None
    page = page_of_lines(request, segment, problem=problem)
    figures = segment.figures if segment.figures_are_fresh else {}
    return {
        "segment": segment,
        "letters": letters,
        "letter": next((row for row in letters if row.attachment), None),
        "page": page,
        "problem": problem,
        "count": figures.get("lines", None),
        "figures": figures,
        "attention": figures.get("lines", 0) - figures.get("ready", 0),
        "matching": matching_of(request, problem),
        "history": history_of(segment, request.user),
        "add_form": add_form or AddContactForm(user=request.user),
        "may_change": request.user.has_perm("segments.change_segment"),
        "currency": MarketingSetup.current().currency,
    }


def matching_of(request, problem):
    """What "select all" of the lines sends: the finding that the address shows, and its language."""
    return f"{problem or 'all'}:{request.GET.get('language', '')}"


@require_POST
@may_change
def line_add(request, no):
    """Put one contact on a new line; what cannot be added is said beside the field, which keeps it."""
    segment = find(request, no)
    form = AddContactForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            added = actions.add_contact(segment, form.cleaned_data["contact"], by=request.user)
        except (actions.ContactAlreadyIn, ContactIsBlocked) as refusal:
            form.add_error("contact", refusal.for_user)
        except Refusal as refusal:
            return refused(request, refusal, segment)
        else:
            toast(request, _("%(contact)s added.") % {"contact": added.contact.name})
            return htmx.redirect(request, segment)
    context = card_context(request, segment, add_form=form)
    return htmx.render_page(request, "segments/segment_card.html", context, status=422)


@require_POST
@may_see
def segment_cells(request, no):
    """The figures in the row of the list, counted again after a change."""
    segment = find(request, no)
    figures_of(segment)
    return htmx.render_page(request, "segments/_segment_cells.html", {"segment": segment, "counted": True})


def figures_of(segment):
    return segment.figures if segment.figures_are_fresh else actions.measure(segment)


@require_POST
@may_see
def segment_figures(request, no):
    """The part with totals and checks: counted again after a change, kept with the version (a POST, for it writes)."""
    segment = find(request, no)
    figures = figures_of(segment)
    shown = lines_of(segment, request.user).count() if figures["lines"] else 0
    context = {
        "segment": segment,
        "figures": figures,
        "count": figures["lines"],
        "hidden": figures["lines"] - shown,
        "attention": figures["lines"] - figures["ready"],
        "currency": MarketingSetup.current().currency,
    }
    return htmx.render_page(request, "segments/_figures.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def segment_edit(request, no):
    """The interaction for every line, in a sheet."""
    segment = find(request, no)
    if request.method != "POST":
        form = SegmentForm(segment=segment, user=request.user)
        return edit_page(request, segment, form)
    form = SegmentForm(request.POST, segment=segment, user=request.user)
    if not form.is_valid():
        return edit_page(request, segment, form, status=422)
    if conflicts := form.conflicts:
        return edit_page(request, segment, on_fresh(request, form, segment), conflicts=conflicts, status=422)
    try:
        with actions.recorded() as edits:
            actions.update_segment(segment, by=request.user, version=segment.version, **form.values)
    except actions.SegmentChanged:
        return segment_edit(request, no)  # look again: who has changed what?
    except Refusal as refusal:
        return refused(request, refusal, segment)
    toast(request, _("Segment saved."), undo=offer(request, segment, edits))
    return htmx.redirect(request, segment)


def edit_page(request, segment, form, *, conflicts=(), letter_form=None, saved=False, status=200):
    """saved: something was, so the card behind the sheet is out of date."""
    context = {
        "segment": segment,
        "form": form,
        "conflicts": conflicts,
        "by_myself": segment.changed_by_id == request.user.pk,
        "letters": segment.languages.select_related("attachment").order_by("language"),
        "letter_form": letter_form or LetterForm(),
        "saved": saved,
    }
    return htmx.render_page(request, "segments/segment_edit.html", context, partial="sheet", status=status)


@require_POST
@may_change
def letter(request, no):
    """A file, or a subject, of the header in one language; or without them any more.

    The button stands in the sheet of the header: what is typed elsewhere in it stays there.
    """
    segment = find(request, no)
    header = SegmentForm(request.POST, segment=segment, user=request.user)
    removed = request.POST.get("remove")
    form = LetterForm() if removed is not None else LetterForm(request.POST, request.FILES)
    if removed is None and not form.is_valid():
        return edit_page(request, segment, header, letter_form=form, status=422)
    language = removed[:15] if removed is not None else form.cleaned_data["language"]
    seen = request.POST.get(f"letter-seen-{language}", "")
    try:
        with actions.recorded() as edits:
            if removed is not None:
                actions.remove_letter(segment, language, by=request.user, seen=seen)
            else:
                save_letter(segment, form, by=request.user, seen=seen)
    except (actions.NoFileYet, actions.LetterChanged) as refusal:
        (form if form.is_bound else header).add_error(None, refusal.for_user)
        return edit_page(request, find(request, no), header, letter_form=form, status=422)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    sentence = _("File saved.") if removed is None else _("File removed.")
    toast(request, sentence, undo=offer(request, segment, edits))
    return edit_page(request, find(request, no), header, saved=True)


def save_letter(segment, form, *, by, seen):
    values = form.cleaned_data
    actions.set_letter(
        segment,
        values["language"],
        by=by,
        seen=seen,
        upload=values["upload"],
        subject=form.new_subject,
        nothing=values["nothing"],
    )


def on_fresh(request, form, segment):
    """The header's form on the present *segment*, with what its user changed in *form*."""
    fresh = SegmentForm(segment=segment, user=request.user)
    return SegmentForm(form.on(fresh), segment=segment, user=request.user)
