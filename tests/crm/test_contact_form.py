import json

import pytest
from django.urls import reverse

from crm.forms import EditContactForm
from crm.models import Channel, Contact, ContactType, MarketingSetup, NumberSeries
from tests.factories import (
    ContactFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    SalutationFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NEW = "/contacts/new/"


@pytest.fixture
def web(client, manager):
    client.force_login(manager)
    return client


def edit_url(contact):
    return reverse("crm:contact_edit", args=[contact.no])


def page_of(web, contact):
    """What the browser would send when nothing is changed on the form."""
    form = web.get(edit_url(contact)).context["form"]
    data = {}
    for name, field in form.fields.items():
        value = form[name].value()
        if name == "was":
            data[name] = json.dumps(form.now)
        elif field.widget.input_type == "checkbox" if hasattr(field.widget, "input_type") else False:
            if value:
                data[name] = "on"
        elif isinstance(value, Contact):
            data[name] = value.no
        else:
            data[name] = "" if value is None else value
    return data


def stored(contact):
    return Contact.objects.get(pk=contact.pk)


class TestNewContact:
    def test_is_a_company_unless_said_otherwise(self, web):
        form = web.get(NEW).context["form"]

        assert form["type"].value() == ContactType.COMPANY
        assert form["company"].value() is None

    @pytest.mark.case("MC-019")
    def test_from_a_company_is_a_person_of_it(self, web):
        company = ContactFactory(no="CT7")

        form = web.get(NEW, {"company": "CT7"}).context["form"]

        assert (form["type"].value(), form["company"].value()) == (ContactType.PERSON, company)

    def test_may_be_asked_for_as_a_person(self, web):
        assert web.get(NEW, {"type": "PERSON"}).context["form"]["type"].value() == "PERSON"
        assert (
            web.get(NEW, {"type": "ALIEN", "company": "nobody"}).context["form"]["type"].value() == "COMPANY"
        )

    @pytest.mark.case("PC-001")
    def test_is_created_with_the_next_number(self, web):
        response = web.post(NEW, {"type": "PERSON", "name": "Ada King Lovelace"})

        contact = Contact.objects.get()
        assert response.url == contact.get_absolute_url()
        assert (contact.no, contact.first_name, contact.surname) == ("CT000001", "Ada", "Lovelace")
        assert "Contact created." in web.get(response.url).content.decode()

    def test_takes_over_from_its_company(self, web):
        ContactFactory(no="CT7", name="Atelier", city="Lyon", language="fr")

        web.post(NEW, {"type": "PERSON", "name": "Hélène", "company": "CT7"})

        person = Contact.objects.get(name="Hélène")
        assert (person.company_name, person.city, person.language) == ("Atelier", "Lyon", "fr")

    @pytest.mark.case("MC-007", "MC-008", "SU-027")
    def test_holds_everything_that_was_typed(self, web):
        salutation, salesperson = SalutationFactory(), SalespersonFactory()
        typed = {
            "type": "PERSON",
            "number": "A/7",
            "name": "Hélène Marchand",
            "name_2": "née Petit",
            "first_name": "Hélène",
            "middle_name": "M.",
            "surname": "Marchand",
            "initials": "HM",
            "job_title": "Directrice",
            "salutation": salutation.pk,
            "salesperson": salesperson.pk,
            "phone_no": "+33 1",
            "mobile_phone_no": "+33 6",
            "email": "h@a.example",
            "email_2": "m@a.example",
            "home_page": "a.example",
            "language": "fr-CH",
            "channel": "EMAIL",
            "address": "14 rue des Lampistes",
            "address_2": "2e",
            "post_code": "69002",
            "city": "Lyon",
            "county": "Rhône",
            "country": "FR",
            "exclude_from_segment": "on",
            "privacy_blocked": "on",
            "minor": "on",
            "parental_consent_received": "on",
        }

        web.post(NEW, typed)

        contact = Contact.objects.get()
        assert contact.no == "A/7"
        for name, value in typed.items():
            if name not in {"number", "salutation", "salesperson", "home_page"}:
                assert getattr(contact, name) == (True if value == "on" else value), name
        assert (contact.salutation, contact.salesperson) == (salutation, salesperson)
        assert contact.home_page == "https://a.example"

    @pytest.mark.case("PC-005", "PC-006")
    @pytest.mark.parametrize(
        ("typed", "field", "sentence"),
        [
            ({"name": ""}, "name", "Enter a name."),
            ({"type": "COMPANY", "name": "", "first_name": "Ada"}, "name", "Enter a name."),
            (
                {"language": "tlh"},
                "language",
                "Select a valid choice. tlh is not one of the available choices.",
            ),
            ({"country": "ZZ"}, "country", "Select a valid choice. ZZ is not one of the available choices."),
            ({"phone_no": "call me"}, "phone_no", "A phone number has no letters."),
            ({"email": "nonsense"}, "email", "Enter a valid email address."),
            ({"home_page": "no page"}, "home_page", "Enter a valid URL."),
            ({"company": "nobody at all"}, "company", "No contact is called “nobody at all”."),
            ({"name": "x" * 101}, "name", "Ensure this value has at most 100 characters (it has 101)."),
            ({"number": "CT5"}, "number", "There is a contact with the number CT5 already."),
            ({"type": "ALIEN"}, "type", "Select a valid choice. ALIEN is not one of the available choices."),
            ({"salesperson": "999"}, "salesperson", "Select a valid choice."),
        ],
    )
    def test_that_is_refused_keeps_everything_and_names_the_field(self, web, typed, field, sentence):
        ContactFactory(no="CT5", name="Taken")
        data = {"type": "PERSON", "name": "X Y Z", "job_title": "Buyer of everything"} | typed

        response = web.post(NEW, data)

        page = response.content.decode()
        assert response.status_code == 422
        assert [error for error in response.context["form"].errors[field] if error.startswith(sentence)]
        assert f'href="#id_{field}' in page
        assert 'value="Buyer of everything"' in page
        assert "<title>Error · New contact" in page
        assert Contact.objects.count() == 1

    def test_may_not_have_a_typed_number_where_numbers_are_given(self, web):
        NumberSeries.objects.filter(code="CONTACTS").update(manual_nos=False)

        assert "number" not in web.get(NEW).context["form"].fields
        web.post(NEW, {"type": "COMPANY", "name": "Northwind", "number": "X1"})
        assert Contact.objects.get().no == "CT000001"

    def test_needs_numbers(self, web):
        setup = MarketingSetup.objects.get(pk=1)
        setup.contact_nos = None
        setup.save()

        response = web.post(NEW, {"type": "COMPANY", "name": "Northwind"})

        assert response.status_code == 422
        assert "There is no number series for contacts." in response.content.decode()

    def test_says_when_the_numbers_run_out(self, web):
        NumberSeries.objects.get(code="CONTACTS").lines.update(warning_no="CT000001")

        page = web.post(NEW, {"type": "COMPANY", "name": "Northwind"}, follow=True).content.decode()

        assert "The numbers for contacts are running out." in page

    def test_may_not_belong_to_a_company_out_of_reach(self, client):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=TeamFactory())
        ContactFactory(no="CT7", salesperson=SalespersonFactory())
        client.force_login(user)

        response = client.post(NEW, {"type": "PERSON", "name": "Ada", "company": "CT7"})

        assert "company" in response.context["form"].errors
        assert client.get(NEW, {"company": "CT7"}).context["form"]["company"].value() is None

    def test_is_given_only_to_salespeople_who_take_contacts(self, web):
        active = SalespersonFactory()
        SalespersonFactory(blocked=True), SalespersonFactory(privacy_blocked=True)

        assert list(web.get(NEW).context["form"].fields["salesperson"].queryset) == [active]

    def test_that_somebody_else_will_look_after_leads_to_the_list(self, client):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=TeamFactory())
        client.force_login(user)

        response = client.post(
            NEW, {"type": "COMPANY", "name": "Northwind", "salesperson": SalespersonFactory().pk}
        )

        assert response.url == "/contacts/"


