"""The 250 contacts of the firm: companies, their people and a few private persons, in four languages."""

import datetime as dt
import re

from crm.folding import fold
from crm.models import Channel, Contact, ContactType, NumberSeries

from . import names

COUNT = 250
FAMILIAR_NUMBERS = {
    "Hartwell Marine Ltd": 18,
    names.MARCHAND[0]: 141,
}  # the company; its people come right after it
TYPED_NUMBERS = {"Calder Valley Museums Trust": "MUS/17 (A)", "Школа № 57": "ШК-57/Б"}

BLOCKED = {"Carmen Ibáñez", "Yannick Le Goff"}
WITHOUT_EMAIL = {"Beatriz Salgado", "Miguel Prado", "Ng Y"}
NOT_IN_SEGMENTS = {"Marc Chevallier", "Андрей Рогов", "Ayuntamiento de Benifaió"}
ON_PAPER = {"Tomás Vidal", "Margaret Ainsley", "Школа № 57", "Museo del Azulejo"}

# Winners of a school competition: name, city, country, language, parents have consented
MINORS = (("Pablo Ortega", "Cádiz", "ES", "es", False), ("Megan Whelan", "Oxford", "GB", "en", True))


def build(firm, random, *, today):
    """Write the contacts; return them as a list, companies first."""
    households = [familiar(*row) for row in names.FAMILIAR]
    marchand = familiar(*names.MARCHAND)
    others = [Household(*row) for row in names.OTHERS]
    private = [private_person(*row) for row in names.PRIVATE] + [minor(*row) for row in names_of_minors()]
    fixed = sum(map(len, [*households, marchand, *others])) + len(private)
    staff(others, COUNT - fixed, random)

    mixed = [*households, *others]
    random.shuffle(mixed)
    ordered = number(mixed, marchand, private)
    for contact in ordered:
        finish(contact, firm, random)
    companies = [contact for contact in ordered if contact.is_company]
    Contact.objects.bulk_create(companies)
    people = [contact for contact in ordered if not contact.is_company]
    for person in people:
        person.company = person.company  # takes over the id that the company has by now
    Contact.objects.bulk_create(people)
    date_back(ordered, today, random)
    return companies + people


def date_back(contacts, today, random):
    """They were there before the first interaction, and somebody looked after them since."""
    for contact in contacts:
        known = dt.datetime.combine(today, dt.time(11), dt.UTC) - dt.timedelta(
            days=random.randrange(740, 1500)
        )
        contact.created_at = known
        contact.modified_at = known + dt.timedelta(days=random.randrange(700), minutes=random.randrange(600))
    Contact.objects.bulk_update(contacts, ["created_at", "modified_at"])


class Household:
    """A company and its people, as unsaved Contacts."""

    def __init__(self, name, domain, street, post_code, city, country, language, salesperson):
        self.company = Contact(
            type=ContactType.COMPANY,
            name=name,
            address=street,
            post_code=post_code,
            city=city,
            country=country,
            language=language,
            email=f"info@{domain}",
            home_page=f"https://www.{domain}/",
        )
        self.domain = domain
        self.company.demo = {"salesperson": salesperson, "gender": ""}
        self.people = []

    def __len__(self):
        return 1 + len(self.people)

    def add(self, first_name, surname, gender, job_title):
        company = self.company
        person = Contact(
            type=ContactType.PERSON,
            name=f"{first_name} {surname}",
            first_name=first_name,
            surname=surname,
            job_title=job_title,
            company=company,
            address=company.address,
            post_code=company.post_code,
            city=company.city,
            country=company.country,
            language=company.language,
            email=f"{latin(first_name)[:1]}.{latin(surname)}@{self.domain}",
            home_page=company.home_page,
        )
        person.demo = {"salesperson": company.demo["salesperson"], "gender": gender}
        self.people.append(person)


def familiar(*row):
    *company, people = row
    household = Household(*company)
    for person in people:
        household.add(*person)
    return household


