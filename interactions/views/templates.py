"""Templates: the list and the page of one, with its settings, its files by language and a letter for a real contact."""

import datetime as dt
from functools import cached_property
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock, formats, htmx
from crm.errors import Refusal
from crm.filters import Asked
from crm.keyset import capped_count
from crm.languages import language_choices, language_name, language_tag
from crm.models import MarketingSetup
from crm.parsing.expressions import begins_with, has_inside
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.actions import templates as actions
from interactions.actions.bodies import html_of, unknown_in
from interactions.actions.letters import findings_of
from interactions.actions.previews import IS_MISSING, contact_to_show, field_values
from interactions.counting import capped_counts
from interactions.forms.templates import (
    DuplicateForm,
    NewTemplateForm,
    PreviewForm,
    TemplateForm,
    WordsForm,
)
from interactions.models import InteractionLogEntry, InteractionTemplate, InteractionTemplateLanguage

from .letters import frozen_of_row

USES = dt.timedelta(days=90)
TABS = ("settings", "attachment", "fields")

may_see = permission_required("interactions.view_interactiontemplate", raise_exception=True)


def find(code):
    found = InteractionTemplate.objects.select_related("group", "campaign").prefetch_related(
        "languages__attachment__created_by"
    )
    return get_object_or_404(found, code=code)


# --- list -------------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def templates(request):
    labels = {"active": _("Active"), "inactive": _("Inactive"), "all": _("All")}
    asked = Asked.of(request, labels, default="active", widest="all")
    found = in_view(InteractionTemplate.objects, asked.view)
    if words := asked.words:
        found = found.filter(has_inside("description", words) | begins_with("code", words))
    page = ListPage(request, found.with_use().select_related("group"), ("code",))
    context = {
        "page": page,
        "rows": rows_of(page.rows),
        "view": asked.view,
        "views": [
            (name, label, capped_count(in_view(InteractionTemplate.objects, name)))
            for name, label in labels.items()
        ],
        "problems": asked.problems,
        "words": words,
        "currency": MarketingSetup.current().currency,
        "sees_costs": request.user.has_perm("interactions.see_costs"),
    }
    return htmx.render_page(
        request, "interactions/template_list.html", context, partial={"results": "results", "rows": "results"}
    )


def in_view(found, view):
    return found.all() if view == "all" else found.filter(active=view == "active")


def rows_of(templates):
    """[(template, chips of languages, uses in 90 days), …]; two queries for all of them."""
    files, tags = {}, set()
    rows = InteractionTemplateLanguage.objects.order_by("language").values_list(
        "template", "language", "attachment"
    )
    for template, tag, attachment in rows:
        tags |= {tag} - {""}
        files.setdefault(template, {})[tag] = attachment is not None
    since = clock.today() - USES
    uses = capped_counts(
        {
            template.pk: InteractionLogEntry.objects.filter(template=template, date__gte=since)
            for template in templates
        }
    )
    return [
        (template, chips(files.get(template.pk, {}), sorted(tags)), uses[template.pk])
        for template in templates
    ]


def chips(files, tags):
    """[(short name, language, whether there is a file), …]: of a template with languages, the missing ones too."""
    shown = [tag for tag in tags if files] + ([""] if "" in files else [])
    return [(tag or "—", language_name(tag), files.get(tag, False)) for tag in shown]


