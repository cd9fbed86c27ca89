"""Any number of contacts and entries, made by the database: a few small tables of samples, joined by arithmetic.

The same statements run on SQLite and PostgreSQL. Row i of the ledger follows from i alone, so the same seed gives the
same ledger; days go up with i, few contacts have many entries and most have few.
"""

import datetime as dt
from contextlib import contextmanager
from random import Random

from django.db import connection

from crm.models import Contact, ContactType, NumberSeries, Salesperson, Team, TeamMember, User
from interactions import ledger_text
from interactions.models import Campaign, CampaignEntry, InteractionLogEntry

from . import history, names, people
from .talk import LANGUAGES
from .words import Speaker, about_document

CHUNK = 100_000  # entries in one statement
CONTACTS_PER_SALESPERSON = 400
SALESPEOPLE_PER_TEAM = 10
COMPANY_SHARE = 0.3
SAMPLES = 3_000  # of each language
CANCELED_PERCENT, CAMPAIGN_PERCENT, COMMENT_EVERY = 2, 5, 20
PRIME = 2_147_483_647
TONGUES = tuple(LANGUAGES)

TRADES = {
    "en": names.names_in(
        "Hotels Logistics Interiors Architects Clinics Museums Schools Retail Joinery Estates Galleries Foods"
    ),
    "es": names.names_in(
        "Hoteles Logística Interiores Arquitectos Clínicas Museos Colegios Comercial Carpintería Inmuebles"
    ),
    "fr": names.names_in(
        "Hôtels Logistique Intérieurs Architectes Cliniques Musées Écoles Commerce Menuiserie Immobilier"
    ),
    "ru": names.names_in("Отель Логистика Интерьер Проект Клиника Музей Школа Торговля Мебель Недвижимость"),
}
FORMS = {"en": ("{} {} Ltd", "{} & Sons {}"), "es": ("{} {} S.L.", "{1} {0} S.A."), "fr": ("{} {} SARL", "{1} {0} SAS"), "ru": ("ООО «{} {}»", "АО «{} {}»")}  # fmt: skip


@contextmanager
def indexes_aside():
    """Takes the indexes that guard nothing away for the length of the block and makes them again, all at once."""
    # Not those of comments: the text index looks the comments of each entry up while they come in.
    tables = [Contact._meta.db_table, InteractionLogEntry._meta.db_table, ledger_text.TABLE]
    settle()
    with connection.cursor() as cursor:
        cursor.execute(INDEXES[connection.vendor].format(", ".join(["%s"] * len(tables))), tables)
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        settle()
        for _name, definition in indexes:
            cursor.execute(definition)


INDEXES = {
    "postgresql": (
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_class t ON t.oid = i.indrelid"
        " WHERE NOT i.indisunique AND pg_table_is_visible(t.oid) AND t.relname IN ({})"
    ),
    "sqlite": (
        "SELECT name, sql FROM sqlite_master"
        " WHERE type = 'index' AND sql LIKE 'CREATE INDEX%%' AND tbl_name IN ({})"
    ),
}


def settle():
    """Checks the foreign keys of the rows that wait for it: PostgreSQL changes no table before."""
    if connection.vendor == "postgresql":
        connection.check_constraints()


# --- people