class TestCompanyField:
    @pytest.fixture
    def companies(self):
        return [
            ContactFactory(no="CT1", name="Atelier Marchand", phone_no="+33 42"),
            ContactFactory(no="CT2", name="Atelier Petit"),
            ContactFactory(no="CT3", name="Petit"),
        ]

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("ct2", "Atelier Petit"),
            ("petit", "Petit"),
            ("atelier m", "Atelier Marchand"),
            ("marchand", "Atelier Marchand"),
            ("42", "Atelier Marchand"),
        ],
    )
    def test_resolves_number_name_beginning_and_part(self, web, companies, typed, found):
        web.post(NEW, {"type": "PERSON", "name": "Ada", "company": typed})

        assert Contact.objects.get(name="Ada").company_name == found

    def test_asks_when_several_match(self, web, companies):
        response = web.post(NEW, {"type": "PERSON", "name": "Ada", "company": "atelier"})

        (sentence,) = response.context["form"].errors["company"]
        assert "Atelier Marchand (CT1)" in sentence
        assert "Atelier Petit (CT2)" in sentence
        assert 'value="atelier"' in response.content.decode()

    def test_offers_no_persons(self, web):
        ContactFactory(person=True, no="CT9", name="Ada")

        response = web.post(NEW, {"type": "PERSON", "name": "Bob", "company": "CT9"})

        assert "company" in response.context["form"].errors


