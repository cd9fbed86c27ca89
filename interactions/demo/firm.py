"""Alder & Finch, who plan and sell light: its people, teams, setup, groups, templates and kinds of documents."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.cache import cache

from crm.models import (
    Channel,
    MarketingSetup,
    NumberSeries,
    Salesperson,
    Salutation,
    Team,
    TeamMember,
    User,
)
from crm.models.setup import CACHE_KEY
from interactions.models import (
    Direction,
    DocumentKind,
    Initiator,
    InteractionGroup,
    InteractionTemplate,
    InteractionTemplateLanguage,
    Kind,
    WizardAction,
)

from . import greetings, letters
from .letter_texts import LETTERS

NAME, LINE, CURRENCY, TIME_ZONE = "Alder & Finch", "Lighting", "EUR", "Europe/Madrid"
DOMAIN = "alder-finch.example"
HOUSE = {
    "address": "12 Lantern Yard",
    "post_code": "E1 6AN",
    "city": "London",
    "country": "GB",
    "phone_no": "+44 1632 960 100",
    "email": f"light@{DOMAIN}",
    "home_page": f"https://{DOMAIN}",
    "vat_no": "GB 999 9999 73",
    "registration_no": "00000017",
    "bank_name": "Harbour Bank",
    "bank_account_no": "00 17 42 11",
}

TEAMS = (
    ("IBERIA", "Spain, Portugal and Latin America"),
    ("NORTH", "United Kingdom, Ireland and the North"),
    ("EAST", "France, Russia and the East"),
)

# code, name, user name, job title, phone, home team, leads it, also in, language, region, time zone
SALESPEOPLE = (
    ("MR", "Marta Ruiz", "marta.ruiz", "Key account manager", "+34 960 555 118", "IBERIA", True, (), "", "en-GB", "Europe/Madrid"),
    ("JW", "Jonas Weber", "jonas.weber", "Head of projects", "+44 1632 960 131", "NORTH", True, (), "", "en-GB", "Europe/London"),
    ("CD", "Claire Dubois", "claire.dubois", "Head of sales, France", "+33 1 99 00 14 02", "EAST", True, (), "", "fr-FR", "Europe/Paris"),
    ("IO", "Irina Orlova", "irina.orlova", "Account manager", "+7 812 555-01-17", "EAST", False, (), "", "ru-RU", "Europe/Moscow"),
    ("AV", "Álvaro Vega", "alvaro.vega", "Account manager", "+34 960 555 126", "IBERIA", False, (), "es", "es-ES", "Europe/Madrid"),
    ("LC", "Lucía Campos", "lucia.campos", "Lighting designer", "+34 960 555 140", "IBERIA", False, ("EAST",), "es", "es-ES", "Europe/Madrid"),
    ("EB", "Emma Byrne", "emma.byrne", "Account manager", "+44 1632 960 144", "NORTH", False, (), "", "en-IE", "Europe/Dublin"),
    ("PL", "Paul Lefèvre", "paul.lefevre", "Account manager", "+33 1 99 00 14 09", "EAST", False, (), "", "fr-FR", "Europe/Paris"),
)  # fmt: skip

# user name, first name, surname, group: people who sign in and are no salespeople
OTHERS = (
    ("nora.alder", "Nora", "Alder", "Administrator"),
    ("sofia.finch", "Sofía", "Finch", "Marketing manager"),
    ("teresa.gil", "Teresa", "Gil", "Reader"),
)

SALUTATIONS = (
    ("COMPANY", "A company"),
    ("F", "A woman"),
    ("F-JOB", "A woman, by her job title"),
    ("F-MAR", "A woman, married"),
    ("F-UMAR", "A woman, unmarried"),
    ("M", "A man"),
    ("M-JOB", "A man, by his job title"),
    ("UNISEX", "A person whose gender we do not know"),
)

GROUPS = (
    ("LETTER", "Letters"),
    ("MEETING", "Meetings"),
    ("PHONE", "Phone calls"),
    ("EMAIL", "E-mails"),
    ("NOTE", "Notes"),
    ("SALES", "Sales documents"),
    ("PURCHASES", "Purchase documents"),
    ("SYSTEM", "Invitations and cover sheets"),
)

OUT, IN, US, THEM = Direction.OUTBOUND, Direction.INBOUND, Initiator.US, Initiator.THEM
MERGE = WizardAction.MERGE


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A template to be. alone: how it is sent is never what the contact prefers (a call is not an e-mail)."""

    group: str
    kind: str
    description: str
    cost: str = "0"
    minutes: int = 0
    direction: str = OUT
    initiated_by: str = US
    channel: str = ""
    alone: bool = True
    action: str = ""
    quick_key: int | None = None


