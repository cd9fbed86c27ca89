"""Values for letters: names in many spellings, one query for many letters, greetings with their fallbacks."""

import datetime as dt
import io

import docx
import pytest
from django.db.models import OuterRef, Subquery
from django.utils import translation

from crm.models import Contact, MarketingSetup, NamePart, SalutationFormula
from interactions import merge_fields, merging
from interactions.demo import firm, greetings, letters
from interactions.demo.letter_texts import LETTERS
from interactions.merge_fields import Group, MergeField
from interactions.models import FollowUp, InteractionLogEntry
from tests.factories import (
    CampaignFactory,
    ContactFactory,
    FollowUpFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    SalutationFactory,
    SalutationFormulaFactory,
)
from tests.merging import field, letter, text, text_of


def template(*names):
    """A Word file with these fields, one behind the other."""
    runs = [run for name in names for run in (field(f'"{name}"'), text("|"))]
    return merging.compile(letter(*runs).packed())


def says(entries, *names):
    """{entry id: what its letter says in the fields *names*}"""
    made = template(*names)
    return {
        pk: text_of(made.merge(filling).content).removeprefix("¶").split("|")[:-1]
        for pk, filling in merge_fields.fill_entries(made, entries)
    }


def our_company(**values):
    setup = MarketingSetup.objects.get(pk=1)
    for name, value in values.items():
        setattr(setup, f"company_{name}", value)
    setup.save()


def says_one(entry, *names):
    return says(InteractionLogEntry.objects.filter(pk=entry.pk), *names)[entry.pk]


@pytest.fixture
def helene(db):
    company = ContactFactory(name="Atelier Marchand SAS")
    return ContactFactory(
        person=True,
        no="CT000042",
        name="Hélène Marchand",
        first_name="Hélène",
        surname="Marchand",
        job_title="Directrice des achats",
        company=company,
        address="14 rue des Lampistes",
        post_code="69002",
        city="Lyon",
        country="FR",
        phone_no="+33 1 99 00 14 02",
        email="helene@example.com",
        language="fr-CH",
        salutation=SalutationFactory(code="F"),
    )


@pytest.fixture
def entry(helene):
    return InteractionLogEntryFactory(
        contact=helene,
        salesperson=SalespersonFactory(code="MR", name="Marta Ruiz", email="marta@example.com"),
        date=dt.date(2026, 11, 20),
        description="Q4 price list",
        subject="Nos tarifs",
        language="fr",
        segment_no="SM00021",
        campaign=CampaignFactory(no="CP1006"),
    )


