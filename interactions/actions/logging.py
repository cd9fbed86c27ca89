"""Logging one interaction: the draft is checked, one ledger row is written, the draft is gone; all or nothing."""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.errors import Refusal
from crm.models import Channel, MarketingSetup, OptOut
from interactions import signals
from interactions.models import (
    CampaignEntry,
    EntryComment,
    InteractionDraft,
    InteractionLogEntry,
    WizardAction,
)

from .deliveries import PRINTED_AS_LETTERS, queue_deliveries
from .documents import freeze_letters, our_company, seal_letter
from .drafts import lock_draft, refuse_blocked


class CannotLog(Refusal):
    """The draft is not complete; `.field` is the one to look at."""

    def __init__(self, field, sentence, **values):
        self.field = field
        super().__init__(sentence, **values)


def check_draft(draft):
    """Raise CannotLog for the first thing that keeps *draft* from being logged, in the order of R-23 and R-24."""
    if draft.contact is None:
        raise CannotLog("contact", _("Choose a contact."))
    refuse_blocked(draft.contact)
    if draft.template is None:
        raise CannotLog("template", _("Choose a template."))
    if draft.salesperson is None:
        raise CannotLog("salesperson", _("Choose a salesperson."))
    if not draft.salesperson.is_available:
        raise CannotLog(
            "salesperson", _("%(name)s is blocked. Choose another salesperson."), name=draft.salesperson.name
        )
    date, time = draft.when_shown
    if date is None:
        raise CannotLog("date", _("Enter the date."))
    if not draft.description.strip():
        raise CannotLog("description", _("Enter a short description."))
    if draft.template.wizard_action == WizardAction.OPEN and draft.attachment is None:
        raise CannotLog(
            "file", _("The template %(template)s works with a file. Add one."), template=draft.template.code
        )
    if draft.channel == Channel.EMAIL and draft.attachment is None:
        raise CannotLog(
            "channel",
            _(
                "An e-mail needs a file. Add one, change the correspondence, or take a template that has a file or "
                "ignores the contact's correspondence."
            ),
        )
    if clock.is_future(date, time) and not MarketingSetup.current().future_dates_allowed:
        if clock.is_future(date):
            raise CannotLog(
                "date",
                _(
                    "The date is in the future. Interactions are logged after they happen: save it for later instead."
                ),
            )
        raise CannotLog("time", _("This time is still to come. Enter when the interaction took place."))


def check_sending(draft):
    """Raise CannotLog when *draft*, complete as it is, cannot be sent or printed (R-41, R-69)."""
    if not draft.channel:
        raise CannotLog("channel", _("It has no correspondence, so there is nothing to send."))
    if draft.attachment is None:
        raise CannotLog("file", _("There is no file to send. Add one."))
    if draft.channel == Channel.HARD_COPY and draft.attachment.extension not in PRINTED_AS_LETTERS:
        raise CannotLog("file", _("Only Word files can be printed as letters."))
    if draft.contact is None:
        return
    if draft.channel == Channel.EMAIL and not draft.contact.email:
        raise CannotLog(
            "channel",
            _("%(contact)s has no e-mail address. Add one, or send it as hard copy."),
            contact=draft.contact.name,
        )
    if OptOut.objects.filter(contact=draft.contact, channel=draft.channel).exists():
        raise CannotLog(
            "channel",
            _("%(contact)s has opted out of this kind of message, so it cannot be sent."),
            contact=draft.contact.name,
        )


def channel_to_log(draft):
    """An e-mail to somebody without an address is recorded without a channel (R-24)."""
    if draft.channel == Channel.EMAIL and not draft.contact.email:
        return ""
    return draft.channel


def campaign_entry_for(campaign, *, by, date, salesperson, document_kind=None):
    """The open campaign entry that single interactions of *campaign* share, made if there is none (R-97)."""
    entry, _created = CampaignEntry.objects.get_or_create(
        campaign=campaign,
        document_kind=document_kind,
        segment_no="",
        canceled_at=None,
        defaults={"date": date, "salesperson": salesperson, "created_by": by},
    )
    return entry


def log_interaction(draft, *, by, deliver=False):
    """Write *draft* to the ledger and remove it; return the entry.

    deliver: also send it, or put it with the letters to print; workers begin after the commit.

    Raises CannotLog, ContactIsBlocked, DraftIsGone (with the entry, if it was logged elsewhere) and what a receiver of
    `interaction_logging` raises; then nothing was written.
    """
    with transaction.atomic():
        draft = lock_draft(draft)
        check_draft(draft)
        if deliver:
            check_sending(draft)
        signals.interaction_logging.send(InteractionDraft, draft=draft, by=by)
        entry = write_entry(draft, by=by)
        written = InteractionLogEntry.objects.filter(pk=entry.pk)
        is_merged = entry.attachment is not None and entry.attachment.is_merged
        if is_merged or entry.channel == Channel.EMAIL:  # which may have a body
            freeze_letters(written, company=our_company())
        if is_merged:
            transaction.on_commit(partial(seal_letter, entry), robust=True)
        if deliver:
            queue_deliveries(written, by=by)
        draft.delete()
        transaction.on_commit(
            partial(signals.interaction_logged.send_robust, InteractionLogEntry, entry=entry, by=by)
        )
    return entry


def write_entry(draft, *, by):
    (date, time), contact, salesperson = draft.when_shown, draft.contact, draft.salesperson
    logged_at = timezone.now()
    entry = InteractionLogEntry.objects.create(
        date=date,
        time=time or clock.this_minute()[1],
        logged_at=logged_at,
        logged_by=by,
        contact=contact,
        contact_company_id=contact.company_key,
        address_code=draft.address_code,
        salesperson=salesperson,
        team_id=salesperson.home_team_id(),
        template=draft.template,
        group_id=draft.template.group_id,
        description=draft.description.strip(),
        subject=draft.subject or draft.description.strip(),
        language=draft.language,
        channel=channel_to_log(draft),
        direction=draft.direction,
        initiated_by=draft.initiated_by,
        cost=draft.cost or 0,
        minutes=draft.minutes or 0,
        evaluation=draft.evaluation,
        attempt_failed=draft.attempt_failed,
        attachment=draft.attachment,
        campaign=draft.campaign,
        campaign_entry=(
            campaign_entry_for(draft.campaign, by=by, date=date, salesperson=salesperson)
            if draft.campaign
            else None
        ),
        campaign_target=draft.campaign_target,
        campaign_response=draft.campaign_response,
        opportunity_no=draft.opportunity_no,
        opportunity_url=draft.opportunity_url,
        follow_up=draft.follow_up,
        contact_via=draft.contact_via,
        draft_uuid=draft.uuid,
    )
    if draft.comment.strip():
        EntryComment.objects.create(
            entry=entry, text=draft.comment.strip(), date=date, created_at=logged_at, created_by=by
        )
    return entry
