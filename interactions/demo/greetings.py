"""How the firm greets its contacts: the formulas of its salutations, in four languages; English is the neutral one."""

from crm.models import NamePart, SalutationFormula, SalutationType

FIRST, MIDDLE, SURNAME, JOB = (
    NamePart.FIRST_NAME,
    NamePart.MIDDLE_NAME,
    NamePart.SURNAME,
    NamePart.JOB_TITLE,
)
WHOLE = (FIRST, SURNAME)
LANGUAGES = ("", "es", "fr", "ru")

# salutation: the pattern in each of LANGUAGES, and what stands for its places; Russians are addressed by their fathers
FORMAL = {
    "COMPANY": (("Dear Sir or Madam,", "Estimados señores:", "Madame, Monsieur,", "Уважаемые дамы и господа!"), ()),
    "F": (("Dear Ms %1,", "Estimada Sra. %1:", "Chère Madame %1,", "Уважаемая %1 %2!"), (SURNAME,)),
    "F-JOB": (("Dear %1,", "Estimada %1:", "Chère %1,", "Уважаемая %1!"), (JOB,)),
    "F-MAR": (("Dear Mrs %1,", "Estimada Sra. %1:", "Chère Madame %1,", "Уважаемая %1 %2!"), (SURNAME,)),
    "F-UMAR": (("Dear Miss %1,", "Estimada Srta. %1:", "Chère Mademoiselle %1,", "Уважаемая %1 %2!"), (SURNAME,)),
    "M": (("Dear Mr %1,", "Estimado Sr. %1:", "Cher Monsieur %1,", "Уважаемый %1 %2!"), (SURNAME,)),
    "M-JOB": (("Dear %1,", "Estimado %1:", "Cher %1,", "Уважаемый %1!"), (JOB,)),
    "UNISEX": (("Dear %1 %2,", "Estimado/a %1 %2:", "Bonjour %1 %2,", "Здравствуйте, %1 %2!"), WHOLE),
}  # fmt: skip
INFORMAL = {
    "COMPANY": (("Hello,", "Hola:", "Bonjour,", "Здравствуйте!"), ()),
    "F": (("Dear %1,", "Querida %1:", "Chère %1,", "Дорогая %1!"), (FIRST,)),
    "M": (("Dear %1,", "Querido %1:", "Cher %1,", "Дорогой %1!"), (FIRST,)),
    "UNISEX": (("Dear %1,", "Hola, %1:", "Bonjour %1,", "Здравствуйте, %1!"), (FIRST,)),
}


def write(salutations):
    """Write the formulas of *salutations* ({code: Salutation})."""
    SalutationFormula.objects.bulk_create(
        formula(salutation, kind, language, pattern, parts)
        for code, salutation in salutations.items()
        for kind, patterns in ((SalutationType.FORMAL, FORMAL), (SalutationType.INFORMAL, INFORMAL))
        for patterns_of_code, parts in [patterns.get(code) or patterns[code.partition("-")[0]]]
        for language, pattern in zip(LANGUAGES, patterns_of_code, strict=True)
    )


def formula(salutation, kind, language, pattern, parts):
    if language == "ru" and parts == (SURNAME,):
        parts = (FIRST, MIDDLE)
    names = {f"name_{number}": part for number, part in enumerate(parts, 1)}
    return SalutationFormula(salutation=salutation, type=kind, language=language, pattern=pattern, **names)
