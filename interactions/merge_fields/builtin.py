"""The merge fields that come with the program (R-86).

Each row: stable name, label, source, then the caption of the field in Business Central in English, Spanish, French and
Russian. From the captions follow the names that letters written there use: "Contact Phone No.", "CONTA_Phone_No",
"Contacto N.º teléfono", and for the contact's own fields "Phone_No" alone.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import values
from .registry import Group, Kind, MergeField, register

LANGUAGES = ("es", "fr", "ru")
# The captions of the tables there, which stand before those of the fields: the first is ours to show.
TABLES = {
    Group.CONTACT: {"en": ("Contact", "CONTA"), "es": ("Contacto",), "fr": ("Contact",), "ru": ("Контакт",)},
    Group.SALESPERSON: {
        "en": ("Salesperson", "SALES", "Salesperson/Purchaser"),
        "es": ("Vendedor", "Vendedor/comprador"),
        "fr": ("Vendeur", "Vendeur/acheteur"),
        "ru": ("Менеджер", "Менеджер по продажам/закупкам"),
    },
    Group.INTERACTION: {
        "en": ("Document", "Interaction"),
        "es": ("Documento", "Interacción"),
        "fr": ("Document", "Interaction"),
        "ru": ("Документ", "Взаимодействие"),
    },
    Group.COMPANY: {
        "en": ("Company Information", "COMPA", "Our Company"),
        "es": ("Nuestra empresa", "Información de la empresa", "Información empresa"),
        "fr": ("Notre société", "Informations société"),
        "ru": ("Наша организация", "Информация об организации"),
    },
}

NAME = pgettext_lazy("person or company", "Name")
HOME_PAGE = pgettext_lazy("web site", "Home page")

CONTACT = (
    ("Contact_No", _("No."), "no", "No.", "N.º", "N°", "Номер"),
    ("Contact_Name", NAME, "name", "Name", "Nombre", "Nom", "Название"),
    ("Contact_Name_2", _("Name 2"), "name_2", "Name 2", "Nombre 2", "Nom 2", "Название 2"),
    ("Contact_First_Name", _("First name"), "first_name", "First Name", "Nombre de pila", "Prénom", "Имя"),
    ("Contact_Middle_Name", _("Middle name"), "middle_name", "Middle Name", "Segundo nombre", "Deuxième prénom", "Отчество"),
    ("Contact_Surname", _("Surname"), "surname", "Surname", "Apellidos", "Nom de famille", "Фамилия"),
    ("Contact_Initials", _("Initials"), "initials", "Initials", "Iniciales", "Initiales", "Инициалы"),
    ("Contact_Job_Title", _("Job title"), "job_title", "Job Title", "Cargo", "Fonction", "Должность"),
    ("Contact_Company_Name", _("Company name"), "company_name", "Company Name", "Nombre de la empresa", "Nom de la société", "Название организации"),
    ("Contact_Address", _("Address"), "address", "Address", "Dirección", "Adresse", "Адрес"),
    ("Contact_Address_2", _("Address 2"), "address_2", "Address 2", "Dirección 2", "Adresse (2ème ligne)", "Адрес 2"),
    ("Contact_Post_Code", _("Post code"), "post_code", "Post Code", "C.P.", "Code postal", "Почтовый индекс"),
    ("Contact_City", _("City"), "city", "City", "Población", "Ville", "Город"),
    ("Contact_County", _("County"), "county", "County", "Provincia", "Région", "Область"),
    ("Contact_Country_Code", _("Country/region code"), "country", "Country/Region Code", "Cód. país/región", "Code pays/région", "Код страны/региона"),
    ("Contact_Phone", _("Phone no."), "phone_no", "Phone No.", "N.º teléfono", "N° téléphone", "Номер телефона"),
    ("Contact_Mobile_Phone", _("Mobile phone no."), "mobile_phone_no", "Mobile Phone No.", "N.º teléfono móvil", "N° téléphone mobile", "Номер мобильного телефона"),
    ("Contact_Email", _("E-mail"), "email", "Email", "Correo electrónico", "E-mail", "Эл. почта"),
    ("Contact_Email_2", _("Second e-mail"), "email_2", "Email 2", "Correo electrónico 2", "E-mail 2", "Эл. почта 2"),
    ("Contact_Home_Page", HOME_PAGE, "home_page", "Home Page", "Página de inicio", "Page d’accueil", "Интернет-адрес"),
)  # fmt: skip
SALESPERSON = (
    ("Salesperson_Code", _("Code"), "code", "Code", "Código", "Code", "Код"),
    ("Salesperson_Name", NAME, "name", "Name", "Nombre", "Nom", "Имя"),
    ("Salesperson_Job_Title", _("Job title"), "job_title", "Job Title", "Cargo", "Fonction", "Должность"),
    (
        "Salesperson_Phone",
        _("Phone no."),
        "phone_no",
        "Phone No.",
        "N.º teléfono",
        "N° téléphone",
        "Номер телефона",
    ),
    ("Salesperson_Email", _("E-mail"), "email", "Email", "Correo electrónico", "E-mail", "Эл. почта"),
)
INTERACTION = (
    ("Document_Date", _("Date"), "date", "Date", "Fecha", "Date", "Дата"),
    ("Description", _("Description"), "description", "Description", "Descripción", "Description", "Описание"),
    ("Subject", _("Subject"), "subject", "Subject", "Asunto", "Objet", "Тема"),
    (
        "Campaign_No",
        _("Campaign no."),
        "campaign__no",
        "Campaign No.",
        "N.º campaña",
        "N° campagne",
        "Номер кампании",
    ),
    (
        "Segment_No",
        _("Segment no."),
        "segment_no",
        "Segment No.",
        "N.º segmento",
        "N° segment",
        "Номер сегмента",
    ),
    ("Interaction_No", _("Entry no."), "id", "Entry No.", "N.º mov.", "N° séquence", "Номер операции"),
)
COMPANY = (
    ("Our_Company_Name", NAME, "name", "Name", "Nombre", "Nom", "Название"),
    ("Our_Company_Name_2", _("Name 2"), "name_2", "Name 2", "Nombre 2", "Nom 2", "Название 2"),
    ("Our_Company_Address", _("Address"), "address", "Address", "Dirección", "Adresse", "Адрес"),
    ("Our_Company_Address_2", _("Address 2"), "address_2", "Address 2", "Dirección 2", "Adresse (2ème ligne)", "Адрес 2"),
    ("Our_Company_Post_Code", _("Post code"), "post_code", "Post Code", "C.P.", "Code postal", "Почтовый индекс"),
    ("Our_Company_City", _("City"), "city", "City", "Población", "Ville", "Город"),
    ("Our_Company_County", _("County"), "county", "County", "Provincia", "Région", "Область"),
    ("Our_Company_Country_Code", _("Country/region code"), "country", "Country/Region Code", "Cód. país/región", "Code pays/région", "Код страны/региона"),
    ("Our_Company_Phone", _("Phone no."), "phone_no", "Phone No.", "N.º teléfono", "N° téléphone", "Номер телефона"),
    ("Our_Company_Fax", _("Fax no."), "fax_no", "Fax No.", "N.º fax", "N° télécopie", "Номер факса"),
    ("Our_Company_Email", _("E-mail"), "email", "Email", "Correo electrónico", "E-mail", "Эл. почта"),
    ("Our_Company_Home_Page", HOME_PAGE, "home_page", "Home Page", "Página de inicio", "Page d’accueil", "Интернет-адрес"),
    ("Our_Company_VAT_No", _("VAT registration no."), "vat_no", "VAT Registration No.", "CIF/NIF", "N° identif. intracomm.", "ИНН"),
    ("Our_Company_Registration_No", _("Registration no."), "registration_no", "Registration No.", "N.º registro", "N° enregistrement", "Регистрационный номер"),
    ("Our_Company_Bank_Name", _("Bank name"), "bank_name", "Bank Name", "Nombre banco", "Nom banque", "Название банка"),
    ("Our_Company_Bank_Branch_No", _("Bank branch no."), "bank_branch_no", "Bank Branch No.", "N.º sucursal banco", "Code agence bancaire", "Номер филиала банка"),
    ("Our_Company_Bank_Account_No", _("Bank account no."), "bank_account_no", "Bank Account No.", "N.º cuenta banco", "N° compte bancaire", "Номер банковского счета"),
    ("Our_Company_IBAN", _("IBAN"), "iban", "IBAN", "IBAN", "IBAN", "IBAN"),
    ("Our_Company_SWIFT_Code", _("SWIFT code"), "swift_code", "SWIFT Code", "Código SWIFT", "Code SWIFT", "Код SWIFT"),
    ("Our_Company_Giro_No", _("Giro no."), "giro_no", "Giro No.", "N.º giro postal", "N° CCP", "Номер жиросчета"),
)  # fmt: skip
# Other names of the same: of older files, and of pages.
MORE = {
    "Contact_Job_Title": ("Contact_Title",),
    "Contact_Post_Code": ("ZIP_Code", "Contact_ZIP_Code"),
    "Contact_County": ("State", "Contact_State"),
    "Contact_Phone": ("Contact_Phone",),
    "Contact_Email": ("E-Mail", "Contact_E-Mail"),
    "Description": ("Interaction_Description",),
    "Interaction_No": ("Entry_No",),
}
DATES, NUMBERS = {"Document_Date"}, set()


def table_field(group, row):
    name, label, source, english, *captions = row
    tables = TABLES[group]
    names = {
        language: underscored(f"{tables[language][0]} {caption}")
        for language, caption in zip(LANGUAGES, captions, strict=True)
    }
    aliases = [f"{table} {english}" for table in tables["en"]]
    for language, caption in zip(LANGUAGES, captions, strict=True):
        aliases += [f"{table} {caption}" for table in tables[language]]
    if group == Group.CONTACT:
        aliases.append(english)
    return MergeField(
        name=name,
        group=group,
        label=label,
        source=source,
        kind=Kind.DATE if name in DATES else Kind.TEXT,
        names=names,
        aliases=(*map(underscored, aliases), *MORE.get(name, ())),
    )


def underscored(caption):
    """*caption* as Word makes a field name of it: "N.º teléfono" becomes N_º_teléfono."""
    return "_".join("".join(c if c.isalnum() else " " for c in caption).split())


def salutation(kind, name, label, english, spanish, french, russian):
    return MergeField(
        name=name,
        group=Group.CONTACT,
        label=label,
        value=values.salutation(kind),
        names={"es": spanish, "fr": french, "ru": russian},
        aliases=(
            english,
            f"CALC_{name}",
            f"CONTA_CALC_{name}",
            *((MORE_GREETING,) if kind == "FORMAL" else ()),
        ),
    )


# Word's own block with a greeting, and its block with an address.
MORE_GREETING, MORE_ADDRESS = "GREETINGLINE", "ADDRESSBLOCK"


def made_fields():
    """Fields that are put together from others."""
    yield salutation(
        "FORMAL",
        "Formal_Salutation",
        _("Formal salutation"),
        "Salutation_Formal",
        "Saludo_formal",
        "Formule_de_politesse_officielle",
        "Официальное_обращение",
    )
    yield salutation(
        "INFORMAL",
        "Informal_Salutation",
        _("Informal salutation"),
        "Salutation_Informal",
        "Saludo_informal",
        "Formule_de_politesse_familière",
        "Неофициальное_обращение",
    )
    yield MergeField(
        name="Contact_Mail_Address",
        group=Group.CONTACT,
        label=_("Address block"),
        value=values.mail_address,
        names={
            "es": "Contacto_Dirección_de_correo",
            "fr": "Contact_Adresse_postale",
            "ru": "Контакт_Почтовый_адрес",
        },
        aliases=(MORE_ADDRESS,),
    )
    yield MergeField(
        name="Contact_Country",
        group=Group.CONTACT,
        label=_("Country/region"),
        value=values.country("contact"),
        names={"es": "Contacto_País", "fr": "Contact_Pays", "ru": "Контакт_Страна"},
        aliases=("Contact_Country/Region_Name", "Contacto_País/región_Nombre", "Contact_Pays/région_Nom",
                 "Контакт_Страна/регион_Название"),
    )  # fmt: skip
    yield MergeField(
        name="Our_Company_Country",
        group=Group.COMPANY,
        label=_("Country/region"),
        value=values.country("company"),
        names={"es": "Nuestra_empresa_País", "fr": "Notre_société_Pays", "ru": "Наша_организация_Страна"},
        aliases=("Company_Information_Country/Region_Name",),
    )
    yield MergeField(
        name="Mail_To_Address",
        group=Group.INTERACTION,
        label=_("Sent to"),
        value=values.mail_to,
        names={"es": "Enviado_a", "fr": "Envoyé_à", "ru": "Отправлено_на"},
        aliases=("FaxMailTo",),
    )


def register_all():
    greetings_and_address, others = [], []
    for each in made_fields():
        (greetings_and_address if each.group == Group.CONTACT else others).append(each)
    register(*greetings_and_address)
    for group, rows in (
        (Group.CONTACT, CONTACT),
        (Group.SALESPERSON, SALESPERSON),
        (Group.INTERACTION, INTERACTION),
        (Group.COMPANY, COMPANY),
    ):
        register(*(table_field(group, row) for row in rows))
    register(*others)