def letter(group, description, *, cost, minutes, channel=Channel.HARD_COPY, **more):
    return Pattern(
        group=group,
        kind=Kind.LETTER,
        description=description,
        cost=cost,
        minutes=minutes,
        channel=channel,
        alone=False,
        action=MERGE,
        **more,
    )


def document(group, description):
    return Pattern(group=group, kind=Kind.DOCUMENT, description=description, cost="8", minutes=1)


TEMPLATES = {
    "OUTGOING": Pattern(
        group="PHONE", kind=Kind.CALL, description="Outgoing call", cost="1", minutes=15, quick_key=1
    ),
    "INCOME": Pattern(
        group="PHONE",
        kind=Kind.CALL,
        description="Incoming call",
        minutes=15,
        direction=IN,
        initiated_by=THEM,
    ),
    "EMAIL": Pattern(group="EMAIL", kind=Kind.EMAIL, description="E-mail sent", minutes=5, quick_key=2),
    "EMAIL_IN": Pattern(
        group="EMAIL",
        kind=Kind.EMAIL,
        description="E-mail received",
        minutes=5,
        direction=IN,
        initiated_by=THEM,
    ),
    "ONSITE": Pattern(
        group="MEETING",
        kind=Kind.MEETING,
        description="Meeting at the customer's",
        cost="45",
        minutes=180,
        direction="",
        quick_key=3,
    ),
    "INHOUSE": Pattern(
        group="MEETING",
        kind=Kind.MEETING,
        description="Meeting in our house",
        cost="25",
        minutes=120,
        direction="",
    ),
    "VISIT": Pattern(
        group="MEETING",
        kind=Kind.MEETING,
        description="Showroom visit",
        cost="15",
        minutes=60,
        direction="",
        initiated_by=THEM,
        channel=Channel.EMAIL,
        alone=False,
        action=MERGE,
    ),
    "BUS": letter("LETTER", "Business letter", cost="8", minutes=30, quick_key=4),
    "ABSTRACT": letter("LETTER", "Abstract of a meeting", cost="8", minutes=90),
    "MAILSHOT": letter("LETTER", "Price list", cost="0.60", minutes=2, channel=Channel.EMAIL),
    "EVENT": letter("LETTER", "Invitation to the open days", cost="8", minutes=1, channel=Channel.EMAIL),
    "MEETINV": Pattern(
        group="SYSTEM", kind=Kind.EMAIL, description="Invitation to a meeting", cost="8", minutes=1
    ),
    "COVERSH": Pattern(
        group="SYSTEM",
        kind=Kind.LETTER,
        description="Cover sheet",
        cost="8",
        minutes=1,
        channel=Channel.HARD_COPY,
        action=MERGE,
    ),
    "NOTE": Pattern(
        group="NOTE",
        kind=Kind.NOTE,
        description="Note",
        minutes=2,
        direction="",
        initiated_by="",
        quick_key=5,
    ),
    "S_QUOTE": document("SALES", "Sales quote"),
    "S_ORDER_CF": document("SALES", "Sales order confirmation"),
    "S_SHIP": document("SALES", "Sales shipment"),
    "S_INVOICE": document("SALES", "Sales invoice"),
    "S_C_MEMO": document("SALES", "Sales credit memo"),
    "P_QUOTE": document("PURCHASES", "Purchase quote"),
    "P_ORDER": document("PURCHASES", "Purchase order"),
    "P_INVOICE": document("PURCHASES", "Purchase invoice"),
}

# code, name, template, how its numbers begin; without a template it is not recorded
DOCUMENT_KINDS = (
    ("SALES_QUOTE", "Sales quote", "S_QUOTE", "SQ"),
    ("SALES_ORDER", "Sales order confirmation", "S_ORDER_CF", "SO"),
    ("SALES_SHIPMENT", "Sales shipment", "S_SHIP", "SS"),
    ("SALES_INVOICE", "Sales invoice", "S_INVOICE", "SI"),
    ("SALES_CREDIT_MEMO", "Sales credit memo", "S_C_MEMO", "SC"),
    ("PURCHASE_QUOTE", "Purchase quote", "P_QUOTE", "PQ"),
    ("PURCHASE_ORDER", "Purchase order", "P_ORDER", "PO"),
    ("PURCHASE_INVOICE", "Purchase invoice", "P_INVOICE", "PI"),
    ("SERVICE_ORDER", "Service order", "", ""),
)