class TestNames:
    def test_stay_as_they_are(self):
        """Files of users carry them: a name may be added, never taken away."""
        assert {each.name for each in merge_fields.all_fields()} >= {
            "Contact_Name", "Contact_Company_Name", "Contact_Address", "Contact_Post_Code", "Contact_City",
            "Contact_Country", "Contact_Mail_Address", "Formal_Salutation", "Informal_Salutation",
            "Salesperson_Name", "Salesperson_Phone", "Salesperson_Email", "Salesperson_Job_Title",
            "Document_Date", "Description", "Subject", "Our_Company_Name", "Mail_To_Address",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("written", "name"),
        [
            # Of Business Central's contact templates
            ("Name", "Contact_Name"),
            ("First_Name", "Contact_First_Name"),
            ("Address", "Contact_Address"),
            ("City", "Contact_City"),
            ("State", "Contact_County"),
            ("ZIP_Code", "Contact_Post_Code"),
            ("CountryRegion_Code", "Contact_Country_Code"),
            ("Email", "Contact_Email"),
            ("E-Mail", "Contact_Email"),
            ("Phone_No", "Contact_Phone"),
            ("Company_Name", "Contact_Company_Name"),
            ("CALC_Formal_Salutation", "Formal_Salutation"),
            ("CALC_Informal_Salutation", "Informal_Salutation"),
            ("Company_Information_Phone_No", "Our_Company_Phone"),
            ("Company_Information_Name", "Our_Company_Name"),
            # Of its interaction templates: merge data with prefixes, captions in the language of the letter
            ("CONTA_Name", "Contact_Name"),
            ("SALES_Name", "Salesperson_Name"),
            ("COMPA_City", "Our_Company_City"),
            ("Contact Mail Address", "Contact_Mail_Address"),
            ("Contact Phone No.", "Contact_Phone"),
            ("Contact Country/Region Name", "Contact_Country"),
            ("Salesperson/Purchaser E-Mail", "Salesperson_Email"),
            ("Document Date", "Document_Date"),
            ("Contacto N.º teléfono móvil", "Contact_Mobile_Phone"),
            ("Contact Code postal", "Contact_Post_Code"),
            ("Контакт Почтовый индекс", "Contact_Post_Code"),
            ("FaxMailTo", "Mail_To_Address"),
            # Of Word, in any case and spelling
            ("contact_name", "Contact_Name"),
            ("ADDRESSBLOCK", "Contact_Mail_Address"),
            ("GREETINGLINE", "Formal_Salutation"),
            ("Contact_Title", "Contact_Job_Title"),
        ],
    )
    def test_are_known_in_many_spellings(self, written, name):
        assert merge_fields.find(written).name == name

    @pytest.mark.parametrize("language", ["en", "es", "fr", "ru", "es-MX"])
    def test_lead_back_to_their_field_in_every_language(self, language):
        for each in merge_fields.all_fields():
            assert merge_fields.find(each.name_in(language)) is each

    def test_differ_between_languages(self):
        name = merge_fields.find("Contact_Phone")
        assert [name.name_in(each) for each in ("en", "es", "fr-BE", "ru", "de")] == [
            "Contact_Phone", "Contacto_N_º_teléfono", "Contact_N_téléphone", "Контакт_Номер_телефона", "Contact_Phone",
        ]  # fmt: skip

    def test_that_nobody_knows_are_told_with_a_suggestion(self):
        uses = template("Contact_Titel", "Contact_Name", "Contact_Titel", "Qwertz").uses
        assert [each.sentence for each in merge_fields.unknown(uses)] == [
            "Contact_Titel, page 1. Did you mean Contact_Title?",
            "Qwertz, page 1. There is no such merge field.",
        ]

    def test_that_nobody_knows_are_suggested_in_their_own_language(self):
        assert merge_fields.suggest("Contacto_Direccion_2") == "Contacto_Dirección_2"
        assert merge_fields.suggest("Контакт_Гoрод") == "Контакт_Город"

    def test_are_told_once_for_all_groups(self):
        groups = merge_fields.by_group()
        assert [group for group, _fields in groups] == list(Group)
        assert sum(len(fields) for _group, fields in groups) == len(merge_fields.all_fields())
        assert all(str(each.label) for each in merge_fields.all_fields())


class TestRegister:
    @pytest.fixture
    def registered(self):
        names = []

        def register(**options):
            made = MergeField(**{"group": Group.CONTACT, "label": "Extra"} | options)
            merge_fields.register(made)
            names.append(made.name)
            return made

        yield register
        for name in names:
            merge_fields.unregister(name)

    def test_takes_fields_of_other_apps(self, registered, entry):
        def next_follow_up(prefix):
            rows = FollowUp.objects.filter(contact=OuterRef(f"{prefix}pk")).order_by("due_date")
            return Subquery(rows.values("description")[:1])

        FollowUpFactory(contact=entry.contact, description="Ask for samples")
        registered(name="Next_Follow_Up", source=next_follow_up)
        registered(name="Shouted", value=lambda frozen: frozen["contact.name"].upper())
        assert says_one(entry, "Next Follow-Up", "Shouted") == ["Ask for samples", "HÉLÈNE MARCHAND"]
        found = merge_fields.frozen_for(Contact.objects.filter(pk=entry.contact_id))
        assert found[entry.contact_id]["contact.Next_Follow_Up"] == "Ask for samples"

    def test_takes_more_fields_than_a_function_of_the_database_takes(self, registered, entry):
        for number in range(60):
            registered(name=f"Extra_{number}", source=lambda prefix: f"{prefix}city" and Subquery(
                Contact.objects.filter(pk=OuterRef(f"{prefix}pk")).values("city")
            ))  # fmt: skip
        assert says_one(entry, "Extra_0", "Extra_59", "Contact_City") == ["Lyon"] * 3

    def test_refuses_a_name_that_means_something_else(self, registered):
        with pytest.raises(ValueError, match="contact-name is a name of the merge field Contact_Name"):
            registered(name="Mine", aliases=("contact-name",))
        assert merge_fields.find("Mine") is None


