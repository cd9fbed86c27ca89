"""What a line is logged with: random worlds, read once by the database and once by plain Python (heart 1)."""

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

import pytest

from crm.models import Channel, Contact, ContactType
from interactions.models import Direction, Initiator, InteractionLogEntry, InteractionTemplateLanguage
from segments.actions import log_segment
from segments.actions.preflight import with_check
from segments.models import Segment, SegmentAttachment, SegmentLine
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    CriteriaStepFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

WORLDS = 60
LINES = 60

TAGS = ("", "es", "fr", "fr-CH", "fr-CA", "en", "ru", "es-MX")
CHANNELS = ("", Channel.EMAIL, Channel.HARD_COPY)
DAYS = [dt.date(2026, 10, day) for day in range(1, 20)]
FIELDS = (
    "template",
    "group",
    "description",
    "cost",
    "minutes",
    "direction",
    "initiated_by",
    "campaign",
    "campaign_target",
    "campaign_response",
    "date",
    "contact_company",
    "salesperson",
    "team",
    "channel",
    "language",
    "subject",
    "attachment",
)


# --- the rules, in plain Python -----------------------------------------------------------------------------------------


@dataclass
class Rules:
    """Reads one line the slow way: R-12, R-16, R-17, R-44 to R-46, architecture 2.2 and 2.9."""

    line: SegmentLine

    def values(self):
        row = self.row()
        return {
            "template": self.template.pk,
            "group": self.template.group_id,
            **{
                name: self.nearest(name)
                for name in (
                    "description",
                    "cost",
                    "minutes",
                    "direction",
                    "initiated_by",
                    "campaign_target",
                    "campaign_response",
                )
            },
            "campaign": self.campaign(),
            "date": self.line.own_date or self.segment.date,
            "contact_company": self.contact.pk if self.contact.is_company else self.contact.company_id,
            "salesperson": self.salesperson().pk,
            "team": self.salesperson().home_team_id(),
            "channel": self.channel(),
            "language": self.language(row),
            "subject": first(self.line.own_subject, row.subject if row else ""),
            "attachment": self.file(row),
        }

    def __post_init__(self):
        self.segment, self.contact = self.line.segment, self.line.contact
        self.template = self.line.own_template or self.segment.template

    def nearest(self, name):
        said = getattr(self.line, f"own_{name}")
        if said is not None:
            return said
        if self.line.own_template is not None:
            return getattr(self.line.own_template, name)
        return first(getattr(self.segment, name), getattr(self.segment.template, name))

    def campaign(self):
        if self.line.own_campaign_id or self.segment.campaign_id:
            return self.line.own_campaign_id or self.segment.campaign_id
        return self.line.own_template.campaign_id if self.line.own_template else None

    def salesperson(self):
        return self.line.own_salesperson or self.segment.salesperson or self.contact.salesperson

    def channel(self):
        if self.line.own_channel is not None:
            return self.line.own_channel
        header = self.segment.template
        headers_channel = first(self.segment.channel, header.channel)
        if first(self.segment.ignore_contact, header.ignore_contact) and headers_channel:
            return headers_channel
        if (self.template.ignore_contact or not self.contact.channel) and self.template.channel:
            return self.template.channel
        return self.contact.channel

    def default_language(self):
        if self.line.own_template is not None:
            return self.line.own_template.language
        return first(self.segment.language, self.segment.template.language)

    def row(self):
        """The row of the best language, of the own template or of the header; never of both."""
        book = self.line.own_template or self.segment
        rows = {row.language: row for row in book.languages.all()}
        wanted = []
        if self.line.own_language is not None:
            wanted = [self.line.own_language, self.line.own_language.split("-")[0]]
        elif self.contact.language:
            wanted = [self.contact.language, self.contact.language.split("-")[0]]
        for tag in [*wanted, self.default_language()]:
            if tag in rows:
                return rows[tag]
        return None

    def language(self, row):
        asked = first(self.line.own_language, self.contact.language or None, "")
        if self.line.own_attachment_id and (asked or self.line.own_language is not None):
            return asked
        if row is not None:
            return row.language
        return first(self.line.own_language, self.default_language())

    def file(self, row):
        if self.line.without_letter:
            return None
        return self.line.own_attachment_id or (row.attachment_id if row else None)


def first(*values):
    return next(value for value in values if value is not None)


# --- worlds -------------------------------------------------------------------------------------------------------------