@dataclass
class Firm:
    """What the history is made with, by code: salespeople (each with `.home_team`), users, templates, kinds."""

    users: dict
    salespeople: dict
    templates: dict
    document_kinds: dict
    salutations: dict

    @property
    def admin(self):
        return self.users["nora.alder"]

    @property
    def marketing(self):
        return self.users["sofia.finch"]


def build(*, password):
    """Write the firm; return it. All its people sign in with *password*."""
    salutations = {code: Salutation.objects.create(code=code, description=text) for code, text in SALUTATIONS}
    greetings.write(salutations)
    set_up(salutations)
    users, salespeople = hire(password)
    templates = make_templates(by=users["sofia.finch"])
    kinds = {
        code: DocumentKind.objects.create(code=code, name=name, template=templates.get(template))
        for code, name, template, _prefix in DOCUMENT_KINDS
    }
    return Firm(users, salespeople, templates, kinds, salutations)


def set_up(salutations):
    setup = MarketingSetup.objects.get(pk=1)
    setup.company_name, setup.company_line = NAME, LINE
    setup.currency, setup.time_zone = CURRENCY, TIME_ZONE
    for name, value in HOUSE.items():
        setattr(setup, f"company_{name}", value)
    setup.default_country, setup.default_language, setup.default_channel = "ES", "es", Channel.EMAIL
    setup.default_company_salutation = salutations["COMPANY"]
    setup.default_person_salutation = salutations["UNISEX"]
    setup.save()
    cache.delete(CACHE_KEY)
    campaigns = NumberSeries.objects.get(code="CAMPAIGNS").lines.get()
    campaigns.starting_no = "CP1001"
    campaigns.save()


def hire(password):
    """({user name: User}, {code: Salesperson})."""
    hashed = make_password(password)  # once: it is slow on purpose
    teams = {code: Team.objects.create(code=code, name=name) for code, name in TEAMS}
    groups = {group.name: group for group in Group.objects.all()}
    users, salespeople = {}, {}

    def make_user(username, first_name, last_name, group, **preferences):
        user = users[username] = User.objects.create(
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=f"{username}@{DOMAIN}",
            password=hashed,
            **preferences,
        )
        user.groups.add(groups[group])
        return user

    for code, name, username, job, phone, home, leads, others, language, region, zone in SALESPEOPLE:
        first_name, _space, last_name = name.partition(" ")
        user = make_user(
            username, first_name, last_name, "Salesperson", language=language, region=region, time_zone=zone
        )
        salesperson = salespeople[code] = Salesperson.objects.create(
            code=code, name=name, job_title=job, phone_no=phone, email=user.email, user=user
        )
        salesperson.home_team = teams[home]
        TeamMember.objects.create(team=teams[home], salesperson=salesperson, is_lead=leads)
        for other in others:
            TeamMember.objects.create(team=teams[other], salesperson=salesperson, is_home=False)
    for username, first_name, last_name, group in OTHERS:
        make_user(username, first_name, last_name, group, region="en-GB", time_zone=TIME_ZONE)
    User.objects.filter(username__in=["nora.alder", "sofia.finch"]).update(
        is_staff=True
    )  # setup is in the admin
    return users, salespeople


def make_templates(*, by):
    """{code: InteractionTemplate}, with a Word file for each language that letters.py has one for."""
    groups = {code: InteractionGroup.objects.create(code=code, description=text) for code, text in GROUPS}
    templates = {}
    for code, pattern in TEMPLATES.items():
        templates[code] = InteractionTemplate.objects.create(
            code=code,
            group=groups[pattern.group],
            kind=pattern.kind,
            description=pattern.description,
            cost=Decimal(pattern.cost),
            minutes=pattern.minutes,
            direction=pattern.direction,
            initiated_by=pattern.initiated_by,
            channel=pattern.channel,
            ignore_contact=pattern.alone,
            language="en" if code in LETTERS else "",
            wizard_action=pattern.action,
            quick_key=pattern.quick_key,
        )
        for language, text in LETTERS.get(code, {}).items():
            InteractionTemplateLanguage.objects.create(
                template=templates[code],
                language=language,
                description=text.title,
                subject=text.subject,
                attachment=letters.store(text, language, by=by),
            )
    return {
        template.code: template
        for template in InteractionTemplate.objects.prefetch_related("languages__attachment")
    }
