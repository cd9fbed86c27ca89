"""The smallest valid row of each model; variations are traits and arguments named in words of the domain."""

import datetime as dt
import hashlib

import factory
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from crm import models as crm
from interactions import models as interactions
from interactions.models.attachment import key_of
from segments import models as segments

MORNING = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 20)


class UserFactory(DjangoModelFactory):
    """`UserFactory(role="Salesperson")` is in that group; without a role he or she may nothing."""

    class Meta:
        model = crm.User
        skip_postgeneration_save = True

    username = factory.Sequence("user{}".format)
    first_name = "Marta"
    last_name = "Ruiz"

    @factory.post_generation
    def role(user, create, name, **kwargs):
        if name:
            user.groups.add(Group.objects.get(name=name))


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = crm.Team

    code = factory.Sequence("TEAM{}".format)
    name = factory.Sequence("Team {}".format)


class SalespersonFactory(DjangoModelFactory):
    class Meta:
        model = crm.Salesperson
        skip_postgeneration_save = True

    code = factory.Sequence("SP{}".format)
    name = factory.Sequence("Salesperson {}".format)

    @factory.post_generation
    def team(salesperson, create, team, **kwargs):
        """The home team; `team__is_lead=True` makes the salesperson its lead."""
        if team:
            TeamMemberFactory(salesperson=salesperson, team=team, **kwargs)


class TeamMemberFactory(DjangoModelFactory):
    class Meta:
        model = crm.TeamMember

    team = factory.SubFactory(TeamFactory)
    salesperson = factory.SubFactory(SalespersonFactory)


class NumberSeriesFactory(DjangoModelFactory):
    class Meta:
        model = crm.NumberSeries

    code = factory.Sequence("SERIES{}".format)


class NumberSeriesLineFactory(DjangoModelFactory):
    class Meta:
        model = crm.NumberSeriesLine

    series = factory.SubFactory(NumberSeriesFactory)
    starting_no = "X0001"


class SalutationFactory(DjangoModelFactory):
    class Meta:
        model = crm.Salutation

    code = factory.Sequence("SAL{}".format)


class SalutationFormulaFactory(DjangoModelFactory):
    class Meta:
        model = crm.SalutationFormula

    salutation = factory.SubFactory(SalutationFactory)
    pattern = "Dear %1,"
    name_1 = crm.NamePart.FIRST_NAME


class MarketingSetupFactory(DjangoModelFactory):
    class Meta:
        model = crm.MarketingSetup
        django_get_or_create = ["id"]

    id = 1


class ContactFactory(DjangoModelFactory):
    """A company; `person=True` makes a person, with `company=` one of a company."""

    class Meta:
        model = crm.Contact

    class Params:
        person = factory.Trait(type=crm.ContactType.PERSON, name=factory.Sequence("Person {}".format))

    no = factory.Sequence("CT9{:05d}".format)
    name = factory.Sequence("Company {}".format)
    type = crm.ContactType.COMPANY


class OptOutFactory(DjangoModelFactory):
    class Meta:
        model = crm.OptOut

    contact = factory.SubFactory(ContactFactory)
    channel = crm.Channel.EMAIL


class SuccessionFactory(DjangoModelFactory):
    class Meta:
        model = crm.Succession

    contact_id = factory.Sequence(lambda number: 1_000_000 + number)
    contact_no = "CT000001"
    by = factory.SubFactory(UserFactory)
    at = MORNING


class JobFactory(DjangoModelFactory):
    class Meta:
        model = crm.Job

    kind = "export_entries"
    title = "Export"
    by = factory.SubFactory(UserFactory)


class AttachmentFactory(DjangoModelFactory):
    """A stored file with `content` (bytes)."""

    class Meta:
        model = interactions.Attachment

    class Params:
        content = factory.Sequence(lambda number: f"File {number}".encode())

    name = "letter.txt"
    extension = "txt"
    mime = "text/plain"
    sha256 = factory.LazyAttribute(lambda row: hashlib.sha256(row.content).hexdigest())
    size = factory.LazyAttribute(lambda row: len(row.content))
    key = factory.LazyAttribute(lambda row: key_of(row.sha256, row.name))
    file = factory.LazyAttribute(lambda row: ContentFile(row.content, name=row.name))
    created_by = factory.SubFactory(UserFactory)


class InteractionGroupFactory(DjangoModelFactory):
    class Meta:
        model = interactions.InteractionGroup

    code = factory.Sequence("GROUP{}".format)
    description = factory.Sequence("Group {}".format)


class InteractionTemplateFactory(DjangoModelFactory):
    """A call: no channel, so nothing is sent."""

    class Meta:
        model = interactions.InteractionTemplate

    code = factory.Sequence("TPL{}".format)
    description = factory.Sequence("Template {}".format)
    group = factory.SubFactory(InteractionGroupFactory)
    kind = interactions.Kind.CALL
    channel = ""


class InteractionTemplateLanguageFactory(DjangoModelFactory):
    class Meta:
        model = interactions.InteractionTemplateLanguage

    template = factory.SubFactory(InteractionTemplateFactory)
    language = "en"


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = interactions.Campaign

    no = factory.Sequence("CP9{:03d}".format)
    description = factory.Sequence("Campaign {}".format)