@pytest.mark.django_db
class TestValues:
    def test_tell_about_contact_salesperson_and_interaction(self, entry):
        names = [
            "Contact_No", "Contact_Name", "Contact_Company_Name", "Contact_Country", "Contact_Country_Code",
            "Salesperson_Name", "Salesperson_Email", "Document_Date", "Description", "Subject",
            "Segment_No", "Campaign_No", "Interaction_No", "Mail_To_Address",
        ]  # fmt: skip
        assert says_one(entry, *names) == [
            "CT000042", "Hélène Marchand", "Atelier Marchand SAS", "France", "FR",
            "Marta Ruiz", "marta@example.com", "20 novembre 2026", "Q4 price list", "Nos tarifs",
            "SM00021", "CP1006", str(entry.pk), "helene@example.com",
        ]  # fmt: skip

    def test_tell_about_our_own_company(self, entry):
        our_company(name="Alder & Finch", city="London", country="GB", iban="GB00 1")
        names = ["Our_Company_Name", "Our_Company_City", "Company Information IBAN", "Our_Company_Country"]
        assert says_one(entry, *names) == ["Alder & Finch", "London", "GB00 1", "Royaume-Uni"]

    def test_of_our_company_can_be_those_of_another_day(self, entry):
        made = template("Our_Company_Name")
        entries = InteractionLogEntry.objects.all()
        [(_pk, filling)] = merge_fields.fill_entries(made, entries, company={"company.name": "Alder"})
        assert filling.values == {"Our_Company_Name": "Alder"}

    def test_without_salesperson_campaign_or_contact_are_empty(self):
        entry = InteractionLogEntryFactory(salesperson=None, contact=None, contact_company=None)
        assert (
            says_one(entry, "Salesperson_Name", "Campaign_No", "Contact_Name", "Formal_Salutation")
            == [""] * 4
        )

    @pytest.mark.parametrize("count", [1, 3])
    def test_come_from_one_query_for_all_letters(self, count, helene, django_assert_num_queries):
        InteractionLogEntryFactory.create_batch(count, contact=helene)
        merge_fields.company_values()  # kept in the cache for a while
        with django_assert_num_queries(1):
            assert len(says(InteractionLogEntry.objects.all(), "Contact_Name", "Salesperson_Name")) == count

    def test_of_contacts_without_an_entry_are_the_same(self, entry, django_assert_num_queries):
        contacts = Contact.objects.filter(pk=entry.contact_id)
        with django_assert_num_queries(2):  # and the setup
            found = merge_fields.frozen_for(
                contacts,
                salesperson=entry.salesperson,
                date=entry.date,
                language="fr",
                subject=entry.subject,
                description=entry.description,
                segment_no=entry.segment_no,
                campaign__no="CP1006",
            )[entry.contact_id]
        [(_pk, row)] = merge_fields.with_values(
            InteractionLogEntry.objects.all(),
            contact="contact__",
            salesperson="salesperson__",
            interaction="",
        ).values_list("pk", "merge_values")
        assert found | {"interaction.id": str(entry.pk)} == merge_fields.thaw(row)

    def test_of_contacts_take_their_own_salesperson(self, helene):
        helene.salesperson = SalespersonFactory(name="Claire Dubois")
        helene.save()
        found = merge_fields.frozen_for(Contact.objects.filter(pk=helene.pk))[helene.pk]
        assert found["salesperson.name"] == "Claire Dubois"
        nobody = merge_fields.frozen_for(Contact.objects.filter(pk=helene.pk), salesperson=None)[helene.pk]
        assert nobody["salesperson.name"] == ""

    def test_are_texts_on_every_database(self, entry):
        [row] = merge_fields.with_values(
            InteractionLogEntry.objects.all(),
            contact="contact__",
            salesperson="salesperson__",
            interaction="",
        ).values_list("merge_values", flat=True)
        assert {type(text) for group in row.values() for text in group.values()} == {str}
        assert row["interaction"]["date"] == "2026-11-20"

    def test_name_the_file_of_each_letter(self, entry):
        [(_pk, filling)] = merge_fields.fill_entries(template("Subject"), InteractionLogEntry.objects.all())
        assert filling.name == "Atelier Marchand SAS - Hélène Marchand"
        company = InteractionLogEntryFactory(contact=ContactFactory(name="Lux S.A."))
        found = dict(merge_fields.fill_entries(template("Subject"), InteractionLogEntry.objects.all()))
        assert found[company.pk].name == "Lux S.A"

    def test_survive_what_people_type(self, entry):
        Contact.objects.filter(pk=entry.contact_id).update(
            name="A <b> & \"c\" 'd' %s {0} \\ |", city="two\nlines"
        )
        assert says_one(entry, "Contact_City") == ["two\nlines"]
        [(_pk, filling)] = merge_fields.fill_entries(
            template("Contact_Name"), InteractionLogEntry.objects.all()
        )
        assert filling.values["Contact_Name"] == "A <b> & \"c\" 'd' %s {0} \\ |"

    def test_that_are_no_date_stay_text(self):
        frozen = merge_fields.Frozen({"interaction.date": "soon"})
        assert merge_fields.value_of(merge_fields.find("Document_Date"), frozen) == "soon"


