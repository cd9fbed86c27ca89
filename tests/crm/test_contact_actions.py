import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import actions
from crm.actions.inheritance import pass_on
from crm.models import Channel, Contact, ContactType, MarketingSetup
from tests.factories import (
    ContactFactory,
    FollowUpFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    SalutationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

COMPANY_VALUES = {
    "name": "Atelier Marchand SAS",
    "address": "14 rue des Lampistes",
    "address_2": "2e étage",
    "post_code": "69002",
    "city": "Lyon",
    "county": "Rhône",
    "country": "FR",
    "language": "fr",
    "phone_no": "+33 1 99 00 42 00",
    "email": "contact@atelier-m.example",
    "home_page": "https://atelier-m.example",
    "channel": Channel.HARD_COPY,
}


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def setup():
    """Change the setup: `setup(inherit_address=False)`."""

    def change(**values):
        row = MarketingSetup.objects.get(pk=1)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()

    return change


def stored(contact):
    return Contact.objects.get(pk=contact.pk)


class TestNameOfAPerson:
    @pytest.mark.case("PC-003")
    @pytest.mark.parametrize(
        ("name", "first", "middle", "last"),
        [
            ("X Y Z", "X", "Y", "Z"),
            ("Hélène Marchand", "Hélène", "", "Marchand"),
            ("Prince", "Prince", "", ""),
            ("Anna Maria Luisa de Medici", "Anna Maria Luisa", "de", "Medici"),
            ("  Ольга   Петровна  Соколова ", "Ольга", "Петровна", "Соколова"),
        ],
    )
    def test_is_split_into_parts(self, by, name, first, middle, last):
        person = actions.create_contact(by=by, type=ContactType.PERSON, name=name)

        assert (person.first_name, person.middle_name, person.surname) == (first, middle, last)

    @pytest.mark.case("PC-011")
    def test_follows_its_parts(self, by):
        person = ContactFactory(person=True, name="X Z", first_name="X", surname="Z")

        actions.update_contact(person, by=by, first_name="A", middle_name="B", surname="C")

        assert stored(person).name == "A B C"

    def test_is_made_of_the_parts_when_only_they_are_given(self, by):
        person = actions.create_contact(by=by, type=ContactType.PERSON, first_name="Ada", surname="Lovelace")

        assert person.name == "Ada Lovelace"

    def test_and_parts_stay_as_typed_when_both_are_given(self, by):
        person = actions.create_contact(
            by=by, type=ContactType.PERSON, name="Dr. Ada Lovelace", first_name="Ada", surname="Lovelace"
        )

        assert (person.name, person.first_name, person.surname) == ("Dr. Ada Lovelace", "Ada", "Lovelace")

    def test_splits_again_when_the_name_changes(self, by):
        person = ContactFactory(
            person=True, name="Ada Byron", first_name="Ada", surname="Byron", search_name="ADA BYRON"
        )

        actions.update_contact(person, by=by, name="Ada King Lovelace")

        person = stored(person)
        assert (person.first_name, person.middle_name, person.surname) == ("Ada", "King", "Lovelace")
        assert person.search_name == "ADA KING LOVELACE"

    def test_keeps_a_search_name_that_somebody_chose(self, by):
        person = ContactFactory(person=True, name="Ada Byron", search_name="COUNTESS")

        actions.update_contact(person, by=by, name="Ada Lovelace")

        assert stored(person).search_name == "COUNTESS"

    def test_may_be_longer_than_its_parts(self, by):
        person = actions.create_contact(by=by, type=ContactType.PERSON, name="ß" * 40 + " " + "ß" * 59)

        assert (len(person.first_name), len(person.surname)) == (30, 30)
        assert len(stored(person).search_name) == 100


class TestNewCompany:
    @pytest.mark.case("PC-004", "PC-013", "MC-020")
    def test_is_its_own_company_name(self, by):
        company = actions.create_contact(by=by, name="Northwind Traders")

        assert (company.type, company.company, company.company_name) == (
            ContactType.COMPANY,
            None,
            "Northwind Traders",
        )

    def test_has_nothing_that_only_persons_have(self, by):
        company = actions.create_contact(
            by=by, name="Northwind", first_name="North", job_title="Buyer", minor=True
        )

        assert (company.first_name, company.job_title, company.minor) == ("", "", False)
        assert not company.privacy_blocked

    def test_is_found_by_its_folded_name(self, by):
        company = actions.create_contact(by=by, name="Łódź Światło")

        assert list(Contact.objects.search("lodz swiatlo")) == [company]


class TestDefaultsOfANewContact:
    @pytest.mark.case("DF-001")
    def test_begin_with_the_users_own_salesperson(self, by, setup):
        setup(default_salesperson=SalespersonFactory(code="OTHER"))
        mine = SalespersonFactory(user=by)

        assert actions.create_contact(by=by, name="Northwind").salesperson == mine

    def test_take_the_salesperson_of_the_setup_without_one(self, by, setup):
        default = SalespersonFactory()
        setup(default_salesperson=default)

        assert actions.create_contact(by=by, name="Northwind").salesperson == default

    def test_never_give_a_blocked_salesperson(self, by, setup):
        setup(default_salesperson=SalespersonFactory(blocked=True))
        SalespersonFactory(user=by, privacy_blocked=True)

        assert actions.create_contact(by=by, name="Northwind").salesperson is None

    @pytest.mark.case("SU-006")
    def test_come_from_the_setup_by_type(self, by, setup):
        of_companies, of_persons = SalutationFactory(code="SB"), SalutationFactory(code="SA")
        setup(
            default_country="ES",
            default_language="es",
            default_channel=Channel.HARD_COPY,
            default_company_salutation=of_companies,
            default_person_salutation=of_persons,
        )
        company = actions.create_contact(by=by, name="Northwind")
        person = actions.create_contact(by=by, name="Ada Lovelace", type=ContactType.PERSON)

        for contact in (company, person):
            assert (contact.country, contact.language, contact.channel) == ("ES", "es", Channel.HARD_COPY)
        assert (company.salutation, person.salutation) == (of_companies, of_persons)

    @pytest.mark.case("SU-003", "SU-004")
    def test_are_blank_when_the_setup_says_nothing(self, by):
        for kind in ContactType:
            contact = actions.create_contact(by=by, name="Somebody", type=kind)
            assert (contact.country, contact.language, contact.channel) == ("", "", "")
            assert contact.salutation is None

    def test_fill_only_what_is_blank(self, by, setup):
        setup(default_country="ES", default_language="es")

        contact = actions.create_contact(by=by, name="Marchand", country="FR", language="fr")

        assert (contact.country, contact.language) == ("FR", "fr")

    def test_are_less_than_what_the_company_gives(self, by, setup):
        setup(default_country="ES", default_language="es")
        company = ContactFactory(**COMPANY_VALUES, salesperson=SalespersonFactory())
        SalespersonFactory(user=by)

        person = actions.create_contact(
            by=by, type=ContactType.PERSON, name="Hélène Marchand", company=company
        )

        assert (person.country, person.language) == ("FR", "fr")
        assert person.salesperson == company.salesperson


class TestPersonThatGetsACompany:
    @pytest.mark.case("SU-001", "MC-006", "MC-021", "MC-027")
    def test_takes_everything_over_that_it_has_not(self, by):
        company = ContactFactory(**COMPANY_VALUES, salesperson=SalespersonFactory())
        person = ContactFactory(person=True)

        actions.update_contact(person, by=by, company=company)

        person = stored(person)
        assert person.company_name == "Atelier Marchand SAS"
        assert person.salesperson == company.salesperson
        for field in COMPANY_VALUES.keys() - {"name"}:
            assert getattr(person, field) == getattr(company, field), field

    @pytest.mark.case("MC-022")
    def test_keeps_its_own_address_and_phone(self, by):
        company = ContactFactory(**COMPANY_VALUES)
        person = ContactFactory(person=True, address="Calle Mayor 1", city="Madrid", phone_no="+34 1")

        actions.update_contact(person, by=by, company=company)

        person = stored(person)
        assert (person.address, person.city, person.post_code) == ("Calle Mayor 1", "Madrid", "")
        assert (person.phone_no, person.email) == ("+34 1", "contact@atelier-m.example")

    def test_loses_its_salesperson_language_and_country_to_the_company(self, by):
        company = ContactFactory(**COMPANY_VALUES, salesperson=SalespersonFactory())
        person = ContactFactory(person=True, country="ES", language="es", salesperson=SalespersonFactory())

        actions.update_contact(person, by=by, company=company)

        person = stored(person)
        assert (person.country, person.language) == ("FR", "fr")
        assert person.salesperson == company.salesperson

    def test_keeps_what_the_company_does_not_say(self, by):
        person = ContactFactory(person=True, country="ES", language="es", salesperson=SalespersonFactory())

        actions.update_contact(person, by=by, company=ContactFactory())

        assert (stored(person).country, stored(person).language) == ("ES", "es")
        assert stored(person).salesperson == person.salesperson

    def test_keeps_what_is_typed_in_the_same_step(self, by):
        company = ContactFactory(**COMPANY_VALUES)
        person = ContactFactory(person=True)

        actions.update_contact(person, by=by, company=company, language="de", city="Berlin")

        person = stored(person)
        assert (person.language, person.city, person.address) == ("de", "Berlin", "")

    def test_leaves_the_old_companys_address_behind(self, by):
        old = ContactFactory(address="Old street 1", city="Leeds", phone_no="+44 1")
        new = ContactFactory(address="New street 2", city="York", phone_no="+44 2")
        person = ContactFactory(
            person=True,
            company=old,
            address="Old street 1",
            city="Leeds",
            phone_no="+44 1",
            email="a@b.example",
        )

        actions.update_contact(person, by=by, company=new)

        person = stored(person)
        assert (person.address, person.city, person.phone_no) == ("New street 2", "York", "+44 2")
        assert person.email == "a@b.example"

    def test_is_not_given_the_companys_blocked_salesperson(self, by):
        own = SalespersonFactory()
        company = ContactFactory(salesperson=SalespersonFactory(blocked=True), language="fr")
        person, alone = ContactFactory(person=True, salesperson=own), ContactFactory(person=True)

        for each in (person, alone):
            actions.update_contact(each, by=by, company=company)

        assert (stored(person).salesperson, stored(alone).salesperson) == (own, None)
        assert stored(person).language == "fr"

    @pytest.mark.parametrize(
        ("switch", "fields"),
        [
            ("inherit_salesperson", ["salesperson"]),
            ("inherit_country", ["country"]),
            ("inherit_language", ["language"]),
            ("inherit_address", ["address", "address_2", "post_code", "city", "county"]),
            ("inherit_communication", ["phone_no", "email", "home_page", "channel"]),
        ],
    )
    def test_takes_nothing_that_is_switched_off(self, by, setup, switch, fields):
        setup(**{switch: False})
        company = ContactFactory(**COMPANY_VALUES, salesperson=SalespersonFactory())
        person = ContactFactory(person=True)

        actions.update_contact(person, by=by, company=company)

        person = stored(person)
        others = (COMPANY_VALUES.keys() | {"salesperson"}) - {"name", *fields}
        assert [field for field in fields if getattr(person, field)] == []
        assert [field for field in others if not getattr(person, field)] == []

    def test_keeps_its_entries_with_the_old_company(self, by):
        old, new = ContactFactory(), ContactFactory()
        person = ContactFactory(person=True, company=old)
        entry = InteractionLogEntryFactory(contact=person)

        actions.update_contact(person, by=by, company=new)

        entry.refresh_from_db()
        assert (entry.contact, entry.contact_company) == (person, old)

    def test_can_leave_it_again(self, by):
        person = ContactFactory(person=True, company=ContactFactory(name="Atelier"))

        actions.update_contact(person, by=by, company=None)

        person = stored(person)
        assert (person.company, person.company_name) == (None, "")
        assert "atelier" not in person.search_text

    def test_is_refused_when_it_is_a_person(self, by):
        with pytest.raises(actions.CompanyIsNoCompany) as refusal:
            actions.update_contact(
                ContactFactory(person=True), by=by, company=ContactFactory(person=True, name="Ada")
            )
        assert refusal.value.for_user == "Ada is a person. Choose a company."

    def test_is_refused_for_a_company(self, by):
        with pytest.raises(actions.OnlyPersonsHaveACompany):
            actions.update_contact(ContactFactory(), by=by, company=ContactFactory())
        with pytest.raises(actions.OnlyPersonsHaveACompany):
            actions.create_contact(by=by, name="A", company=ContactFactory())


class TestChangeOfACompany:
    @pytest.fixture
    def company(self):
        return ContactFactory(**COMPANY_VALUES, salesperson=SalespersonFactory())

    def person_like(self, company, **own):
        values = {name: value for name, value in COMPANY_VALUES.items() if name != "name"}
        return ContactFactory(
            person=True, company=company, **values | {"salesperson": company.salesperson} | own
        )

    def test_renames_the_company_of_its_people_and_finds_them_by_it(self, by, company):
        person, stranger = self.person_like(company), ContactFactory(person=True)

        actions.update_contact(company, by=by, name="Maison Été")

        assert stored(person).company_name == "Maison Été"
        assert list(Contact.objects.search("maison ete").order_by("pk")) == [company, person]
        assert stored(stranger).modified_at == stranger.modified_at

    def test_takes_as_many_statements_for_many_people_as_for_one(self, by, company):
        def statements(name):
            with CaptureQueriesContext(connection) as queries:
                actions.update_contact(Contact.objects.get(pk=company.pk), by=by, name=name)
            return len(queries)

        MarketingSetup.current()
        self.person_like(company)
        for_one = statements("First")
        for number in range(20):
            self.person_like(company, surname=str(number))
        assert statements("Second") == for_one
        assert Contact.objects.filter(company_name="Second").count() == 22

    @pytest.mark.parametrize(
        ("field", "value", "own"),
        [
            ("phone_no", "+33 9", "+33 7"),
            ("mobile_phone_no", "+33 9", "+33 7"),
            ("email", "new@atelier.example", "own@atelier.example"),
            ("home_page", "https://new.example", "https://own.example"),
            ("channel", Channel.EMAIL, ""),
            ("country", "BE", "LU"),
            ("language", "nl", "de"),
        ],
    )
    def test_reaches_only_people_who_had_its_old_value(self, by, company, field, value, own):
        follower = self.person_like(company)
        other = self.person_like(company, **{field: own})

        actions.update_contact(company, by=by, **{field: value})

        assert getattr(stored(follower), field) == value
        assert getattr(stored(other), field) == own
        assert stored(other).modified_at == other.modified_at

    def test_gives_people_without_a_salesperson_the_new_one(self, by):
        company = ContactFactory()
        alone, own = self.person_like(company), self.person_like(company, salesperson=SalespersonFactory())
        salesperson = SalespersonFactory()

        actions.update_contact(company, by=by, salesperson=salesperson)

        assert stored(alone).salesperson == salesperson
        assert stored(own).salesperson == own.salesperson

    def test_moves_people_only_from_the_whole_old_address(self, by, company):
        follower = self.person_like(company)
        next_door = self.person_like(company, address_2="3e étage")

        actions.update_contact(company, by=by, address="1 place Bellecour", county="Auvergne")

        assert (stored(follower).address, stored(follower).county) == ("1 place Bellecour", "Auvergne")
        assert (stored(next_door).address, stored(next_door).county) == ("14 rue des Lampistes", "Rhône")

    def test_reaches_nobody_where_the_setup_says_no(self, by, company, setup):
        setup(
            inherit_salesperson=False,
            inherit_country=False,
            inherit_language=False,
            inherit_address=False,
            inherit_communication=False,
        )
        person = self.person_like(company)

        actions.update_contact(
            company, by=by, country="BE", language="nl", city="Gent", phone_no="1", salesperson=None
        )

        person.refresh_from_db()
        assert (person.country, person.language, person.city) == ("FR", "fr", "Lyon")
        assert (person.phone_no, person.salesperson) == ("+33 1 99 00 42 00", company.salesperson)

    def test_passes_no_blocked_salesperson_on(self, company):
        person, old = self.person_like(company), stored(company)
        company.salesperson = SalespersonFactory(blocked=True)

        pass_on(company, old)

        assert stored(person).salesperson == old.salesperson

    @pytest.mark.case("MC-009", "MC-010")
    def test_shows_on_the_company_itself(self, by, company):
        actions.update_contact(company, by=by, post_code="75001", country="BE", phone_no="+32 2")

        company = stored(company)
        assert (company.post_code, company.country, company.phone_no) == ("75001", "BE", "+32 2")


class TestType:
    @pytest.mark.case("XS-032")
    def test_stays_once_there_are_interactions(self, by):
        company = ContactFactory(name="Northwind")
        InteractionLogEntryFactory(contact=company, canceled=True)

        with pytest.raises(actions.TypeIsFixed) as refusal:
            actions.update_contact(company, by=by, type=ContactType.PERSON)

        assert refusal.value.for_user.startswith("Northwind has interactions")
        assert stored(company).is_company

    def test_stays_once_there_are_follow_ups(self, by):
        person = ContactFactory(person=True)
        FollowUpFactory(contact=person)

        with pytest.raises(actions.TypeIsFixed):
            actions.update_contact(person, by=by, type=ContactType.COMPANY)

    def test_stays_while_a_company_has_people(self, by):
        company = ContactFactory()
        ContactFactory(person=True, company=company)

        with pytest.raises(actions.CompanyHasPeople):
            actions.update_contact(company, by=by, type=ContactType.PERSON)

    def test_of_a_person_becomes_company_without_what_persons_have(self, by, setup):
        of_companies, of_persons = SalutationFactory(), SalutationFactory()
        setup(default_company_salutation=of_companies, default_person_salutation=of_persons)
        person = ContactFactory(
            person=True,
            name="Ada Lovelace",
            first_name="Ada",
            surname="Lovelace",
            job_title="Owner",
            company=ContactFactory(),
            salutation=of_persons,
        )

        company = actions.update_contact(person, by=by, type=ContactType.COMPANY)

        assert (company.company, company.company_name) == (None, "Ada Lovelace")
        assert (company.first_name, company.surname, company.job_title) == ("", "", "")
        assert company.salutation == of_companies

    def test_of_a_company_becomes_person_with_the_parts_of_its_name(self, by):
        company = ContactFactory(name="Ada Lovelace", salutation=SalutationFactory())

        person = actions.update_contact(company, by=by, type=ContactType.PERSON)

        assert (person.first_name, person.surname, person.company_name) == ("Ada", "Lovelace", "")
        assert person.salutation == company.salutation


class TestPrivacy:
    def test_of_a_new_minor_is_blocked(self, by):
        assert actions.create_contact(by=by, name="Ada", type=ContactType.PERSON, minor=True).privacy_blocked

    def test_of_somebody_who_becomes_a_minor_is_blocked(self, by):
        person = actions.update_contact(ContactFactory(person=True), by=by, minor=True)

        assert person.privacy_blocked

    def test_of_a_minor_is_not_given_up_without_consent(self, by):
        person = ContactFactory(person=True, minor=True, privacy_blocked=True)

        with pytest.raises(actions.MinorWithoutConsent):
            actions.unblock_contact(person, by=by)
        assert stored(person).privacy_blocked

    def test_is_given_up_with_consent(self, by):
        person = ContactFactory(person=True, minor=True, privacy_blocked=True, parental_consent_received=True)

        assert not actions.unblock_contact(person, by=by).privacy_blocked

    def test_comes_back_when_the_consent_changes(self, by):
        person = ContactFactory(
            person=True, minor=True, privacy_blocked=False, parental_consent_received=True
        )

        assert actions.update_contact(person, by=by, parental_consent_received=False).privacy_blocked

    def test_keeps_no_consent_of_a_grown_up(self, by):
        person = ContactFactory(person=True, minor=True, privacy_blocked=True, parental_consent_received=True)

        person = actions.update_contact(person, by=by, minor=False)

        assert (person.parental_consent_received, person.privacy_blocked) == (False, True)
        assert not actions.create_contact(
            by=by, name="A", type=ContactType.PERSON, parental_consent_received=True
        ).parental_consent_received

    def test_blocks_and_unblocks_anybody_else(self, by):
        company = ContactFactory()

        assert actions.block_contact(company, by=by)
        assert stored(company).privacy_blocked
        assert not actions.block_contact(company, by=by)
        assert not actions.unblock_contact(company, by=by).privacy_blocked


class TestUpdate:
    def test_refuses_a_blocked_salesperson_but_keeps_the_present_one(self, by):
        blocked = SalespersonFactory(name="Jonas", privacy_blocked=True)
        contact = ContactFactory(salesperson=blocked)

        actions.update_contact(contact, by=by, salesperson=blocked, city="Leeds")
        with pytest.raises(actions.SalespersonGetsNoContacts) as refusal:
            actions.update_contact(ContactFactory(), by=by, salesperson=blocked)

        assert stored(contact).city == "Leeds"
        assert refusal.value.for_user == (
            "Jonas is blocked and gets no new contacts. Choose another salesperson."
        )

    def test_refuses_what_was_read_before_somebody_else_saved(self, by):
        contact = ContactFactory(name="Northwind")
        seen = contact.modified_at
        Contact.objects.update(city="Leeds", modified_at=timezone.now() + dt.timedelta(seconds=1))

        with pytest.raises(actions.ChangedMeanwhile) as refusal:
            actions.update_contact(contact, by=by, seen=seen, city="York")

        assert refusal.value.contact.city == "Leeds"
        assert stored(contact).city == "Leeds"

    def test_leaves_other_mistakes_to_the_database(self, by):
        with pytest.raises(IntegrityError), transaction.atomic():
            actions.create_contact(by=by, name="Ada", type="ALIEN")

    def test_writes_nothing_when_nothing_changed(self, by):
        contact = ContactFactory(city="Leeds")

        actions.update_contact(contact, by=by, seen=contact.modified_at, city="Leeds")

        assert stored(contact).modified_at == contact.modified_at