class DocumentKindFactory(DjangoModelFactory):
    class Meta:
        model = interactions.DocumentKind

    code = factory.Sequence("KIND{}".format)
    name = factory.Sequence("Kind of document {}".format)


class LoggedSegmentFactory(DjangoModelFactory):
    class Meta:
        model = interactions.LoggedSegment

    class Params:
        canceled = factory.Trait(canceled_at=MORNING, canceled_by=factory.SubFactory(UserFactory))

    segment_no = factory.Sequence("SM9{:04d}".format)
    description = factory.Sequence("Segment {}".format)
    logged_at = MORNING
    logged_by = factory.SubFactory(UserFactory)


class CampaignEntryFactory(DjangoModelFactory):
    class Meta:
        model = interactions.CampaignEntry

    class Params:
        canceled = factory.Trait(canceled_at=MORNING, canceled_by=factory.SubFactory(UserFactory))

    campaign = factory.SubFactory(CampaignFactory)
    date = DAY
    created_by = factory.SubFactory(UserFactory)


class FollowUpFactory(DjangoModelFactory):
    class Meta:
        model = interactions.FollowUp

    contact = factory.SubFactory(ContactFactory)
    salesperson = factory.SubFactory(SalespersonFactory)
    description = "Call back"
    due_date = DAY
    created_by = factory.SubFactory(UserFactory)


class InteractionDraftFactory(DjangoModelFactory):
    """Being typed; `kept=True` was saved for later, `deleted=True` discarded."""

    class Meta:
        model = interactions.InteractionDraft

    class Params:
        kept = factory.Trait(kept_at=factory.LazyFunction(timezone.now))
        deleted = factory.Trait(deleted_at=factory.LazyFunction(timezone.now))

    created_by = factory.SubFactory(UserFactory)


class InteractionLogEntryFactory(DjangoModelFactory):
    """Logged; `canceled=True` is canceled by itself. The company follows from the contact, the group from the template."""

    class Meta:
        model = interactions.InteractionLogEntry

    class Params:
        canceled = factory.Trait(
            canceled_at=MORNING,
            canceled_by=factory.SubFactory(UserFactory),
            canceled_with=interactions.CanceledWith.ITSELF,
        )

    date = DAY
    time = dt.time(9, 30)
    logged_at = MORNING
    logged_by = factory.SubFactory(UserFactory)
    contact = factory.SubFactory(ContactFactory)
    contact_company_id = factory.LazyAttribute(lambda row: row.contact.company_key if row.contact else None)
    salesperson = factory.SubFactory(SalespersonFactory)
    template = factory.SubFactory(InteractionTemplateFactory)
    group = factory.LazyAttribute(lambda row: row.template.group)
    description = factory.Sequence("Interaction {}".format)
    cost = 0
    minutes = 0


class EntryDocumentFactory(DjangoModelFactory):
    """What a letter is made from; of no letter that could be made."""

    class Meta:
        model = interactions.EntryDocument

    entry = factory.SubFactory(InteractionLogEntryFactory)
    values = '{"contact": {"name": "Hélène"}}'
    engine_version = 1


class DeliveryFactory(DjangoModelFactory):
    """An e-mail that waits; `sending=True` is in the hands of a worker, `sent=True`, `failed=True`, `uncertain=True`."""

    class Meta:
        model = interactions.Delivery

    class Params:
        sending = factory.Trait(state="SENDING", claimed_at=MORNING, claimed_by="here:1:ab", attempts=1)
        sent = factory.Trait(
            state="SENT", claimed_at=MORNING, claimed_by="here:1:ab", attempts=1, sent_at=MORNING
        )
        failed = factory.Trait(state="ERROR", reason="REFUSED", answer="550 No such user", attempts=1)
        uncertain = factory.Trait(
            state="UNCERTAIN", reason="LOST", claimed_at=MORNING, claimed_by="here:1:ab", attempts=1
        )

    entry = factory.SubFactory(
        InteractionLogEntryFactory,
        channel=crm.Channel.EMAIL,
        subject="Your quote",
        contact__email="helene@verrier.example",
        attachment=factory.SubFactory(AttachmentFactory),
    )
    channel = crm.Channel.EMAIL
    address = "helene@verrier.example"
    message_id = factory.Sequence("<{}@bitacora.example>".format)
    created_by = factory.SubFactory(UserFactory)


class ReinstatementFactory(DjangoModelFactory):
    class Meta:
        model = interactions.Reinstatement

    entry = factory.SubFactory(InteractionLogEntryFactory)
    canceled_at = MORNING
    canceled_by = factory.SubFactory(UserFactory)
    canceled_with = interactions.CanceledWith.ITSELF
    reinstated_at = MORNING
    reinstated_by = factory.SubFactory(UserFactory)


class EntryCommentFactory(DjangoModelFactory):
    class Meta:
        model = interactions.EntryComment

    entry = factory.SubFactory(InteractionLogEntryFactory)
    text = "ABC"
    date = DAY
    created_at = MORNING
    created_by = factory.SubFactory(UserFactory)


