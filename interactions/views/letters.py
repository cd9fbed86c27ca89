"""Letters before they are logged: how they look for a contact, filled for editing in Word, and the starter file."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import htmx
from crm.languages import language_tag
from crm.models import Contact
from interactions import merge_fields, merging, showing
from interactions.actions.bodies import body_of
from interactions.actions.documents import DOCX
from interactions.actions.previews import contact_to_show, filled_letter, frozen_of, preview
from interactions.models import InteractionDraft, InteractionLogEntry, InteractionTemplate

from .files import FileIsMissing, file_response, kept_apart

# The page of a template takes the letter alone, the sheet a small one with a word about it.
PARTS = {"": "letter", "draft-letter": "in_sheet"}

may_see = permission_required(
    ["interactions.view_interactiontemplate", "crm.view_contact"], raise_exception=True
)


def show(request, attachment, contact, frozen, *, body=None, **more):
    context = {
        "attachment": attachment,
        "contact": contact,
        "preview": preview(attachment, frozen, body=body),
        **more,
    }
    response = htmx.render_page(request, "interactions/letter_preview.html", context, partial=PARTS)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def download(attachment, frozen):
    """The letter filled from *frozen*; a file without merge fields as it is."""
    if frozen is None or not attachment.is_merged:
        return file_response(attachment)
    try:
        name, content = filled_letter(attachment, frozen)
    except (FileNotFoundError, merging.Unmergeable) as error:
        raise FileIsMissing from error
    response = HttpResponse(content, content_type=DOCX)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return kept_apart(response)


# --- of a template ------------------------------------------------------------------------------------------------------


def row_and_contact(request, code):
    """(language row with its file, contact or None, what the letter is made from) that the address asks for; else 404."""
    template = get_object_or_404(
        InteractionTemplate.objects.select_related("campaign").prefetch_related(
            "languages__attachment", "languages__body"
        ),
        code=code,
    )
    asked = request.GET.get("language", template.language)
    language = language_tag(asked) if asked else ""
    rows = {row.language: row for row in template.languages.all() if row.attachment or row.body}
    row = rows.get(language)
    if row is None and "language" not in request.GET:
        row = next(iter(rows.values()), None)
    if row is None:
        raise Http404
    row.template = template
    if number := request.GET.get("contact"):
        contact = get_object_or_404(Contact.objects.visible_to(request.user), no=number)
    else:
        contact = contact_to_show(template, request.user)
    return row, contact, frozen_of_row(row, contact)


def frozen_of_row(row, contact):
    if contact is None:
        return None
    template = row.template
    return frozen_of(
        contact,
        language=row.language,
        description=template.description,
        subject=row.subject or template.description,
        campaign__no=template.campaign.no if template.campaign else "",
    )


@require_safe
@may_see
def template_preview(request, code):
    """The letter in one language for one contact: a part of other pages, and a page of its own."""
    row, contact, frozen = row_and_contact(request, code)
    return show(
        request,
        row.attachment,
        contact,
        frozen,
        body=row.body,
        template=row.template,
        open_url=reverse("interactions:template_file", args=[row.pk]) if row.attachment else "",
    )


@require_safe
@may_see
def template_letter(request, code):
    """The same as a Word file."""
    row, _contact, frozen = row_and_contact(request, code)
    if row.attachment is None:
        raise Http404
    return download(row.attachment, frozen)


# --- of a draft -----------------------------------------------------------------------------------------------------------


def draft_with_file(request, uuid):
    drafts = InteractionDraft.objects.visible_to(request.user).exclude(attachment=None)
    related = ("attachment", "contact", "salesperson", "template", "campaign")
    return get_object_or_404(drafts.select_related(*related), uuid=uuid)


def body_of_draft(draft):
    """The stored body of its e-mail, or None."""
    if draft.template is None or not draft.sends_email:
        return None
    row = draft.template.languages.filter(language=draft.language).select_related("body").first()
    return row.body if row else None


def frozen_of_draft(draft):
    if draft.contact is None:
        return None
    return frozen_of(
        draft.contact,
        salesperson=draft.salesperson,
        date=draft.when_shown[0],
        description=draft.description,
        subject=draft.subject or draft.description,
        language=draft.language,
        campaign__no=draft.campaign.no if draft.campaign else "",
    )


@require_safe
@permission_required("interactions.log_interaction", raise_exception=True)
def draft_preview(request, uuid):
    draft = draft_with_file(request, uuid)
    return show(
        request,
        draft.attachment,
        draft.contact,
        frozen_of_draft(draft),
        body=body_of_draft(draft),
        template=draft.template,
        open_url=reverse("interactions:draft_file", args=[draft.uuid]),
    )


@require_safe
@permission_required("interactions.log_interaction", raise_exception=True)
def draft_letter(request, uuid):
    """The letter filled for its contact, to be edited in Word and uploaded as the draft's own file (R-28)."""
    draft = draft_with_file(request, uuid)
    return download(draft.attachment, frozen_of_draft(draft))


# --- of an entry ----------------------------------------------------------------------------------------------------------


@require_safe
@permission_required("interactions.view_interactionlogentry", raise_exception=True)
def entry_message(request, pk):
    """The body of the e-mail as it was frozen with the entry."""
    entries = InteractionLogEntry.objects.openable_by(request.user).select_related(
        "document", "logged_segment"
    )
    entry = get_object_or_404(entries.defer("logged_segment__criteria"), pk=pk)
    try:
        body = body_of(entry)
    except FileNotFoundError as error:
        raise FileIsMissing from error
    if body is None:
        raise Http404
    context = {"entry": entry, "html": showing.clean(body[0]), "text": body[1]}
    response = htmx.render_page(request, "interactions/entry_message.html", context, partial="dialog")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
@permission_required("interactions.view_interactiontemplate", raise_exception=True)
def starter_file(request):
    """A Word file with every merge field, to begin a letter from (MI-076)."""
    language = language_tag(request.GET.get("language", "")) or ""
    response = HttpResponse(merge_fields.starter_file(language), content_type=DOCX)
    # Translators: the name of a file.
    name = f"{_('Merge fields')}.docx"
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return kept_apart(response)