class TestEditContact:
    def test_shows_what_there_is(self, web):
        contact = ContactFactory(person=True, name="Ada", company=ContactFactory(no="CT7"), language="de-LU")

        form = web.get(edit_url(contact)).context["form"]

        assert form["language"].value() == "de-LU"
        assert "number" not in form.fields
        assert page_of(web, contact)["company"] == "CT7"

    def test_saves_and_goes_back_to_the_card(self, web):
        contact = ContactFactory(name="Northwind")

        response = web.post(edit_url(contact), page_of(web, contact) | {"city": "Leeds"})

        assert response.url == contact.get_absolute_url()
        assert stored(contact).city == "Leeds"
        assert "Contact saved." in web.get(response.url).content.decode()

    def test_changes_nothing_when_nothing_was_changed(self, web):
        contact = ContactFactory(
            person=True,
            name="Dr. Ada Byron",
            first_name="Ada",
            surname="Byron",
            company=ContactFactory(),
            minor=True,
            privacy_blocked=True,
            channel=Channel.EMAIL,
            home_page="http://a.example/x",
            salesperson=SalespersonFactory(blocked=True),
            salutation=SalutationFactory(),
        )

        assert web.post(edit_url(contact), page_of(web, contact)).status_code == 302
        assert stored(contact).modified_at == contact.modified_at

    def test_can_tick_and_untick_boxes(self, web):
        contact = ContactFactory(exclude_from_segment=True)
        data = page_of(web, contact)
        del data["exclude_from_segment"]

        web.post(edit_url(contact), data | {"privacy_blocked": "on"})

        assert (stored(contact).exclude_from_segment, stored(contact).privacy_blocked) == (False, True)

    def test_keeps_everything_when_refused(self, web):
        contact = ContactFactory(name="Northwind")
        InteractionLogEntryFactory(contact=contact)

        response = web.post(
            edit_url(contact), page_of(web, contact) | {"type": "PERSON", "city": "A new city"}
        )

        page = response.content.decode()
        assert response.status_code == 422
        assert "Northwind has interactions or follow-ups" in page
        assert 'href="#id_type_0"' in page
        assert 'value="A new city"' in page
        assert stored(contact).city == ""

    def test_keeps_a_company_out_of_reach(self, client):
        user = UserFactory(role="Salesperson")
        mine = SalespersonFactory(user=user, team=TeamFactory())
        company = ContactFactory(salesperson=SalespersonFactory())
        contact = ContactFactory(person=True, name="Ada", company=company, salesperson=mine)
        client.force_login(user)

        response = client.post(edit_url(contact), page_of(client, contact) | {"city": "Leeds"})

        assert response.status_code == 302
        assert (stored(contact).company, stored(contact).city) == (company, "Leeds")

    def test_answers_htmx_with_where_to_go(self, web):
        contact = ContactFactory()

        response = web.post(
            edit_url(contact), page_of(web, contact) | {"city": "Leeds"}, headers={"HX-Request": "true"}
        )

        assert response["HX-Redirect"] == contact.get_absolute_url()

    @pytest.mark.parametrize("was", ["", "nonsense", "[]", '{"city": 7}'])
    def test_survives_a_broken_record_of_what_was(self, web, was):
        contact = ContactFactory()

        response = web.post(edit_url(contact), page_of(web, contact) | {"city": "Leeds", "was": was})

        assert response.status_code in {302, 422}