# --- classification ---------------------------------------------------------------------------------------------------


class ListValueFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    code = factory.Sequence("VALUE{}".format)


class MailingGroupFactory(ListValueFactory):
    class Meta:
        model = crm.MailingGroup


class IndustryGroupFactory(ListValueFactory):
    class Meta:
        model = crm.IndustryGroup


class BusinessRelationFactory(ListValueFactory):
    class Meta:
        model = crm.BusinessRelation


class JobResponsibilityFactory(ListValueFactory):
    class Meta:
        model = crm.JobResponsibility


class TerritoryFactory(ListValueFactory):
    class Meta:
        model = crm.Territory


class CampaignStatusFactory(ListValueFactory):
    class Meta:
        model = interactions.CampaignStatus


class ContactMailingGroupFactory(DjangoModelFactory):
    class Meta:
        model = crm.ContactMailingGroup

    contact = factory.SubFactory(ContactFactory)
    mailing_group = factory.SubFactory(MailingGroupFactory)


class ContactIndustryGroupFactory(DjangoModelFactory):
    class Meta:
        model = crm.ContactIndustryGroup

    contact = factory.SubFactory(ContactFactory)
    industry_group = factory.SubFactory(IndustryGroupFactory)


class ContactBusinessRelationFactory(DjangoModelFactory):
    class Meta:
        model = crm.ContactBusinessRelation

    contact = factory.SubFactory(ContactFactory)
    business_relation = factory.SubFactory(BusinessRelationFactory)


class ContactJobResponsibilityFactory(DjangoModelFactory):
    class Meta:
        model = crm.ContactJobResponsibility

    contact = factory.SubFactory(ContactFactory)
    job_responsibility = factory.SubFactory(JobResponsibilityFactory)


# --- segments ---------------------------------------------------------------------------------------------------------


class SegmentFactory(DjangoModelFactory):
    """`SegmentFactory(contacts=[…])` has a line for each of them."""

    class Meta:
        model = segments.Segment
        skip_postgeneration_save = True

    class Params:
        ready = factory.Trait(
            description="Q4 prices",
            template=factory.SubFactory(InteractionTemplateFactory, channel=""),
            salesperson=factory.SubFactory(SalespersonFactory),
        )

    no = factory.Sequence("SM{:05}".format)
    date = DAY
    created_by = factory.SubFactory(UserFactory)
    changed_by = factory.SelfAttribute("created_by")
    changed_at = MORNING

    @factory.post_generation
    def contacts(segment, create, contacts, **kwargs):
        if contacts:
            step = CriteriaStepFactory(segment=segment, changed=len(contacts), lines_after=len(contacts))
            for contact in contacts:
                SegmentLineFactory(segment=segment, contact=contact, added_by=step)


class SegmentAttachmentFactory(DjangoModelFactory):
    class Meta:
        model = segments.SegmentAttachment

    segment = factory.SubFactory(SegmentFactory)
    language = "es"


class CriteriaStepFactory(DjangoModelFactory):
    class Meta:
        model = segments.CriteriaStep

    segment = factory.SubFactory(SegmentFactory)
    number = factory.LazyAttribute(lambda step: step.segment.steps.count() + 1)
    action = segments.StepAction.ADD
    recipe = factory.LazyFunction(lambda: {"conditions": [], "options": []})
    created_by = factory.SubFactory(UserFactory)
    created_at = MORNING


class SegmentLineFactory(DjangoModelFactory):
    class Meta:
        model = segments.SegmentLine

    segment = factory.SubFactory(SegmentFactory)
    contact = factory.SubFactory(ContactFactory)
    added_by = factory.SubFactory(CriteriaStepFactory, segment=factory.SelfAttribute("..segment"))


class RemovedLineFactory(DjangoModelFactory):
    class Meta:
        model = segments.RemovedLine

    step = factory.SubFactory(CriteriaStepFactory, action=segments.StepAction.REDUCE)
    line_id = factory.Sequence(lambda number: number + 1)
    contact = factory.SubFactory(ContactFactory)
    added_by = factory.SubFactory(CriteriaStepFactory, segment=factory.SelfAttribute("..step.segment"))


class SegmentEditFactory(DjangoModelFactory):
    class Meta:
        model = segments.SegmentEdit

    segment = factory.SubFactory(SegmentFactory)
    made_at = MORNING


class EditedLineFactory(DjangoModelFactory):
    class Meta:
        model = segments.EditedLine

    edit = factory.SubFactory(SegmentEditFactory)
    line_id = factory.Sequence(lambda number: number + 1)
    contact = factory.SubFactory(ContactFactory)


class EditedLetterFactory(DjangoModelFactory):
    class Meta:
        model = segments.EditedLetter

    edit = factory.SubFactory(SegmentEditFactory)
    language = "es"


class SavedCriteriaFactory(DjangoModelFactory):
    class Meta:
        model = segments.SavedCriteria

    code = factory.Sequence("CRIT{}".format)
    created_by = factory.SubFactory(UserFactory)
