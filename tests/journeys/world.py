"""One of everything: a row of each model, with one person in the middle of it."""

import itertools
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.db.models import CharField, TextField, URLField
from django.utils import timezone

from crm.models import Job, MarketingSetup
from interactions.models import Evaluation, InteractionLogEntry, InteractionTemplate
from tests.factories import (
    AttachmentFactory,
    CampaignEntryFactory,
    CampaignFactory,
    ContactFactory,
    DeliveryFactory,
    DocumentKindFactory,
    EntryCommentFactory,
    EntryDocumentFactory,
    FollowUpFactory,
    InteractionDraftFactory,
    InteractionGroupFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    JobFactory,
    LoggedSegmentFactory,
    NumberSeriesFactory,
    NumberSeriesLineFactory,
    OptOutFactory,
    SalespersonFactory,
    SalutationFactory,
    SavedCriteriaFactory,
    SegmentFactory,
    SuccessionFactory,
    TeamFactory,
    UserFactory,
)

# What is no text of a person, or is written by the program.
FIXED = {
    "username", "password", "language", "region", "time_zone", "currency", "default_country", "default_language",
    "country", "email", "email_2", "phone_no", "mobile_phone_no", "search_text", "sha256", "extension", "mime", "key",
    "draft_uuid", "kind", "error",
}  # fmt: skip
NUMBERS = {"starting_no", "ending_no", "warning_no", "last_no_used"}


class Texts:
    """Fills the text fields of rows.

    write: callable(field, number) -> text, or None to leave them to the factories; the number is another one each time.
    """

    def __init__(self, write=None):
        self.write = write
        self.numbers = itertools.count(1)

    def of(self, factory):
        """{field: text} for a row that *factory* makes."""
        return self.of_model(factory._meta.model)

    def of_model(self, model):
        if self.write is None:
            return {}
        return {
            field.name: self.write(field, next(self.numbers))
            for field in model._meta.concrete_fields
            if self.is_text(field)
        }

    def of_field(self, model, name):
        """Text for one field that `of` leaves out."""
        return self.write(model._meta.get_field(name), next(self.numbers)) if self.write else "Said so."

    @staticmethod
    def is_text(field):
        return (
            isinstance(field, (CharField, TextField))
            and not isinstance(field, URLField)
            and not (
                field.choices
                or field.name in FIXED
                or field.name in NUMBERS
                or field.name.startswith("canceled")
            )
        )