def add_contacts(firm, count, *, random, tell):
    """Write *count* contacts, persons with their companies, and enough salespeople to look after them."""
    hire(firm, count // CONTACTS_PER_SALESPERSON, random)
    salespeople = list(Salesperson.objects.order_by("pk"))
    places = {
        tongue: [row for row in names.OTHERS if row[6].partition("-")[0] == tongue] for tongue in TONGUES
    }
    line = NumberSeries.objects.get(code="CONTACTS").lines.get()
    first = int(line.last_no_used.removeprefix("CT")) + 1
    companies = []
    for number in range(first, first + int(count * COMPANY_SHARE)):
        tongue = random.choice(TONGUES)
        name = random.choice(FORMS[tongue]).format(
            random.choice(names.PEOPLE[tongue][2]), random.choice(TRADES[tongue])
        )
        _company, domain, street, post_code, city, country, language, _code = random.choice(places[tongue])
        companies.append(
            Contact(
                no=f"CT{number:06d}",
                type=ContactType.COMPANY,
                name=name,
                address=street,
                post_code=post_code,
                city=city,
                country=country,
                language=language,
                phone_no=people.dial(names.PHONES[country], random),
                email=f"info{number}@{domain}",
                salesperson=random.choice(salespeople),
                salutation=firm.salutations["COMPANY"],
            )
        )
    Contact.objects.bulk_create(companies, batch_size=1000)
    tell(f"{len(companies)} companies.")
    persons = [
        employee(firm, f"CT{number:06d}", companies[int(len(companies) * random.random() ** 2)], random)
        for number in range(first + len(companies), first + count)
    ]
    Contact.objects.bulk_create(persons, batch_size=1000)
    line.last_no_used = f"CT{first + count - 1:06d}"
    line.save(update_fields=["last_no_used"])
    tell(f"{len(persons)} persons.")


def employee(firm, no, company, random):
    tongue = company.language.partition("-")[0]
    gender = random.choice("FM")
    first_name = random.choice(names.PEOPLE[tongue][gender == "M"])
    surname = random.choice(names.PEOPLE[tongue][2])
    if tongue == "ru" and gender == "F":
        surname += "а"
    return Contact(
        no=no,
        type=ContactType.PERSON,
        name=f"{first_name} {surname}",
        first_name=first_name,
        surname=surname,
        job_title=random.choice(names.JOBS[tongue][gender == "M"]),
        company=company,
        address=company.address,
        post_code=company.post_code,
        city=company.city,
        country=company.country,
        language=company.language,
        phone_no=people.dial(names.PHONES[company.country], random),
        email=f"{people.latin(surname)}{no[2:]}@{company.email.partition('@')[2]}",
        salesperson=company.salesperson,
        salutation=firm.salutations[gender],
    )


def hire(firm, count, random):
    """*count* salespeople more, in teams of ten, with users who cannot sign in."""
    group = firm.users["marta.ruiz"].groups.get()
    if not count:
        return
    staff, sellers = [], []
    for number in range(1, count + 1):
        women, men, surnames = names.PEOPLE[random.choice(("en", "es", "fr"))]
        first_name, last_name = random.choice(women + men), random.choice(surnames)
        staff.append(
            User(
                username=f"s{number:03d}",
                first_name=first_name,
                last_name=last_name,
                password="!",
            )
        )
    User.objects.bulk_create(staff)
    User.groups.through.objects.bulk_create(User.groups.through(user=user, group=group) for user in staff)
    for number, user in enumerate(staff, start=1):
        sellers.append(Salesperson(code=f"S{number:03d}", name=user.get_full_name(), user=user))
    Salesperson.objects.bulk_create(sellers)
    teams = Team.objects.bulk_create(
        Team(code=f"T{number:02d}", name=f"Team {number}")
        for number in range(1, -(-count // SALESPEOPLE_PER_TEAM) + 1)
    )
    TeamMember.objects.bulk_create(
        TeamMember(
            team=teams[place // SALESPEOPLE_PER_TEAM],
            salesperson=seller,
            is_lead=place % SALESPEOPLE_PER_TEAM == 0,
        )
        for place, seller in enumerate(sellers)
    )


# --- the ledger


def add_entries(count, *, seed, today, tell):
    """Write *count* entries before *today*, one comment for every COMMENT_EVERY of them."""
    random = Random(f"{seed} mass")
    tables = SampleTables(random, today)
    tables.make()
    try:
        last = InteractionLogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for start in range(1, count + 1, CHUNK):
            end = min(start + CHUNK - 1, count)
            tables.insert_entries(start, end, of=count, seed=seed % PRIME)
            settle()
            tell(f"{end} of {count} entries.")
        tables.insert_comments(after=last)
    finally:
        tables.drop()


class SampleTables:
    """Temporary tables that one INSERT … SELECT joins into entries."""

    TABLES = {
        "demo_day": "place integer PRIMARY KEY, date date, utc_offset integer",
        "demo_minute": "place integer PRIMARY KEY, time time",
        "demo_contact": (
            "place integer PRIMARY KEY, contact_id bigint UNIQUE, company_id bigint, salesperson_id bigint,"
            " team_id bigint, user_id bigint, tongue integer"
        ),
        "demo_sample": (
            "tongue integer, place integer, template_id bigint, group_id bigint, description varchar(250),"
            " subject varchar(250), language varchar(15), channel varchar(10), direction varchar(8),"
            " initiated_by varchar(4), cost decimal(9, 2), minutes integer, evaluation smallint, failed boolean,"
            " attachment_id bigint, document_kind_id bigint, prefix varchar(2), PRIMARY KEY (tongue, place)"
        ),
        "demo_campaign": "place integer PRIMARY KEY, campaign_id bigint, campaign_entry_id bigint",
        "demo_remark": "tongue integer, place integer, text text, reason text, PRIMARY KEY (tongue, place)",
    }

    def __init__(self, random, today):
        self.random = random
        self.today = today
        self.sizes = {}

    def make(self):
        with connection.cursor() as cursor:
            for name, columns in self.TABLES.items():
                cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
            self.fill(cursor, "demo_day", self.days())
            self.fill(cursor, "demo_minute", self.minutes())
            self.fill(cursor, "demo_sample", self.samples())
            self.fill(cursor, "demo_campaign", self.campaigns())
            self.fill(cursor, "demo_remark", self.remarks())
            self.fill_contacts(cursor)
            for name in self.TABLES:
                cursor.execute(f"ANALYZE {name}")

    def drop(self):
        with connection.cursor() as cursor:
            for name in self.TABLES:
                cursor.execute(f"DROP TABLE {name}")

    def fill(self, cursor, table, rows):
        rows = list(rows)
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        self.sizes[table] = len(rows)

    def days(self):
        """Days as often as they are busy, so that a place taken evenly is a day taken by its weight."""
        place = 0
        for day, weight in history.working_days(self.today):
            noon = dt.datetime.combine(day, dt.time(12), history.ZONE)
            offset = int(noon.utcoffset().total_seconds() // 60)
            for _time in range(weight // 20):
                yield place, day.isoformat(), offset
                place += 1

    def minutes(self):
        times = sorted(history.time_of_day(self.random) for _number in range(2_000))
        return ((place, time.isoformat()) for place, time in enumerate(times))

    def samples(self):
        """Whole entries in all but contact and time, made as the believable ones are."""
        from interactions.models import DocumentKind, InteractionTemplate

        templates = {
            template.code: template
            for template in InteractionTemplate.objects.prefetch_related("languages__attachment")
        }
        kinds = {kind.code: kind for kind in DocumentKind.objects.all()}
        for tongue, language in enumerate(TONGUES):
            for place in range(SAMPLES):
                yield tongue, place, *self.sample(language, templates, kinds)

    def sample(self, language, templates, kinds):
        random, speaker = self.random, Speaker(language, self.random)
        kind_id, prefix, failed, evaluation = None, "", False, None
        if random.random() < history.DOCUMENT_SHARE:
            prefix = random.choices(list(history.DOCUMENT_MIX), weights=history.DOCUMENT_MIX.values())[0]
            code, name, template_code, _prefix = next(
                kind for kind in history.DOCUMENT_KINDS if kind[3] == prefix
            )
            kind_id, template = kinds[code].pk, templates[template_code]
            description = about_document(name, "{number}")
        else:
            code = random.choices(list(history.MIX), weights=history.MIX.values())[0]
            template = templates[code]
            failed = code == "OUTGOING" and random.random() < history.FAILED_SHARE
            description = speaker.about("FAILED" if failed else code)
            if not failed and random.random() < history.EVALUATED.get(code, 0):
                evaluation = random.choices(list(history.MOODS), weights=history.MOODS.values())[0]
        minutes = template.minutes
        if template.code in history.MINUTES:
            minutes = random.randrange(*history.MINUTES[template.code])
        letter, _why = template.row_for(language)
        return (
            template.pk,
            template.group_id,
            description,
            letter.subject if letter and letter.subject else description,
            letter.language if letter else "",
            template.channel,
            template.direction,
            template.initiated_by,
            "0" if failed else str(template.cost),
            0 if failed else minutes,
            evaluation,
            failed,
            letter.attachment_id if letter else None,
            kind_id,
            prefix,
        )

    def campaigns(self):
        for place, campaign in enumerate(Campaign.objects.order_by("no")):
            entry = CampaignEntry.objects.filter(
                campaign=campaign, segment_no="", document_kind=None, canceled_at=None
            ).first() or CampaignEntry.objects.create(
                campaign=campaign,
                date=campaign.starting_date,
                salesperson=campaign.salesperson,
                created_by=campaign.salesperson.user,
            )
            yield place, campaign.pk, entry.pk

    def remarks(self):
        for tongue, language in enumerate(TONGUES):
            speaker = Speaker(language, self.random)
            for place in range(100):
                mood = self.random.choice(("GOOD", "PLAIN", "PLAIN", "BAD"))
                yield tongue, place, speaker.remark(mood), speaker.remark("CANCELED")

    def fill_contacts(self, cursor):
        """Contacts in no order that means anything; who comes first has most entries."""
        contact, salesperson, member = (model._meta.db_table for model in (Contact, Salesperson, TeamMember))
        tongue = " ".join(f"WHEN '{language}' THEN {number}" for number, language in enumerate(TONGUES))
        cursor.execute(
            f"""
            INSERT INTO demo_contact
            SELECT row_number() OVER (ORDER BY (c.id * 48271) %% {PRIME}) - 1, c.id,
                CASE c.type WHEN 'COMPANY' THEN c.id ELSE c.company_id END,
                s.id, m.team_id, s.user_id, CASE substr(c.language, 1, 2) {tongue} ELSE 0 END
            FROM {contact} c
            JOIN {salesperson} s ON s.id = c.salesperson_id
            JOIN {member} m ON m.salesperson_id = s.id AND m.is_home
            """,
            [],
        )
        self.sizes["demo_contact"] = cursor.rowcount

    def insert_entries(self, start, end, *, of, seed):
        sizes = self.sizes
        days, minutes, contacts = sizes["demo_day"], sizes["demo_minute"], sizes["demo_contact"]
        canceled = f"n.r4 %% 100 < {CANCELED_PERCENT}"
        in_campaign = f"n.r3 %% 100 < {CAMPAIGN_PERCENT} AND p.document_kind_id IS NULL"
        number = "p.prefix || '-' || CAST(100000 + n.i AS varchar(20))"
        logged_at = instant("d.date", "m.time", "n.r4 %% 40 - d.utc_offset")
        canceled_at = instant("d.date", "m.time", "n.r4 %% 3000 + 45 - d.utc_offset")
        values = {
            "date": "d.date",
            "time": "m.time",
            "logged_at": logged_at,
            "logged_by_id": "c.user_id",
            "contact_id": "c.contact_id",
            "contact_company_id": "c.company_id",
            "address_code": "''",
            "salesperson_id": "c.salesperson_id",
            "team_id": "c.team_id",
            "template_id": "p.template_id",
            "group_id": "p.group_id",
            "description": f"replace(p.description, '{{number}}', {number})",
            "subject": f"replace(p.subject, '{{number}}', {number})",
            "language": "p.language",
            "channel": "p.channel",
            "direction": "p.direction",
            "initiated_by": "p.initiated_by",
            "cost": "p.cost",
            "minutes": "p.minutes",
            "evaluation": "p.evaluation",
            "attempt_failed": "p.failed",
            "attachment_id": "p.attachment_id",
            "campaign_id": f"CASE WHEN {in_campaign} THEN g.campaign_id END",
            "campaign_entry_id": f"CASE WHEN {in_campaign} THEN g.campaign_entry_id END",
            "campaign_target": "FALSE",
            "campaign_response": "FALSE",
            "opportunity_no": "''",
            "opportunity_url": "''",
            "contact_via": "''",
            "document_kind_id": "p.document_kind_id",
            "document_no": f"CASE WHEN p.prefix <> '' THEN {number} ELSE '' END",
            "document_version": "0",
            "document_url": "''",
            "segment_no": "''",
            "canceled_at": f"CASE WHEN {canceled} THEN {canceled_at} END",
            "canceled_by_id": f"CASE WHEN {canceled} THEN c.user_id END",
            "canceled_reason": f"CASE WHEN {canceled} THEN r.reason ELSE '' END",
            "canceled_with": f"CASE WHEN {canceled} THEN 'ITSELF' ELSE '' END",
        }
        table = InteractionLogEntry._meta.db_table
        columns = ", ".join(f'"{column}"' for column in values)
        # Joined by CROSS JOIN and WHERE: SQLite then takes the tables in this order.
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                INSERT INTO {table} ({columns})
                WITH RECURSIVE
                    numbers(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM numbers WHERE i < {end}),
                    first(i, r1) AS (
                        SELECT i, ((i * 48271 + {seed}) %% {PRIME}) * ((i * 48271 + {seed}) %% {PRIME}) %% {PRIME}
                        FROM (SELECT CAST(i AS bigint) AS i FROM numbers) big
                    ),
                    second(i, r1, r2) AS (SELECT i, r1, (r1 * 16807 + 12345) %% {PRIME} FROM first),
                    third(i, r1, r2, r3) AS (SELECT i, r1, r2, (r2 * 69621 + 54321) %% {PRIME} FROM second),
                    fourth(i, r1, r2, r3, r4) AS (
                        SELECT i, r1, r2, r3, (r3 * 39373 + r1) %% {PRIME} FROM third
                    )
                SELECT {", ".join(values.values())}
                FROM fourth n
                CROSS JOIN demo_day d
                CROSS JOIN demo_minute m
                CROSS JOIN demo_contact c
                CROSS JOIN demo_sample p
                CROSS JOIN demo_campaign g
                CROSS JOIN demo_remark r
                WHERE d.place = (n.i - 1) * {days} / {of}
                    AND m.place = n.r2 %% {minutes}
                    AND c.place = (n.r1 / 2048) * (n.r1 / 2048) * {contacts} / 1099511627776
                    AND p.tongue = c.tongue AND p.place = n.r3 / 7 %% {SAMPLES}
                    AND g.place = n.r4 %% {sizes["demo_campaign"]}
                    AND r.tongue = c.tongue AND r.place = n.r2 / 11 %% 100
                ORDER BY n.i
                """,
                [],
            )

    def insert_comments(self, *, after):
        table = InteractionLogEntry._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                INSERT INTO interactions_entrycomment (entry_id, text, date, created_at, created_by_id)
                SELECT e.id, r.text, e.date, e.logged_at, e.logged_by_id
                FROM {table} e
                JOIN demo_contact c ON c.contact_id = e.contact_id
                JOIN demo_remark r ON r.tongue = c.tongue AND r.place = e.id / {COMMENT_EVERY} %% 100
                WHERE e.id > %s AND e.id %% {COMMENT_EVERY} = 0
                ORDER BY e.id
                """,
                [after],
            )


def instant(date, time, minutes):
    """SQL for a moment: wall clock *date* and *time* plus *minutes* (SQL, too), as UTC."""
    if connection.vendor == "postgresql":
        return f"(({date} + {time} + ({minutes}) * interval '1 minute') AT TIME ZONE 'UTC')"
    return f"datetime({date} || ' ' || {time}, ({minutes}) || ' minutes')"
