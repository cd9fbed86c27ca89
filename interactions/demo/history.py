"""Two years of interactions, as a firm leaves them behind: in working hours, more before noon, fewer in August."""

import datetime as dt
import zoneinfo
from decimal import Decimal

from crm.models import Channel
from interactions.models import (
    Campaign,
    CampaignEntry,
    CanceledWith,
    Direction,
    EntryComment,
    Evaluation,
    InteractionLogEntry,
    LoggedSegment,
)

from . import files
from .firm import DOCUMENT_KINDS, TEMPLATES, TIME_ZONE
from .talk import LANGUAGES
from .words import Speaker, about_document

COUNT = 2_000
DAYS = 730
ZONE = zoneinfo.ZoneInfo(TIME_ZONE)

# How often each template is used for a contact; the rest are mailings and documents.
MIX = {
    "OUTGOING": 26, "INCOME": 17, "EMAIL": 15, "EMAIL_IN": 11, "ONSITE": 5, "INHOUSE": 2, "VISIT": 3,
    "BUS": 3, "ABSTRACT": 1, "MEETINV": 2, "COVERSH": 1, "NOTE": 4,
}  # fmt: skip
DOCUMENT_SHARE = 0.07
DOCUMENT_MIX = {"SQ": 30, "SO": 20, "SS": 16, "SI": 24, "SC": 3, "PQ": 2, "PO": 3, "PI": 2}

MINUTES = {  # (from, to, step)
    "OUTGOING": (2, 24, 1), "INCOME": (2, 20, 1), "EMAIL": (2, 15, 1), "EMAIL_IN": (1, 8, 1), "ONSITE": (60, 240, 15),
    "INHOUSE": (45, 180, 15), "VISIT": (30, 120, 15), "NOTE": (1, 5, 1),
}  # fmt: skip
EVALUATED = {"OUTGOING": 0.5, "INCOME": 0.45, "ONSITE": 0.85, "INHOUSE": 0.8, "VISIT": 0.9, "EMAIL_IN": 0.15}
MOODS = {
    Evaluation.VERY_POSITIVE: 17,
    Evaluation.POSITIVE: 42,
    Evaluation.NEUTRAL: 27,
    Evaluation.NEGATIVE: 11,
    Evaluation.VERY_NEGATIVE: 3,
}
FAILED_SHARE = 0.13  # of outgoing calls
COMMENTED = {"OUTGOING": 0.2, "INCOME": 0.2, "ONSITE": 0.45, "INHOUSE": 0.4, "VISIT": 0.5, "EMAIL_IN": 0.06}
CANCELED_SHARE = 0.02

MONTHS = {1: 8, 2: 10, 3: 11, 4: 9, 5: 11, 6: 11, 7: 9, 8: 3, 9: 11, 10: 12, 11: 12, 12: 7}
WEEKDAYS = (9, 11, 11, 10, 8)
HOURS = {8: 4, 9: 12, 10: 15, 11: 14, 12: 8, 13: 3, 14: 5, 15: 10, 16: 12, 17: 9, 18: 3}

# number, description, begins and lasts so many days ago and long, salesperson
CAMPAIGNS = (
    ("CP1001", "Spring fair", 620, 60, "JW"),
    ("CP1002", "Hotel refit, Iberia", 540, 160, "MR"),
    ("CP1003", "Galleries and museums", 410, 120, "CD"),
    ("CP1004", "Summer showroom days", 300, 70, "LC"),
    ("CP1005", "From fluorescent to LED", 210, 150, "EB"),
    ("CP1006", "Winter refit", 45, 90, "MR"),
)
# segment, description, days ago, template, campaign, languages, salesperson
MAILINGS = (
    ("SM00014", "Season's prices, Iberia", 265, "MAILSHOT", "CP1004", {"es"}, "MR"),
    ("SM00016", "Open days, all of Europe", 290, "EVENT", "CP1004", {"en", "es", "fr", "ru"}, "LC"),
    ("SM00018", "Price list, France", 12, "MAILSHOT", "CP1006", {"fr"}, "MR"),
    ("SM00019", "Price list, wrong currency", 30, "MAILSHOT", "CP1006", {"en"}, "MR"),
)
CANCELED_MAILING = "SM00019"
LAST_SEGMENT = "SM00020"