class TestTwoPeopleAtOnce:
    @pytest.fixture
    def contact(self):
        return ContactFactory(name="Northwind", city="Leeds", phone_no="1")

    def test_who_change_different_fields_both_win(self, web, contact):
        mine = page_of(web, contact) | {"city": "York"}
        Contact.objects.get(pk=contact.pk).save()
        web.post(edit_url(contact), page_of(web, contact) | {"phone_no": "2"})

        assert web.post(edit_url(contact), mine).status_code == 302
        assert (stored(contact).city, stored(contact).phone_no) == ("York", "2")

    def test_who_change_the_same_to_the_same_agree(self, web, contact):
        mine = page_of(web, contact) | {"city": "York"}
        web.post(edit_url(contact), page_of(web, contact) | {"city": "York"})

        assert web.post(edit_url(contact), mine).status_code == 302

    def test_are_asked_about_the_field_that_both_changed(self, web, contact):
        mine = page_of(web, contact) | {"city": "York", "email": "a@b.example", "take_name": "mine"}
        web.post(edit_url(contact), page_of(web, contact) | {"city": "Hull", "phone_no": "2"})

        response = web.post(edit_url(contact), mine)

        page = response.content.decode()
        assert response.status_code == 422
        assert stored(contact).email == ""
        (conflict,) = response.context["conflicts"]
        assert (conflict.name, conflict.mine, conflict.theirs) == ("city", "York", "Hull")
        assert "Keep mine: <b>York</b>" in page
        assert "Take theirs: <b>Hull</b>" in page
        # What only they changed is theirs, what only I changed is mine.
        assert 'value="a@b.example"' in page
        assert response.context["form"]["phone_no"].value() == "2"
        # An answer to an earlier question is none to this one.
        assert "take_name" not in response.context["form"].data

    @pytest.mark.parametrize(("choice", "city"), [("mine", "York"), ("theirs", "Hull")])
    def test_choose_which_value_stays(self, web, contact, choice, city):
        mine = page_of(web, contact) | {"city": "York", "email": "a@b.example"}
        web.post(edit_url(contact), page_of(web, contact) | {"city": "Hull", "phone_no": "2"})
        asked = web.post(edit_url(contact), mine).context["form"]

        again = {name: asked.data[name] for name in asked.data} | {"take_city": choice}

        assert web.post(edit_url(contact), again).status_code == 302
        contact = stored(contact)
        assert (contact.city, contact.email, contact.phone_no) == (city, "a@b.example", "2")

    def test_see_names_instead_of_ids(self, web, contact):
        marta, jonas = SalespersonFactory(name="Marta Ruiz"), SalespersonFactory(name="Jonas Weber")
        mine = page_of(web, contact) | {"salesperson": marta.pk, "privacy_blocked": "on", "country": "FR"}
        web.post(
            edit_url(contact),
            page_of(web, contact) | {"salesperson": jonas.pk, "country": "ES", "channel": "EMAIL"},
        )

        conflicts = web.post(edit_url(contact), mine).context["conflicts"]

        assert [(conflict.mine, conflict.theirs) for conflict in conflicts] == [
            ("Marta Ruiz", "Jonas Weber"),
            ("France", "Spain"),
        ]

    @pytest.mark.parametrize("was", ["nonsense", "[]", ""])
    def test_keep_their_own_value_when_nobody_knows_the_other_one(self, web, contact, was):
        data = page_of(web, contact) | {"city": "York", "take_city": "theirs", "was": was}

        assert web.post(edit_url(contact), data).status_code in {302, 422}
        assert stored(contact).city in {"York", "Leeds"}

    def test_see_the_company_by_name(self, web):
        person = ContactFactory(person=True, name="Ada")
        first, second = ContactFactory(no="C1", name="First"), ContactFactory(no="C2", name="Second")
        mine = page_of(web, person) | {"company": first.no}
        web.post(edit_url(person), page_of(web, person) | {"company": second.no})

        (conflict, *_others) = web.post(edit_url(person), mine).context["conflicts"]

        assert (conflict.name, conflict.mine, conflict.theirs) == ("company", "First", "Second")

    def test_who_meet_between_reading_and_writing_are_asked_all_the_same(self, web, contact, monkeypatch):
        """Somebody saves after the form was checked and before it is written."""
        mine = page_of(web, contact) | {"city": "York"}
        checked = EditContactForm.is_valid

        def is_valid(form):
            valid = checked(form)
            monkeypatch.setattr(EditContactForm, "is_valid", checked)
            other = Contact.objects.get(pk=contact.pk)
            other.city = "Hull"
            other.save()
            return valid

        monkeypatch.setattr(EditContactForm, "is_valid", is_valid)

        response = web.post(edit_url(contact), mine)

        assert response.status_code == 422
        assert [conflict.theirs for conflict in response.context["conflicts"]] == ["Hull"]
        assert stored(contact).city == "Hull"
