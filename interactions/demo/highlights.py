"""The last two weeks of the people everybody knows, and what waits half-done on some desks."""

import datetime as dt
from decimal import Decimal

from crm.models import Channel
from interactions.models import InteractionDraft

from . import history, letters

# contact, template, working days ago, time, description, minutes, evaluation, comment
LATELY = (
    ("Hélène Marchand", "INCOME", 1, (9, 58), "Confirmed today’s showroom visit", 3, None, "Comes with two colleagues, parking for one car."),
    ("Lucía Navarro", "EMAIL", 2, (16, 40), "Lista de precios del trimestre, gama hotelera", 6, None, ""),
    ("Tomás Vidal", "ONSITE", 2, (11, 15), "Visita de obra, almacén A", 75, 1, "Altura libre 5,1 m. Quiere empezar por el muelle."),
    ("Анна Соколова", "OUTGOING", 3, (15, 2), "Уточнение сроков поставки", 18, 0, ""),
    ("Priya Nair", "OUTGOING", 3, (14, 30), "Lux calculation, first floor", 0, None, "Voicemail left. Assistant says Priya is back on Thursday."),
    ("Diego Ferrer", "OUTGOING", 4, (17, 21), "Devolver la llamada sobre la iluminación del muelle", 0, None, ""),
    ("Oliver Hartwell", "EMAIL", 4, (10, 5), "Answer on IP67 fittings", 10, 2, ""),
    ("Émile Caron", "BUS", 6, (16, 12), "Lettre de présentation", 15, None, ""),
    ("Hélène Marchand", "INCOME", 6, (10, 42), "Asked for warm-dim samples, 2700 K", 12, 2, "Wants to compare with the Lyon showroom before the board meets."),
    ("Samuel Okafor", "ONSITE", 7, (14, 0), "Gallery walk-through", 60, -1, "Glare on the west wall. He wants the spots moved before the opening."),
    ("Пётр Лебедев", "EMAIL_IN", 7, (9, 18), "Запрос каталога", 5, None, ""),
    ("Priya Nair", "OUTGOING", 8, (13, 25), "Asked for tender documents", 22, 1, ""),
    ("Émile Caron", "EMAIL", 9, (15, 47), "Carnet de luminaires révisé", 10, 1, ""),
    ("Hélène Marchand", "ONSITE", 21, (14, 0), "Relevé sur place, 2e étage", 90, 1, "Cotes relevées, plafond à 3,20 m."),
    ("João Pimentel", "VISIT", 40, (11, 0), "Showroom visit, ranges Linéa and Halo", 80, 2, ""),
    ("Carmen Ibáñez", "INCOME", 34, (12, 10), "Pide que no volvamos a escribirle", 4, -1, "Bloqueada por privacidad el mismo día."),
)  # fmt: skip
UNREACHED = {"Lux calculation, first floor", "Devolver la llamada sobre la iluminación del muelle"}
OWN_FILES = {
    "Answer on IP67 fittings": ("Answer IP67.docx", "IP67 fittings", ("All Linéa 1200 fittings withstand hosing.", "Cable glands are supplied loose.")),
    "Relevé sur place, 2e étage": ("Compte rendu – mesures.docx", "Mesures, 2e étage", ("Hauteur sous plafond 3,20 m", "Éclairement moyen relevé 210 lx")),
    "Visita de obra, almacén A": ("Medición almacén A.docx", "Medición, almacén A", ("Altura libre 5,1 m", "Iluminancia media 140 lx")),
    "Lux calculation, first floor": ("Lux calculation, first floor.docx", "Lux calculation request", ("Please send us ceiling height, reflectances and opening hours.",)),
}  # fmt: skip