def one_of_everything(user, write=None):
    """Rows of every model around *user*, who is the salesperson of the contact and of the entries, as a namespace.

    write: as in Texts.  `entry` has all that an entry can have, `canceled` is canceled, `document` was recorded by another
    system, `bare` is erased; `draft` waits under Postponed, `writing` is being written.
    """
    texts = Texts(write)
    world = SimpleNamespace(user=user)

    def make(factory, **given):
        return factory(**{**texts.of(factory), **given})

    series = world.series = make(NumberSeriesFactory, manual_nos=True)
    make(NumberSeriesLineFactory, series=series)
    salutation = world.salutation = make(SalutationFactory)
    team = world.team = make(TeamFactory)
    me = world.salesperson = make(
        SalespersonFactory, user=user, team=team, team__is_lead=True, phone_no="+34 600 1"
    )
    make(SalespersonFactory, user=make(UserFactory, role="Salesperson"), team=team, blocked=True)
    MarketingSetup(**texts.of_model(MarketingSetup), contact_nos=series, default_salesperson=me).save()

    company = world.company = make(ContactFactory, salesperson=me, salutation=salutation, phone_no="+34 91 1")
    contact = world.contact = make(
        ContactFactory,
        person=True,
        company=company,
        salesperson=me,
        salutation=salutation,
        language="fr",
        country="FR",
        email="helene@verrier.example",
        phone_no="+33 1 1",
        mobile_phone_no="+33 6 1",
        home_page="https://verrier.example/",
    )
    world.minor = make(ContactFactory, person=True, salesperson=me, minor=True, privacy_blocked=True)

    group = world.group = make(InteractionGroupFactory)
    file = make(AttachmentFactory, created_by=user)
    campaign = world.campaign = make(CampaignFactory, salesperson=me)
    template = world.template = make(
        InteractionTemplateFactory,
        group=group,
        quick_key=InteractionTemplate.objects.count() + 1,
        minutes=30,
        cost=40,
        campaign=campaign,
    )
    world.template_language = make(
        InteractionTemplateLanguageFactory, template=template, language="fr", attachment=file
    )
    kind = world.document_kind = make(DocumentKindFactory, template=template)
    segment = world.logged_segment = make(LoggedSegmentFactory, logged_by=user)
    campaign_entry = world.campaign_entry = make(
        CampaignEntryFactory, campaign=campaign, salesperson=me, created_by=user, logged_segment=segment
    )
    follow_up = make(FollowUpFactory, contact=contact, salesperson=me, created_by=user)
    world.segment = make(
        SegmentFactory,
        salesperson=me,
        template=template,
        campaign=campaign,
        follow_up_of=segment,
        created_by=user,
        contacts=[contact],
    )
    world.line = world.segment.lines.get()
    world.line.own_attachment = make(AttachmentFactory, created_by=user)
    world.line.save()
    world.saved_criteria = make(SavedCriteriaFactory, created_by=user)

    def log(**given):
        values = {
            "contact": contact,
            "salesperson": me,
            "team": team,
            "template": template,
            "logged_by": user,
        }
        today = {"date": timezone.localdate(), "logged_at": timezone.now()}
        return make(InteractionLogEntryFactory, **{**today, **values, "segment_no": "", **given})

    world.entry = log(
        attachment=make(AttachmentFactory, created_by=user),
        campaign=campaign,
        campaign_entry=campaign_entry,
        campaign_target=True,
        opportunity_url="https://sales.example/1",
        follow_up=follow_up,
        logged_segment=segment,
        segment_line_no=1,
        evaluation=Evaluation.POSITIVE,
        minutes=75,
        cost=1248.5,
        direction="OUTBOUND",
        initiated_by="US",
        channel="EMAIL",
        language="fr",
    )
    make(EntryCommentFactory, entry=world.entry, created_by=user)
    words = b"<p>Dear {{Contact_Name}}, %d</p>" % template.pk
    body = make(AttachmentFactory, content=words, extension="html", created_by=user)
    make(
        EntryDocumentFactory, entry=world.entry, body=body, values='{"contact": {"name": "A"}}', company="{}"
    )
    reason = texts.of_field(InteractionLogEntry, "canceled_reason")
    world.canceled = log(canceled=True, canceled_by=user, attempt_failed=True, canceled_reason=reason)
    world.document = log(contact=company, document_kind=kind, document_url="https://erp.example/1")
    world.failed = log(attempt_failed=True)
    world.bare = log(contact=None, description="", subject="")

    typed = {"created_by": user, "contact": contact, "template": template, "salesperson": me}
    world.draft = make(
        InteractionDraftFactory, kept=True, attachment=make(AttachmentFactory, created_by=user), **typed
    )
    world.writing = make(InteractionDraftFactory, created_by=user, campaign=campaign)
    world.of_team = make(
        InteractionDraftFactory, kept=True, **{**typed, "created_by": make(UserFactory, role="Salesperson")}
    )
    SalespersonFactory(user=world.of_team.created_by, team=team)
    world.discarded = make(InteractionDraftFactory, deleted=True, **typed)

    make(SuccessionFactory, by=user)
    world.opt_out = make(OptOutFactory, contact=company)
    world.delivery = make(DeliveryFactory, entry=world.entry, uncertain=True, created_by=user)

    world.job = make(JobFactory, by=user)
    said = texts.of_field(Job, "error")
    world.finished = make(
        JobFactory,
        by=user,
        state="DONE",
        finished_at=timezone.now(),
        result={"text": said},
        file=ContentFile(b"1,2\n", name="entries.csv"),
    )
    world.broken = make(JobFactory, by=user, state="FAILED", finished_at=timezone.now(), error=said)
    return world