@pytest.mark.django_db
class TestAddressBlock:
    def block(self, **contact):
        contact = ContactFactory(**contact)
        found = merge_fields.frozen_for(Contact.objects.filter(pk=contact.pk), language="es")[contact.pk]
        return merge_fields.value_of(merge_fields.find("ADDRESSBLOCK"), found)

    def test_has_a_line_for_what_there_is(self, helene):
        found = merge_fields.frozen_for(Contact.objects.filter(pk=helene.pk))[helene.pk]
        assert merge_fields.value_of(merge_fields.find("Contact_Mail_Address"), found) == (
            "Atelier Marchand SAS\nHélène Marchand\n14 rue des Lampistes\n69002 Lyon\nFrance"
        )

    def test_leaves_out_our_own_country(self):
        our_company(country="ES")
        address = {"name": "Lux", "address": "Calle 1", "post_code": "28013", "city": "Madrid"}
        assert self.block(country="ES", **address) == "Lux\nCalle 1\n28013 Madrid"
        assert self.block(country="PT", **address) == "Lux\nCalle 1\n28013 Madrid\nPortugal"

    def test_follows_the_country(self):
        address = {"name": "Lux", "address": "1 Street", "city": "Town", "county": "NY"}
        assert (
            self.block(country="US", post_code="10001", **address)
            == "Lux\n1 Street\nTown, NY 10001\nEstados Unidos"
        )
        assert (
            self.block(country="GB", post_code="E1 6AN", **address)
            == "Lux\n1 Street\nTown\nNY\nE1 6AN\nReino Unido"
        )

    def test_of_a_person_without_a_company_begins_with_the_name(self):
        assert self.block(person=True, name="Ana Ruiz") == "Ana Ruiz"

    def test_in_a_language_that_nobody_knows_names_countries_as_the_page_does(self):
        contact = ContactFactory(name="Lux", country="FR")
        found = merge_fields.frozen_for(Contact.objects.filter(pk=contact.pk), language="qq-Nope")[contact.pk]
        assert merge_fields.value_of(merge_fields.find("Contact_Country"), found) == "France"

    def test_of_nothing_is_the_name(self):
        assert self.block(name="Lux") == "Lux"