# --- new, duplicate, delete -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@permission_required("interactions.add_interactiontemplate", raise_exception=True)
def template_new(request):
    form = NewTemplateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = actions.create_template(by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, refusal.for_user)
        else:
            toast(request, _("Template %(code)s created.") % {"code": made.code})
            return htmx.redirect(request, made)
    return dialog(request, "interactions/template_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@permission_required("interactions.add_interactiontemplate", raise_exception=True)
def template_duplicate(request, code):
    template = find(code)
    form = DuplicateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = actions.duplicate_template(template, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("code", refusal.for_user)
        else:
            toast(request, _("Template %(code)s created.") % {"code": made.code})
            return htmx.redirect(request, made)
    return dialog(request, "interactions/template_duplicate.html", {"form": form, "template": template})


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@permission_required("interactions.delete_interactiontemplate", raise_exception=True)
def template_delete(request, code):
    """GET says what would go; of a template that is used, POST makes it inactive where the person may change it."""
    template = find(code)
    may_block = request.user.has_perm("interactions.change_interactiontemplate")
    if request.method == "POST":
        try:
            if request.POST.get("do") == "block" and may_block:
                actions.update_template(template, by=request.user, active=False)
                toast(request, _("Template %(code)s is inactive now.") % {"code": template.code})
                return htmx.redirect(request, template)
            actions.delete_template(template, by=request.user)
            toast(request, _("Template %(code)s deleted.") % {"code": template.code})
            return htmx.redirect(request, reverse("interactions:templates"))
        except actions.TemplateIsUsed:
            pass  # the dialog says so
        except actions.TemplateIsGone as refusal:
            return gone(request, refusal)
    context = {
        "template": template,
        "uses": uses_of(template),
        "is_used": actions.is_used(template),
        "files": [row.attachment for row in template.languages.all() if row.attachment],
        "may_block": may_block and template.active,
        "form": None,
    }
    status = 422 if request.method == "POST" else 200
    return dialog(request, "interactions/template_delete.html", context, status=status)


def dialog(request, name, context, status=None):
    if status is None:
        status = 422 if request.method == "POST" else 200
    return htmx.render_page(request, name, context, partial="dialog", status=status)


def gone(request, refusal):
    toast(request, refusal.for_user, level=messages.WARNING)
    return htmx.redirect(request, reverse("interactions:templates"))


# --- the page of one --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
def template(request, code):
    """GET shows it; POST saves the settings."""
    found = find(code)
    if request.method != "POST":
        return editor(request, found)
    if not request.user.has_perm("interactions.change_interactiontemplate"):
        raise PermissionDenied
    form = TemplateForm(request.POST, template=found, user=request.user)
    if form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            saved = actions.update_template(found, by=request.user, seen=seen, **form.values)
        except actions.TemplateIsGone as refusal:
            return gone(request, refusal)
        except actions.TemplateChanged as refusal:
            found = find(code)
            fresh = TemplateForm(template=found, user=request.user)
            form = TemplateForm(form.on(fresh), template=found, user=request.user)
            form.add_error(None, refusal.for_user)
        except Refusal as refusal:
            found = find(code)
            form.add_error(getattr(refusal, "field", None), refusal.for_user)
        else:
            toast(request, _("Template saved."))
            return htmx.redirect(request, saved)
    return editor(request, found, form=form, status=422)


def editor(request, template, *, form=None, forms=None, language=None, status=200):
    """The whole page, or for htmx the columns of the file and the merge fields.

    form: the settings as they were sent.  forms: refused ones about a language, by name (file, words).
    """
    work = Work(request, template, language=language, forms=forms or {})
    context = {
        "template": template,
        "form": form or TemplateForm(template=template, user=request.user),
        "work": work,
        "uses": uses_of(template),
        "problem": actions.wizard_problem(template) if form is None or not form.errors else "",
        "tab": request.GET.get("tab")
        if request.GET.get("tab") in TABS
        else ("settings" if form else "attachment"),
        "may_change": request.user.has_perm("interactions.change_interactiontemplate"),
    }
    partial = {"template-work": "work"}
    return htmx.render_page(
        request, "interactions/template_card.html", context, partial=partial, status=status
    )


class Work:
    """The file of one language, for whom it is shown, and what the merge fields say there."""

    def __init__(self, request, template, *, language=None, forms=()):
        self.request, self.template, self.forms = request, template, forms
        self.rows = {row.language: row for row in template.languages.all()}
        asked = request.GET.get("language")
        if language is None and asked is not None:
            language = language_tag(asked) if asked else ""
            if language is None:
                raise Http404
        if language is None:
            language = (
                template.language
                if template.language in self.rows
                else next(iter(sorted(self.rows)), template.language)
            )
        self.language = language
        self.row = self.rows.get(language)
        self.contact_form = PreviewForm(request.GET if "contact" in request.GET else None, user=request.user)
        self.contact = self._contact()
        row = self.row or InteractionTemplateLanguage(language=language)
        row.template = template
        self.groups = field_values(frozen_of_row(row, self.contact), language)

    def _contact(self):
        if not self.request.user.has_perm("crm.view_contact"):
            return None
        if self.contact_form.is_bound and self.contact_form.is_valid():
            chosen = self.contact_form.cleaned_data["contact"]
            if chosen:
                return chosen
        contact = contact_to_show(self.template, self.request.user)
        if not self.contact_form.is_bound:
            self.contact_form.initial["contact"] = contact
        return contact

    @property
    def name(self):
        return language_name(self.language)

    @property
    def attachment(self):
        return self.row.attachment if self.row else None

    @property
    def seen(self):
        return str(self.row.attachment_id or 0) if self.row else "0"

    @property
    def tabs(self):
        """[(address, name, whether there is a file, whether it is this one), …]: its own languages, and those of others."""
        others = InteractionTemplateLanguage.objects.order_by().values_list("language", flat=True).distinct()
        tags = {tag for tag in others if tag} | set(self.rows) | {self.language}
        shown = sorted(((language_name(tag), tag) for tag in tags), key=lambda pair: (pair[1] == "", pair))
        return [
            (
                self.url(language=tag, tab="attachment"),
                name,
                bool(tag in self.rows and self.rows[tag].attachment_id),
                tag == self.language,
            )
            for name, tag in shown
        ]

    def url(self, name="template", **query):
        """The address of the page, or of *name* below it, for the contact that was chosen."""
        chosen = {"contact": self.contact.no} if self.contact and "contact" in self.request.GET else {}
        path = reverse(f"interactions:{name}", args=[self.template.code])
        query |= chosen
        return f"{path}?{urlencode(query)}" if query else path

    @property
    def parts(self):
        """[(name, label, address), …] of the tabs that phones show."""
        labels = (_("Settings"), _("Attachment"), _("Merge fields"))
        return [
            (name, label, self.url(language=self.language, tab=name))
            for name, label in zip(TABS, labels, strict=True)
        ]

    @property
    def language_url(self):
        return self.url("template_language")

    @cached_property
    def findings(self):
        """(fields that nobody knows, why the file cannot be merged)."""
        try:
            return findings_of(self.attachment) if self.attachment else ([], "")
        except FileNotFoundError:
            return [], IS_MISSING

    @property
    def sources(self):
        """[(tag, name), …] of the other languages that have a file."""
        return [
            (tag, language_name(tag))
            for tag, row in sorted(self.rows.items())
            if row.attachment_id and tag != self.language
        ]

    @property
    def more_languages(self):
        return [(tag, name) for tag, name in language_choices() if tag not in self.rows]

    @property
    def is_default(self):
        return self.language == self.template.language

    @cached_property
    def body(self):
        """The body of the e-mail with its merge fields, or ''."""
        if self.row is None or self.row.body_id is None:
            return ""
        try:
            return html_of(self.row.body_id)
        except FileNotFoundError:
            return ""

    @property
    def unknown_in_body(self):
        return unknown_in(self.body)

    @property
    def words_form(self):
        if "words" in self.forms:
            return self.forms["words"]
        row = self.row or InteractionTemplateLanguage()
        return WordsForm(initial={"subject": row.subject, "description": row.description, "body": self.body})

    @property
    def file_form(self):
        return self.forms.get("file")

    @property
    def preview_url(self):
        query = {"language": self.language} | ({"contact": self.contact.no} if self.contact else {})
        path = reverse("interactions:template_preview", args=[self.template.code])
        return f"{path}?{urlencode(query)}"


def uses_of(template):
    """Sentences about what uses the template."""
    counts = capped_counts({"entries": InteractionLogEntry.objects.filter(template=template)})
    found = []
    if counts["entries"].count:
        found.append(_("Interactions: %(count)s") % {"count": counts["entries"].label})
    for model, rows in actions.users_of(template):
        if model is InteractionLogEntry:
            continue
        count = capped_count(rows)
        if count.count:
            name = str(model._meta.verbose_name_plural)
            found.append(f"{name[:1].upper()}{name[1:]}: {count.label}")
    latest = (
        InteractionLogEntry.objects.filter(template=template)
        .newest_first()
        .values_list("date", flat=True)
        .first()
    )
    if latest:
        found.append(_("last used %(date)s") % {"date": formats.date_table(latest)})
    return found