def private_person(first_name, surname, gender, city, country, language, salesperson):
    person = Contact(
        type=ContactType.PERSON,
        name=f"{first_name} {surname}",
        first_name=first_name,
        surname=surname,
        city=city,
        country=country,
        language=language,
        email=f"{latin(first_name)}.{latin(surname)}@mail.example",
    )
    person.demo = {"salesperson": salesperson, "gender": gender}
    return person


def names_of_minors():
    for name, city, country, language, consent in MINORS:
        first_name, _space, surname = name.partition(" ")
        yield first_name, surname, city, country, language, consent


def minor(first_name, surname, city, country, language, consent):
    person = private_person(first_name, surname, "", city, country, language, "LC")
    person.minor, person.parental_consent_received, person.privacy_blocked = True, consent, not consent
    return person


def staff(households, count, random):
    """Give the companies *count* people in all; three companies have none that we know."""
    known = set()
    hiring = households[:]
    random.shuffle(hiring)
    hiring = hiring[3:]
    places = hiring + random.choices(hiring, k=count - len(hiring))
    for household in places:
        language = household.company.language.partition("-")[0]
        women, men, surnames = names.PEOPLE[language]
        while True:
            gender = random.choice("FM")
            first_name, surname = random.choice(women if gender == "F" else men), random.choice(surnames)
            if (first_name, surname) not in known:
                break
        known.add((first_name, surname))
        if language == "ru" and gender == "F":
            surname += "а"
        title = random.choice(names.JOBS[language][gender == "M"])
        household.add(first_name, surname, gender, title)


def number(households, marchand, private):
    """All contacts in the order of their numbers: a company, then its people."""
    ordered, waiting = (
        [],
        [household for household in households if household.company.name not in FAMILIAR_NUMBERS],
    )
    late = {
        FAMILIAR_NUMBERS[household.company.name]: household
        for household in [*households, marchand]
        if household.company.name in FAMILIAR_NUMBERS
    }
    private = list(private)
    while waiting or late or private:
        place = len(ordered) + 1
        room = min((start - place for start in late), default=COUNT)
        if place in late:
            household = late.pop(place)
            ordered += [household.company, *household.people]
        elif fitting := next((one for one in waiting if len(one) <= room), None):
            waiting.remove(fitting)
            ordered += [fitting.company, *fitting.people]
        else:
            ordered.append(private.pop())
    series = NumberSeries.objects.get(code="CONTACTS").lines.get()
    for place, contact in enumerate(ordered, start=1):
        contact.no = TYPED_NUMBERS.get(contact.name, f"CT{place:06d}")
    series.last_no_used = f"CT{len(ordered):06d}"
    series.save(update_fields=["last_no_used"])
    return ordered


def finish(contact, firm, random):
    """Phones, greeting, channel, salesperson, and the exceptions of the lists above."""
    code, gender = contact.demo["salesperson"], contact.demo["gender"]
    contact.salesperson = firm.salespeople.get(code)
    contact.phone_no = dial(names.PHONES.get(contact.country, ""), random)
    if not contact.is_company:
        if random.random() < 0.7:
            contact.mobile_phone_no = dial(names.MOBILES.get(contact.country, ""), random)
        contact.initials = "".join(part[0] for part in contact.name.split())[:30]
    key = "COMPANY" if contact.is_company else gender or "UNISEX"
    contact.salutation = firm.salutations[key]
    contact.channel = random.choices(["", Channel.EMAIL, Channel.HARD_COPY], weights=[70, 25, 5])[0]
    if contact.name in ON_PAPER:
        contact.channel = Channel.HARD_COPY
    if contact.name in WITHOUT_EMAIL:
        contact.email = ""
        contact.channel = Channel.HARD_COPY
    contact.privacy_blocked |= contact.name in BLOCKED
    contact.exclude_from_segment = contact.name in NOT_IN_SEGMENTS


def dial(pattern, random):
    return re.sub("#", lambda _match: str(random.randrange(10)), pattern)


def latin(name):
    """*name* as the part of an e-mail address: Соколова -> sokolova, Le Goff -> legoff."""
    return re.sub(r"[^a-z]", "", fold(name).translate(names.TRANSLITERATION))