# user, contact, template, description, comment, days ago, minutes, kept
DESKS = (
    ("marta.ruiz", "Lucía Navarro", "BUS", "Lista de precios, carta de acompañamiento", "", 4, 30, True),
    ("marta.ruiz", "Hélène Marchand", "VISIT", "Showroom visit, 2nd floor", "Préfère la finition laiton.", 1, None, True),
    ("marta.ruiz", "João Pimentel", None, "Asked who decides on the terrace", "", 0, None, True),
    ("alvaro.vega", "Beatriz Salgado", "OUTGOING", "Altura de montaje en la sala de juntas", "", 2, 12, True),
    ("alvaro.vega", None, "NOTE", "Feria de Valencia: pedir credenciales", "", 6, None, True),
    ("jonas.weber", "Greta Lindqvist", "INCOME", "Warranty question", "Serial number on the photo is unreadable.", 0, None, True),
    ("jonas.weber", "Oliver Hartwell", "ONSITE", "", "", 9, None, True),
    ("claire.dubois", "Émile Caron", "OUTGOING", "Rappeler au sujet du premier étage", "", 3, 8, True),
    ("claire.dubois", "Solène Daumas", None, "Demande d’échantillons", "", 12, None, True),
    ("irina.orlova", "Анна Соколова", "OUTGOING", "Звонок по рассылке прайс-листа", "", 1, 7, True),
    ("irina.orlova", "Пётр Лебедев", "EMAIL", "Каталог и прайс-лист", "", 0, None, False),
    ("emma.byrne", None, "INCOME", "Caller from Cork, name not understood", "Rings again on Friday.", 5, None, True),
)  # fmt: skip


def lately(firm, contacts, *, today, random):
    """The unsaved entries of LATELY, with the files of OWN_FILES."""
    by_name = {contact.name: contact for contact in contacts}
    days = [day for day, _weight in history.working_days(today)]
    rows = []
    for name, code, ago, time, description, minutes, evaluation, comment in LATELY:
        row = history.draft(firm, by_name[name], code, random)
        row.salesperson = by_name[name].salesperson
        row.team, row.logged_by = row.salesperson.home_team, row.salesperson.user
        row.date, row.time = days[-ago], dt.time(*time)
        row.description, row.minutes, row.evaluation, row.remark = description, minutes, evaluation, comment
        if description in UNREACHED:
            row.attempt_failed, row.cost = True, Decimal(0)
        history.take_letter(row, row.contact)
        if description in OWN_FILES:
            file, title, lines = OWN_FILES[description]
            row.attachment = letters.keep(file, letters.plain_document(title, lines), by=row.logged_by)
        rows.append(row)
    return rows


def desks(firm, contacts, *, now):
    """Write the postponed interactions, some complete and some half-done, and one that is being written."""
    by_name = {contact.name: contact for contact in contacts}
    for place, (username, name, code, description, comment, ago, minutes, kept) in enumerate(DESKS):
        user, contact, template = firm.users[username], by_name.get(name), firm.templates.get(code)
        saved = now - dt.timedelta(days=ago, minutes=11 + 37 * place % 240)
        letter = template.row_for(contact.language)[0] if template and contact else None
        typed = {
            "contact": name,
            "template": code,
            "description": description,
            "comment": comment,
            "minutes": minutes,
        }
        draft = InteractionDraft.objects.create(
            created_by=user,
            contact=contact,
            template=template,
            description=description,
            comment=comment,
            salesperson=user.salesperson,
            minutes=minutes if minutes is not None else (template.minutes if template else None),
            cost=template.cost if template else None,
            direction=template.direction if template else "",
            initiated_by=template.initiated_by if template else "",
            channel=channel_of(template, contact),
            language=letter.language if letter else "",
            attachment=letter.attachment if letter else None,
            subject=letter.subject if letter else "",
            own=[field for field, value in typed.items() if value],
            locked=["contact"] if contact else [],
            kept_at=saved if kept else None,
        )
        InteractionDraft.objects.filter(pk=draft.pk).update(created_at=saved, updated_at=saved)


def channel_of(template, contact):
    if template is None or template.ignore_contact:
        return ""
    channel = (contact and contact.channel) or template.channel
    return "" if channel == Channel.EMAIL and not (contact and contact.email) else channel
