"""How the contacts of the firm are classified: lists, and who is under which of their values."""

import re

from crm.models import (
    BusinessRelation,
    ContactBusinessRelation,
    ContactIndustryGroup,
    ContactJobResponsibility,
    ContactMailingGroup,
    IndustryGroup,
    JobResponsibility,
    MailingGroup,
    Territory,
)

MAILING_GROUPS = {"PRICES": "Price list", "NEWS": "Newsletter", "EVENTS": "Open days and fairs"}
INDUSTRY_GROUPS = {
    "ARCH": (
        "Architects and designers",
        "archit|estudio|studio|atelier|interior|proyecto|архитект|проект|licht",
    ),
    "HOSP": ("Hotels and restaurants", "hotel|hôtel|café|restaur|brasserie|distill|гостиниц|кофе|bodega"),
    "PUBLIC": (
        "Museums, schools, councils",
        "museum|museo|school|colegio|lycée|ayuntam|fondation|школ|театр|theatre",
    ),
    "TRADE": (
        "Shops and logistics",
        "retail|logist|transport|talleres|imprim|joinery|мебель|техно|терминал|möbler",
    ),
}
RELATIONS = {"CUST": "Customer", "PROS": "Prospective customer", "VEND": "Vendor", "PRESS": "Press"}
RESPONSIBILITIES = {
    "PURCHASE": ("Purchasing", "buyer|procure|compras|achats|inköp|закуп|снабж"),
    "DESIGN": (
        "Design and planning",
        "archit|design|interior|arquitect|diseñ|ingénieur|дизайн|архитект|инженер",
    ),
    "MANAGE": ("Management", "director|gerente|gérant|managing|head of|директор|consejera|associé"),
}
TERRITORIES = {
    "IBERIA": "Iberia",
    "FRANCE": "France",
    "ISLES": "Britain and Ireland",
    "EAST": "Eastern Europe",
}


def build(contacts, random):
    """Write the lists and who is in them."""
    groups = write(MailingGroup, MAILING_GROUPS)
    industries = write(IndustryGroup, {code: text for code, (text, _words) in INDUSTRY_GROUPS.items()})
    relations = write(BusinessRelation, RELATIONS)
    duties = write(JobResponsibility, {code: text for code, (text, _words) in RESPONSIBILITIES.items()})
    write(Territory, TERRITORIES)
    companies = [contact for contact in contacts if contact.is_company]
    people = [contact for contact in contacts if not contact.is_company]
    ContactMailingGroup.objects.bulk_create(
        ContactMailingGroup(contact=contact, mailing_group=groups[code])
        for contact in contacts
        for code, share in (("PRICES", 0.55), ("NEWS", 0.4), ("EVENTS", 0.25))
        if random.random() < share
    )
    ContactIndustryGroup.objects.bulk_create(
        ContactIndustryGroup(contact=company, industry_group=industries[code])
        for company in companies
        for code, (_text, words) in INDUSTRY_GROUPS.items()
        if re.search(words, company.name.lower())
    )
    ContactBusinessRelation.objects.bulk_create(
        ContactBusinessRelation(
            contact=company, business_relation=relations[random.choices(list(RELATIONS), (62, 30, 6, 2))[0]]
        )
        for company in companies
    )
    ContactJobResponsibility.objects.bulk_create(
        ContactJobResponsibility(contact=person, job_responsibility=duties[code])
        for person in people
        for code, (_text, words) in RESPONSIBILITIES.items()
        if re.search(words, person.job_title.lower())
    )


def write(model, texts):
    return {code: model.objects.create(code=code, description=text) for code, text in texts.items()}