def working_days(today):
    """[(day, weight)] of the two years before *today*, busier as the firm grows; the last is the working day before."""
    days = ((today - dt.timedelta(days=back), back) for back in range(DAYS, 0, -1))
    return [
        (day, MONTHS[day.month] * WEEKDAYS[day.weekday()] * (1500 - back) // 100)
        for day, back in days
        if is_working_day(day)
    ]


def is_working_day(day):
    return day.weekday() < 5 and (day.month, day.day) not in {(12, 24), (12, 25), (12, 31), (1, 1), (1, 6)}


def time_of_day(random):
    hour = random.choices(list(HOURS), weights=HOURS.values())[0]
    return dt.time(hour, random.randrange(60))


def build(firm, contacts, *, today, random, lately=()):
    """Write campaigns, logged segments, COUNT entries (*lately* among them, unsaved rows) and their comments."""
    campaigns = make_campaigns(firm, today)
    rows = [*lately, *mailings(firm, contacts, campaigns, today=today, random=random)]
    days, weights = zip(*working_days(today), strict=True)
    single = COUNT - len(rows)
    chosen = skewed(contacts, single, random)
    dates = random.choices(days, weights=weights, k=single)
    for contact, day in zip(chosen, dates, strict=True):
        if contact.privacy_blocked:  # nobody talks to them any more
            day = random.choice(days[: len(days) * 3 // 4])
        make = document if random.random() < DOCUMENT_SHARE and contact.salesperson else conversation
        row = make(firm, contact, random)
        row.date, row.time = day, time_of_day(random)
        rows.append(row)
    join_campaigns(rows, campaigns, random)
    rows.sort(key=lambda row: (row.date, row.time))
    number_documents(rows, random)
    for row in rows:
        stamp(row, random)
    cancel_some(rows, today=today, random=random)
    files.attach(rows, by=firm.marketing, random=random)
    write(rows)


def write(rows):
    InteractionLogEntry.objects.bulk_create(rows, batch_size=500)
    EntryComment.objects.bulk_create(
        [
            EntryComment(
                entry=row,
                text=row.remark,
                date=row.date,
                created_at=row.logged_at + dt.timedelta(minutes=3),
                created_by=row.logged_by,
            )
            for row in rows
            if row.remark
        ],
        batch_size=500,
    )


def skewed(contacts, count, random):
    """*count* contacts; few of them often, most seldom."""
    shuffled = [contact for contact in contacts if not contact.minor]
    random.shuffle(shuffled)
    shuffled.sort(key=lambda contact: contact.no not in FAVOURITES)
    return [shuffled[int(len(shuffled) * random.random() ** 2)] for _number in range(count)]


FAVOURITES = {"CT000142", "CT000018", "CT000141"}


# --- one interaction


def draft(firm, contact, template_code, random):
    """An unsaved entry with what its template and contact give it."""
    template, pattern = firm.templates[template_code], TEMPLATES[template_code]
    salesperson = contact.salesperson or firm.salespeople["EB"]
    if random.random() < 0.12:
        salesperson = random.choice(
            [other for other in firm.salespeople.values() if other.home_team == salesperson.home_team]
        )
    row = InteractionLogEntry(
        contact=contact,
        contact_company_id=contact.company_key,
        salesperson=salesperson,
        team=salesperson.home_team,
        logged_by=salesperson.user,
        template=template,
        group_id=template.group_id,
        direction=pattern.direction,
        initiated_by=pattern.initiated_by,
        channel=pattern.channel if pattern.alone else contact.channel or pattern.channel,
        cost=template.cost,
        minutes=template.minutes,
    )
    row.remark = ""
    row.speaker = Speaker(contact.language, random)
    return row


def conversation(firm, contact, random):
    code = random.choices(list(MIX), weights=MIX.values())[0]
    row = draft(firm, contact, code, random)
    row.description = row.speaker.about(code)
    if code in MINUTES:
        row.minutes = random.randrange(*MINUTES[code])
    if code == "ONSITE":
        row.cost += random.choice((0, 0, 0, 35, 75, 120))
    if code == "OUTGOING" and random.random() < FAILED_SHARE:
        row.attempt_failed, row.minutes, row.cost = True, random.randrange(2), Decimal(0)
        row.description = row.speaker.about("FAILED")
        if random.random() < 0.6:
            row.remark = row.speaker.remark("FAILED")
    elif random.random() < EVALUATED.get(code, 0):
        row.evaluation = random.choices(list(MOODS), weights=MOODS.values())[0]
    if not row.remark and random.random() < COMMENTED.get(code, 0.03):
        row.remark = row.speaker.remark(mood(row.evaluation))
    take_letter(row, contact)
    return row


def mood(evaluation):
    if evaluation and evaluation > 0:
        return "GOOD"
    return "BAD" if evaluation and evaluation < 0 else "PLAIN"


def take_letter(row, contact):
    """The file in the contact's language, or the one that stands in for it (R-15)."""
    letter, _why = row.template.row_for(contact.language)
    if letter is not None:
        row.language, row.attachment, row.subject = letter.language, letter.attachment, letter.subject
    row.subject = row.subject or row.description
    if row.channel == Channel.EMAIL and not contact.email:
        row.channel = ""  # recorded without


def document(firm, contact, random):
    """A quote, an order, an invoice: recorded by itself when it was printed or posted."""
    prefix = random.choices(list(DOCUMENT_MIX), weights=DOCUMENT_MIX.values())[0]
    code, _name, template, _prefix = next(kind for kind in DOCUMENT_KINDS if kind[3] == prefix)
    row = draft(firm, contact, template, random)
    row.document_kind, row.prefix = firm.document_kinds[code], prefix
    return row


def number_documents(rows, random):
    """Documents are numbered as the days go."""
    last = {"SQ": 1019, "SO": 10371, "SS": 40110, "SI": 20322, "SC": 311, "PQ": 87, "PO": 2204, "PI": 7740}
    for row in rows:
        if row.document_kind is None:
            continue
        last[row.prefix] += random.randrange(1, 5)
        row.document_no = f"{row.prefix}-{last[row.prefix]}"
        if row.prefix == "SQ" and random.random() < 0.15:
            row.document_version = 2
        posted = row.prefix in {"SI", "SC", "PI"} and random.random() < 0.5
        row.description = row.subject = about_document(row.document_kind.name, row.document_no, posted=posted)
        row.document_url = f"https://erp.alder-finch.example/documents/{row.document_no}"


def stamp(row, random):
    """Most people write it down at once, some the same evening, a few the day after."""
    later = random.choices((2, 25, 190, 1100), weights=(70, 18, 9, 3))[0]
    happened = dt.datetime.combine(row.date, row.time, ZONE)
    row.logged_at = (happened + dt.timedelta(minutes=later)).astimezone(dt.UTC)


# --- campaigns and mailings


def make_campaigns(firm, today):
    campaigns = {}
    for no, description, ago, days, salesperson in CAMPAIGNS:
        begins = today - dt.timedelta(days=ago)
        campaigns[no] = Campaign.objects.create(
            no=no,
            description=description,
            starting_date=begins,
            ending_date=begins + dt.timedelta(days=days),
            salesperson=firm.salespeople[salesperson],
        )
    return campaigns


def join_campaigns(rows, campaigns, random):
    """Calls and meetings in the time of a campaign belong to it now and then; they share one campaign entry (R-97)."""
    shared = {}
    for campaign in campaigns.values():
        for row in sorted(rows, key=lambda row: (row.date, row.time)):
            within = campaign.starting_date <= row.date <= campaign.ending_date
            ours = row.salesperson.home_team == campaign.salesperson.home_team
            free = row.campaign is None and row.document_kind is None and row.logged_segment is None
            if not (within and ours and free) or random.random() > 0.3:
                continue
            if campaign.no not in shared:
                shared[campaign.no] = CampaignEntry.objects.create(
                    campaign=campaign, date=row.date, salesperson=row.salesperson, created_by=row.logged_by
                )
            row.campaign, row.campaign_entry = campaign, shared[campaign.no]
            row.campaign_target = random.random() < 0.5
            row.campaign_response = row.direction == Direction.INBOUND


def mailings(firm, contacts, campaigns, *, today, random):
    """The entries of the logged segments: one for each contact, on one morning."""
    rows = []
    for segment_no, description, ago, code, campaign_no, languages, salesperson in MAILINGS:
        day = today - dt.timedelta(days=ago)
        while not is_working_day(day):
            day -= dt.timedelta(days=1)
        sender = firm.salespeople[salesperson]
        at = dt.datetime.combine(day, dt.time(8, 15), ZONE)
        logged = LoggedSegment.objects.create(
            segment_no=segment_no, description=description, logged_at=at, logged_by=sender.user
        )
        campaign_entry = CampaignEntry.objects.create(
            campaign=campaigns[campaign_no],
            description=description,
            date=day,
            segment_no=segment_no,
            logged_segment=logged,
            salesperson=sender,
            created_by=sender.user,
        )
        readers = [contact for contact in contacts if may_be_mailed(contact, languages)]
        for line, contact in enumerate(random.sample(readers, min(len(readers), 42)), start=1):
            row = draft(firm, contact, code, random)
            row.salesperson, row.team, row.logged_by = sender, sender.home_team, sender.user
            row.date, row.time = day, dt.time(8, 15)
            row.description = getattr(LANGUAGES[contact.language.partition("-")[0]], code)
            take_letter(row, contact)
            row.campaign, row.campaign_entry = campaigns[campaign_no], campaign_entry
            row.campaign_target = True
            row.logged_segment, row.segment_no, row.segment_line_no = logged, segment_no, line
            rows.append(row)
    return rows


def may_be_mailed(contact, languages):
    return (
        contact.language.partition("-")[0] in languages
        and not contact.privacy_blocked
        and not contact.exclude_from_segment
    )


# --- canceling


def cancel_some(rows, *, today, random):
    """One mailing as a whole, and some single entries, each with its reason and its person."""
    for row in rows:
        if row.segment_no == CANCELED_MAILING:
            cancel(
                row, row.logged_at + dt.timedelta(hours=2), "Logged by mistake: prices in the wrong currency"
            )
            row.canceled_with = CanceledWith.LOGGED_SEGMENT
        elif row.logged_segment is None and random.random() < CANCELED_SHARE:
            wait = dt.timedelta(minutes=random.choice((4, 30, 95, 1500, 2900)))
            at = row.logged_at + wait
            if at.date() < today:
                cancel(row, at, row.speaker.remark("CANCELED"))
    register = next((row.logged_segment for row in rows if row.segment_no == CANCELED_MAILING), None)
    if register is not None:
        first = next(row for row in rows if row.segment_no == CANCELED_MAILING)
        for parent in (register, first.campaign_entry):
            parent.canceled_at, parent.canceled_by = first.canceled_at, first.canceled_by
            parent.canceled_reason = first.canceled_reason
        first.campaign_entry.canceled_with_segment = True
        register.save()
        first.campaign_entry.save()


def cancel(row, at, reason):
    row.canceled_at, row.canceled_by, row.canceled_reason = at, row.logged_by, reason
    row.canceled_with = CanceledWith.ITSELF