@pytest.mark.django_db
class TestSalutations:
    def formula(self, contact, pattern, language="", kind="FORMAL", *parts):
        names = {f"name_{number}": part for number, part in enumerate(parts, 1)}
        return SalutationFormulaFactory(
            salutation=contact.salutation,
            language=language,
            type=kind,
            pattern=pattern,
            **{"name_1": "", **names},
        )

    def test_are_in_the_language_of_the_letter(self, entry, helene):
        self.formula(helene, "Dear Ms %1,", "", "FORMAL", NamePart.SURNAME)
        self.formula(helene, "Chère Madame %1,", "fr", "FORMAL", NamePart.SURNAME)
        self.formula(helene, "Chère %1,", "fr", "INFORMAL", NamePart.FIRST_NAME)
        assert says_one(entry, "Formal_Salutation", "Informal_Salutation") == [
            "Chère Madame Marchand,",
            "Chère Hélène,",
        ]

    @pytest.mark.parametrize(
        ("letter_language", "greeting"),
        [
            ("fr-BE", "Bonjour, Belgique"),
            ("fr-CA", "Bonjour"),
            ("fr", "Bonjour"),
            ("de-CH", "Hello"),
            ("", "Bonjour"),  # the contact reads fr-CH
        ],
    )
    def test_fall_back_to_the_base_language_and_then_to_the_neutral_one(
        self, helene, letter_language, greeting
    ):
        self.formula(helene, "Hello")
        self.formula(helene, "Bonjour", "fr")
        self.formula(helene, "Bonjour, Belgique", "fr-BE")
        entry = InteractionLogEntryFactory(contact=helene, language=letter_language)
        assert says_one(entry, "Formal_Salutation") == [greeting]

    def test_take_all_parts_of_the_name(self, entry, helene):
        Contact.objects.filter(pk=helene.pk).update(middle_name="", initials="H.M.")
        self.formula(
            helene,
            "%1 %2 %3 %4 (%5)",
            "",
            "FORMAL",
            "JOB_TITLE",
            "FIRST_NAME",
            "MIDDLE_NAME",
            "SURNAME",
            "COMPANY_NAME",
        )
        assert says_one(entry, "Formal_Salutation") == [
            "Directrice des achats Hélène Marchand (Atelier Marchand SAS)"
        ]

    def test_that_are_missing_are_a_warning_and_the_letter_is_made(self, entry):
        made = template("Formal_Salutation", "Contact_Name")
        [(_pk, filling)] = merge_fields.fill_entries(made, InteractionLogEntry.objects.all())
        assert filling.values == {"Formal_Salutation": "", "Contact_Name": "Hélène Marchand"}
        assert filling.warnings == (
            "Hélène Marchand: the salutation F has no formal formula for letters in French. The greeting stays empty.",
        )

    def test_of_contacts_without_a_salutation_are_a_warning(self):
        InteractionLogEntryFactory(contact=ContactFactory(name="Lux"))
        [(_pk, filling)] = merge_fields.fill_entries(
            template("GREETINGLINE"), InteractionLogEntry.objects.all()
        )
        assert filling.warnings == ("Lux has no salutation. The greeting stays empty.",)

    def test_that_are_missing_informally_are_a_warning_of_their_own(self, entry):
        made = template("Informal_Salutation")
        [(_pk, filling)] = merge_fields.fill_entries(made, InteractionLogEntry.objects.all())
        assert "has no informal formula for letters in French" in filling.warnings[0]

    def test_that_no_letter_uses_are_no_warning(self, entry):
        [(_pk, filling)] = merge_fields.fill_entries(
            template("Contact_Name"), InteractionLogEntry.objects.all()
        )
        assert filling.warnings == ()

    def test_with_an_empty_pattern_are_missing(self, entry, helene):
        self.formula(helene, "", "fr")
        [(_pk, filling)] = merge_fields.fill_entries(
            template("Formal_Salutation"), InteractionLogEntry.objects.all()
        )
        assert len(filling.warnings) == 1

    def test_do_not_multiply_letters(self, entry, helene):
        for language in ("", "fr", "fr-CH", "es"):
            self.formula(helene, "x", language)
            self.formula(helene, "x", language, "INFORMAL")
        assert len(says(InteractionLogEntry.objects.all(), "Formal_Salutation")) == 1
        assert SalutationFormula.objects.count() == 8


class TestStarterFile:
    @pytest.mark.case("MI-076")
    @pytest.mark.parametrize("language", ["", "es", "fr", "ru"])
    def test_has_every_field_under_its_name_in_the_language(self, language):
        uses = merging.compile(merge_fields.starter_file(language)).uses
        assert [use.name for use in uses] == [
            each.name_in(language) for _group, fields in merge_fields.by_group() for each in fields
        ]
        assert merge_fields.unknown(uses) == []

    def test_speaks_the_language_of_the_page(self):
        with translation.override("es"):
            document = docx.Document(io.BytesIO(merge_fields.starter_file("es")))
        assert next(p.text for p in document.paragraphs if p.style.name == "Heading 2") == "Contacto"

    def test_is_the_same_file_each_time(self):
        first, second = (merging.compile(merge_fields.starter_file()) for _time in range(2))
        made = [each.merge(merging.Filling({})).sha256 for each in (first, second)]
        assert made[0] == made[1]


class TestLettersOfTheDemoFirm:
    @pytest.mark.parametrize("code", LETTERS)
    def test_use_fields_that_there_are(self, code):
        for language, text_of_letter in LETTERS[code].items():
            made = merging.compile(letters.build(text_of_letter, language))
            assert made.engine == "COMPILED"
            assert made.uses
            assert merge_fields.unknown(made.uses) == []

    @pytest.mark.django_db
    def test_greet_every_salutation_in_every_language(self):
        salutations = {code: SalutationFactory(code=code) for code, _description in firm.SALUTATIONS}
        greetings.write(salutations)
        contacts = [
            ContactFactory(person=True, salutation=each, first_name="Ana", middle_name="Ilínichna", surname="Ruiz",
                           job_title="Chief buyer")
            for each in salutations.values()
        ]  # fmt: skip
        made = merging.compile(letter(field("Formal_Salutation"), field("Informal_Salutation")).packed())
        for language in ("en", "es", "fr", "ru", "de"):
            found = merge_fields.frozen_for(
                Contact.objects.filter(pk__in=[c.pk for c in contacts]), language=language
            )
            for frozen in found.values():
                filling = merge_fields.Filler(made).fill(frozen)
                assert filling.warnings == ()
                assert all(text and "%" not in text for text in filling.values.values())