class World:
    """A segment that can be logged, everything else about it by chance."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.teams = [TeamFactory(), TeamFactory()]
        self.salespeople = [SalespersonFactory(team=team) for team in (*self.teams, None, None)]
        self.campaigns = CampaignFactory.create_batch(3)
        self.files = [AttachmentFactory() for _number in range(6)]
        self.templates = [self.template() for _number in range(4)]
        self.segment = self.header()
        self.people()
        self.lines()

    def maybe(self, *values, chance=0.5):
        return self.random.choice(values) if self.random.random() < chance else None

    def values_of_an_interaction(self):
        chance = self.random
        return {
            "cost": Decimal(chance.randrange(10_000)) / 100,
            "minutes": chance.randrange(100),
            "direction": chance.choice(["", *Direction.values]),
            "initiated_by": chance.choice(["", *Initiator.values]),
            "campaign_target": chance.random() < 0.5,
            "campaign_response": chance.random() < 0.5,
        }

    def letters(self, model, **of):
        tags = self.random.sample(TAGS, self.random.randrange(4))
        model.objects.bulk_create(
            model(
                **of,
                language=tag,
                subject=f"{of} {tag}"[:250],
                attachment=self.maybe(*self.files, chance=0.8),
            )
            for tag in tags
        )

    def template(self):
        template = InteractionTemplateFactory(
            language=self.random.choice(TAGS),
            channel=self.random.choice(CHANNELS),
            ignore_contact=self.random.random() < 0.4,
            campaign=self.maybe(*self.campaigns, chance=0.3),
            **self.values_of_an_interaction(),
        )
        self.letters(InteractionTemplateLanguage, template=template)
        return template

    def header(self):
        own = {
            name: value
            for name, value in self.values_of_an_interaction().items()
            if self.random.random() < 0.5
        }
        segment = SegmentFactory(
            description="Q4 prices",
            template=self.random.choice(self.templates),
            salesperson=self.maybe(*self.salespeople),
            language=self.maybe(*TAGS),
            channel=self.maybe(*CHANNELS),
            ignore_contact=self.maybe(True, False),
            campaign=self.maybe(*self.campaigns),
            date=self.random.choice(DAYS),
            **own,
        )
        self.letters(SegmentAttachment, segment=segment)
        return segment

    def people(self):
        companies = [self.contact(number, ContactType.COMPANY) for number in range(LINES // 3)]
        Contact.objects.bulk_create(companies)
        people = [self.contact(number, ContactType.PERSON) for number in range(LINES // 3, LINES)]
        for person in people:
            person.company = self.maybe(*companies, chance=0.7)
        Contact.objects.bulk_create(people)
        self.contacts = [*companies, *people]

    def contact(self, number, kind):
        return Contact(
            no=f"W{self.segment.pk:06}{number:03}",
            name=f"Contact {number}",
            type=kind,
            language=self.random.choice(TAGS),
            channel=self.random.choice(CHANNELS),
            email="a@example.com",
            salesperson=self.random.choice(self.salespeople),
        )

    def lines(self):
        step = CriteriaStepFactory(segment=self.segment)
        own = [template for template in self.templates if template != self.segment.template]
        SegmentLine.objects.bulk_create(self.line(contact, step, own) for contact in self.contacts)

    def line(self, contact, step, templates):
        said = self.values_of_an_interaction() | {
            "language": self.random.choice(TAGS),
            "description": self.random.choice(["Own words", "Other words"]),
            "subject": self.random.choice(["", "Own subject"]),
            "channel": self.random.choice(CHANNELS),
            "date": self.random.choice(DAYS),
            "salesperson": self.random.choice(self.salespeople),
            "campaign": self.random.choice(self.campaigns),
        }
        without = self.random.random() < 0.1
        return SegmentLine(
            segment=self.segment,
            contact=contact,
            added_by=step,
            own_template=self.maybe(*templates),
            without_letter=without,
            own_attachment=None if without else self.maybe(*self.files, chance=0.15),
            **{f"own_{name}": value for name, value in said.items() if self.random.random() < 0.3},
        )


def read(segment):
    """{contact: values} by the rules in Python."""
    lines = SegmentLine.objects.filter(segment=segment).select_related(
        "segment__template", "segment__salesperson", "own_template", "own_salesperson", "contact__salesperson"
    )
    books = "own_template__languages", "segment__languages"
    return {line.contact_id: Rules(line).values() for line in lines.prefetch_related(*books)}


def rows(queryset):
    return {row.pop("contact"): row for row in queryset.order_by().values("contact", *FIELDS)}


def differences(found, wanted):
    """[(contact, field, value found, value wanted), …]"""
    assert found.keys() == wanted.keys()
    return [
        (contact, name, found[contact][name], value)
        for contact, values in wanted.items()
        for name, value in values.items()
        if found[contact][name] != value
    ]


@pytest.mark.parametrize("seed", range(WORLDS))
def test_page_ledger_and_rules_agree(seed):
    segment = World(seed).segment
    by_the_rules = read(segment)
    assert len(by_the_rules) == LINES
    effective_lines = SegmentLine.objects.filter(segment=segment).effective().with_team()
    assert differences(rows(effective_lines), by_the_rules) == []
    logged = log_segment(segment, by=UserFactory())
    assert differences(rows(InteractionLogEntry.objects.filter(logged_segment=logged)), by_the_rules) == []
    assert not Segment.with_deleted.filter(pk=segment.pk).exists()


# --- the cases that people ask about -------------------------------------------------------------------------------------


def effective(line):
    return SegmentLine.objects.effective().get(pk=line.pk)


class TestFiles:
    def test_a_contact_without_language_gets_the_default_one_before_the_neutral_one(self):
        segment = SegmentFactory(ready=True, language="en")
        SegmentAttachmentFactory(segment=segment, language="", subject="Neutral")
        SegmentAttachmentFactory(segment=segment, language="en", subject="English")
        line = SegmentLineFactory(segment=segment, contact=ContactFactory(language=""))
        assert effective(line).subject == "English"

    def test_a_row_without_a_file_means_none_in_that_language(self):
        segment = SegmentFactory(ready=True, language="en")
        SegmentAttachmentFactory(segment=segment, language="en", attachment=AttachmentFactory())
        SegmentAttachmentFactory(segment=segment, language="es", subject="Precios")
        line = effective(SegmentLineFactory(segment=segment, contact=ContactFactory(language="es")))
        assert (line.language, line.subject, line.attachment) == ("es", "Precios", None)

    @pytest.mark.parametrize("tag", ["es", "ru"])
    def test_a_line_with_its_own_template_never_takes_the_files_of_the_header(self, tag):
        segment = SegmentFactory(ready=True, language="es")
        SegmentAttachmentFactory(segment=segment, language="es", attachment=AttachmentFactory())
        line = SegmentLineFactory(
            segment=segment, contact=ContactFactory(language=tag), own_template=InteractionTemplateFactory()
        )
        assert effective(line).attachment is None


class TestOwnLetter:
    @pytest.mark.parametrize("own", ["fr", None])
    def test_is_in_the_language_that_its_line_asks_for(self, own):
        segment = SegmentFactory(ready=True, language="es")
        SegmentAttachmentFactory(segment=segment, language="es", attachment=AttachmentFactory())
        line = SegmentLineFactory(
            segment=segment,
            contact=ContactFactory(language="ru" if own else "fr"),
            own_language=own,
            own_attachment=AttachmentFactory(),
        )
        assert effective(line).language == "fr"
        assert with_check(SegmentLine.objects.filter(pk=line.pk)).get().check == ""


class TestCampaign:
    def test_of_the_header_goes_before_that_of_an_own_template(self):
        winter, spring = CampaignFactory(), CampaignFactory()
        golf = InteractionTemplateFactory(campaign=spring)
        line = SegmentLineFactory(segment=SegmentFactory(ready=True, campaign=winter), own_template=golf)
        assert effective(line).campaign == winter.pk
        line = SegmentLineFactory(segment=SegmentFactory(ready=True), own_template=golf)
        assert effective(line).campaign == spring.pk


class TestFollowsTheHeader:
    @pytest.mark.case("CS-002")
    def test_a_new_description_of_the_segment_is_that_of_the_line(self):
        segment = SegmentFactory(ready=True)
        line = SegmentLineFactory(segment=segment)
        Segment.objects.filter(pk=segment.pk).update(description="Description")
        assert effective(line).description == "Description"

    @pytest.mark.case("UI-018")
    def test_a_new_template_of_the_line_brings_its_description(self):
        golf = InteractionTemplateFactory(description="Golf event")
        line = SegmentLineFactory(segment=SegmentFactory(), own_template=golf)
        assert effective(line).description == "Golf event"

    @pytest.mark.case("XS-024")
    def test_a_header_that_ignores_the_contact_and_has_a_channel_decides(self):
        segment = SegmentFactory(ready=True, ignore_contact=True, channel=Channel.HARD_COPY)
        line = SegmentLineFactory(segment=segment, contact=ContactFactory(channel=Channel.EMAIL))
        assert effective(line).channel == Channel.HARD_COPY
