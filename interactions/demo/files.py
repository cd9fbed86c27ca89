"""Files that people attach: data sheets that many entries share, and minutes that belong to one."""

from . import letters
from .talk import en

MINUTES = {
    "en": ("Notes – {company}.docx", "Notes of the meeting", ("Agreed:", "Open:", "Next step:")),
    "es": ("Notas – {company}.docx", "Notas de la reunión", ("Acordado:", "Pendiente:", "Próximo paso:")),
    "fr": ("Compte rendu – {company}.docx", "Compte rendu", ("Décidé :", "À suivre :", "Prochaine étape :")),
    "ru": ("Заметки – {company}.docx", "Заметки со встречи", ("Решили:", "Открыто:", "Следующий шаг:")),
}
SHEET_SHARE = {"EMAIL": 0.2, "EMAIL_IN": 0.05}
MINUTES_SHARE = {"ONSITE": 0.2, "INHOUSE": 0.2, "VISIT": 0.15}


def data_sheets(*, by):
    """One PDF for each product."""
    return [
        letters.keep(
            f"Data sheet {product}.pdf",
            letters.plain_pdf(
                f"Alder & Finch: {product}",
                [
                    "Colour temperature 2700 K, 3000 K or 4000 K, colour rendering index 90 or better",
                    "Driver DALI-2, 220-240 V, 50/60 Hz, five years of warranty",
                    "Life L80B10 100 000 h at 25 degrees Celsius",
                ],
            ),
            by=by,
        )
        for product in en.PRODUCTS
    ]


def attach(rows, *, by, random):
    """Give some e-mails a data sheet and some meetings their minutes."""
    sheets = data_sheets(by=by)
    for row in rows:
        code = row.template.code
        if row.attachment is not None:
            continue
        if random.random() < SHEET_SHARE.get(code, 0):
            row.attachment = random.choice(sheets)
        elif random.random() < MINUTES_SHARE.get(code, 0):
            row.attachment = minutes(row)


def minutes(row):
    language = row.contact.language.partition("-")[0]
    file, title, heads = MINUTES.get(language, MINUTES["en"])
    lines = [f"{row.contact.name} · {row.date.isoformat()}", row.description]
    lines += [f"{head} {row.speaker.remark('PLAIN')}" for head in heads]
    company = (row.contact.company_name or row.contact.name).replace("/", "-")[:60]
    return letters.keep(file.format(company=company), letters.plain_document(title, lines), by=row.logged_by)
