"""Drafts: begun from where one is, saved while typing, kept for later, discarded and brought back."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.errors import Refusal
from interactions.models import InteractionDraft, InteractionLogEntry

from .attachments import drop_unused, store

UNDO_TIME = dt.timedelta(minutes=10)


class ContactIsBlocked(Refusal):
    """R-1, R-81: nobody starts a communication with a contact that is blocked for privacy."""

    sentence = _("%(contact)s is blocked for privacy. You can read the history, but not make contact.")


class FieldIsFixed(Refusal):
    """R-8: what the starting point fixed cannot be exchanged."""

    sentence = _(
        "This interaction was started for a fixed contact, salesperson or campaign, which cannot be changed here."
    )


class DraftIsGone(Refusal):
    """Somebody discarded or logged the draft meanwhile; `.entry` is what it became, or None.

    draft: the discarded one, for its author.
    """

    sentence = _("This draft is gone: it was discarded, or logged somewhere else.")

    def __init__(self, entry=None, draft=None):
        self.entry = entry
        self.draft = draft
        if entry is not None:
            super().__init__(
                _("%(name)s logged this draft already, %(when)s. Here is the entry."),
                name=entry.logged_by.display_name,
                when=formats.relative(entry.logged_at),
            )
        elif draft is not None and draft.deleted_by:
            super().__init__(
                _("%(name)s discarded this draft, %(when)s."),
                name=draft.deleted_by.display_name,
                when=formats.relative(draft.deleted_at),
            )
        else:
            super().__init__()


def gone(uuid, *, by=None):
    """The DraftIsGone of the draft *uuid*. by: says only what this user may know."""
    entries = InteractionLogEntry.objects.openable_by(by) if by else InteractionLogEntry.objects
    drafts = InteractionDraft.with_deleted.filter(deleted_at__isnull=False, uuid=uuid)
    return DraftIsGone(
        entries.select_related("logged_by").filter(draft_uuid=uuid).first(),
        (drafts.visible_to(by) if by else drafts).select_related("deleted_by").first(),
    )


def refuse_blocked(contact):
    if contact is not None and contact.privacy_blocked:
        raise ContactIsBlocked(contact=contact.name)


def prefill_draft(
    *, by, contact=None, salesperson=None, entry=None, campaign=None, follow_up=None, template=None
):
    """The unsaved draft of a sheet that opens here: R-1 to R-5, R-8, R-12, R-18. Raises ContactIsBlocked."""
    draft = InteractionDraft(created_by=by)
    started_from_contact = contact is not None
    if entry is not None:
        # R-3, ours: from the entry one looks at, with the same template on offer.
        contact = contact or entry.contact
        salesperson_of_entry = (
            entry.salesperson if entry.salesperson and entry.salesperson.is_available else None
        )
        draft.opportunity_no, draft.opportunity_url = entry.opportunity_no, entry.opportunity_url
        campaign_of_entry = entry.campaign
        template = template or (entry.template if entry.template.active else None)
    if follow_up is not None:
        contact, draft.follow_up = contact or follow_up.contact, follow_up
        draft.description, draft.own = follow_up.description, ["description"]
        salesperson = salesperson or follow_up.salesperson
    refuse_blocked(contact)

    if salesperson is not None:
        draft.salesperson = salesperson
        draft.locked.append("salesperson")
    if campaign is not None:
        draft.campaign = campaign
        draft.locked.append("campaign")
    if contact is not None:
        draft.locked.append("contact")
    draft.choose_contact(contact, by=by, from_contact=started_from_contact)
    if entry is not None:
        draft.fill(campaign=campaign_of_entry)
        if draft.salesperson is None:
            draft.fill(salesperson=salesperson_of_entry)
    if template is not None:
        draft.choose_template(template)
    return draft


def start_draft(*, by, uuid=None, **origin):
    """The saved draft begun from *origin* (as prefill_draft); the same *uuid* twice gives the same draft.

    Raises ContactIsBlocked, DraftIsGone.
    """
    if uuid is not None:
        known = InteractionDraft.with_deleted.filter(uuid=uuid).exists()
        if known or InteractionLogEntry.objects.filter(draft_uuid=uuid).exists():
            return open_draft(uuid, by=by)
    draft = prefill_draft(by=by, **origin)
    if uuid is not None:
        draft.uuid = uuid
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        # Another request of the same sheet was faster: its draft is this one.
        return open_draft(draft.uuid, by=by)
    return draft


def draft_like(source, *, by, uuid=None, fixed=()):
    """An unsaved draft beside *source*: an entry, a discarded draft or None. fixed: names that cannot be changed in it."""
    draft = InteractionDraft(created_by=by)
    if uuid is not None:
        draft.uuid = uuid
    if source is None:
        return draft
    copied = ["contact", "template", "salesperson", "language", "campaign", "attachment", "address_code"]
    copied += ["opportunity_no", "opportunity_url"]
    if isinstance(source, InteractionDraft):
        copied.append("follow_up")
        draft.own = [name for name in source.own if name == "attachment"]
    for name in copied:
        setattr(draft, name, getattr(source, name))
    draft.locked = [name for name in fixed if getattr(draft, name) is not None]
    return draft


@transaction.atomic
def renew_draft(draft, *, by, **typed):
    """Save *draft* (of `draft_like`) with what was *typed* (as save_draft); sent twice it is one draft all the same.

    Raises ContactIsBlocked, DraftIsGone.
    """
    refuse_blocked(draft.contact)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        draft = open_draft(draft.uuid, by=by)
    return save_draft(draft, by=by, keep=True, **typed)


def open_draft(uuid, *, by):
    """The draft *uuid* if *by* may work on it. Raises DraftIsGone, with the entry it became if there is one."""
    draft = InteractionDraft.objects.visible_to(by).for_list().filter(uuid=uuid).first()
    if draft is None:
        raise gone(uuid, by=by)
    return draft


@transaction.atomic
def save_draft(draft, *, by, upload=None, keep=False, **changed):
    """Apply what was typed (*changed*: field -> value) with the defaults that follow from it; return the draft.

    upload: a file the gate accepted; it becomes the draft's own.  keep: save it for later in the same step. Nothing is
    checked for completeness. Raises DraftIsGone, FieldIsFixed, ContactIsBlocked.
    """
    draft = lock_draft(draft)
    if upload is not None:
        changed["attachment"] = store(upload, by=by)
    fixed = [name for name in draft.locked if name in changed and changed[name] != getattr(draft, name)]
    if fixed:
        raise FieldIsFixed()
    refuse_blocked(changed.get("contact"))
    before = draft.attachment_id
    draft.take(changed, by=by)
    if keep:
        draft.kept_at = timezone.now()
    draft.save()
    if before and before != draft.attachment_id:
        drop_unused([before])
    return draft


def keep_draft(draft, *, by):
    """Save for later: from now on it is a postponed interaction."""
    return save_draft(draft, by=by, keep=True)


@transaction.atomic
def unkeep_drafts(drafts, *, by):
    """Take keeping back: the drafts (a queryset) are unfinished again, under Mine of their author alone."""
    return drafts.update(kept_at=None)


def discard_draft(draft, *, by):
    """Delete the draft; `restore_draft` brings it back within ten minutes. Raises DraftIsGone."""
    if not discard_drafts(InteractionDraft.objects.filter(pk=draft.pk), by=by):
        lock_draft(draft)


def restore_draft(draft, *, by):
    """Take a discarding back. Raises DraftIsGone when the clean-up was faster."""
    if not restore_drafts(InteractionDraft.with_deleted.filter(pk=draft.pk), by=by):
        raise DraftIsGone()


@transaction.atomic
def discard_drafts(drafts, *, by):
    """Delete all of the queryset *drafts*; return the ids of those that were still there."""
    ids = list(drafts.select_for_update(of=("self",)).values_list("pk", flat=True))
    InteractionDraft.objects.filter(pk__in=ids).update(deleted_at=timezone.now(), deleted_by=by)
    return ids


@transaction.atomic
def restore_drafts(drafts, *, by):
    """Bring back those of *drafts* (a queryset over `with_deleted`) that *by* deleted; return how many."""
    return drafts.filter(deleted_at__isnull=False, deleted_by=by).update(deleted_at=None, deleted_by=None)


def clean_up_drafts():
    """Remove drafts discarded longer ago than one can undo, with their files; return how many."""
    stale = InteractionDraft.with_deleted.discarded_before(timezone.now() - UNDO_TIME)
    with transaction.atomic():
        gone = list(stale.select_for_update().values_list("pk", "attachment_id"))
        InteractionDraft.with_deleted.filter(pk__in=[pk for pk, _file in gone]).delete()
        drop_unused({file for _pk, file in gone if file})
    return len(gone)


def lock_draft(draft):
    """The present state of *draft*, locked until commit. Raises DraftIsGone, with the entry it became."""
    found = InteractionDraft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if found is None:
        raise gone(draft.uuid)
    return found
