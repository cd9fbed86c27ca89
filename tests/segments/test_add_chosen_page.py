"""From the contacts list into a segment."""

import re

import pytest
from django.urls import reverse

from crm.models import Contact, Job, MarketingSetup
from segments import steps
from segments.models import Segment, SegmentLine
from tests.factories import ContactFactory, SalespersonFactory, SegmentFactory, UserFactory

pytestmark = pytest.mark.django_db
ADD = reverse("segments:add_chosen")


@pytest.fixture
def browser(client):
    client.force_login(UserFactory(role="Marketing manager"))
    return client


def contacts_of(segment):
    return set(SegmentLine.objects.filter(segment=segment).values_list("contact__name", flat=True))


def signed(page, name):
    return re.search(rf'name="{name}" value="([^"]+)"', page.content.decode())[1]


class TestTheContactsList:
    def test_has_boxes_and_the_action_for_whom_it_is_allowed(self, browser):
        contact = ContactFactory()
        page = browser.get(reverse("crm:contacts")).content.decode()
        assert f'name="contact" value="{contact.no}"' in page
        assert f'formaction="{ADD}"' in page

    def test_has_no_boxes_for_readers(self, client):
        ContactFactory()
        client.force_login(UserFactory(role="Reader"))
        assert 'name="contact"' not in client.get(reverse("crm:contacts")).content.decode()

    def test_offers_all_that_match_when_they_are_more_than_a_page(self, browser):
        ContactFactory.create_batch(51, country="ES")
        ContactFactory(country="FR")
        segment = SegmentFactory()
        matching = signed(browser.get(reverse("crm:contacts"), {"country": "ES"}), "matching")
        dialog = browser.post(ADD, {"matching": matching, "contact": ["X"]})
        assert "Add 51 contacts to a segment" in dialog.content.decode()
        browser.post(ADD, {"selection": signed(dialog, "selection"), "segment": segment.no})
        assert SegmentLine.objects.filter(segment=segment).count() == 51


class TestAddingChosenContacts:
    def test_into_an_open_segment_leaves_blocked_ones_out(self, browser):
        chosen, blocked = ContactFactory(name="Brisa"), ContactFactory(privacy_blocked=True)
        segment = SegmentFactory()
        dialog = browser.post(ADD, {"contact": [chosen.no, blocked.no]})
        response = browser.post(ADD, {"selection": signed(dialog, "selection"), "segment": segment.no})
        assert response.url == segment.get_absolute_url()
        assert contacts_of(segment) == {"Brisa"}
        assert segment.steps.get().origin == "MANUAL"

    def test_into_a_new_one(self, browser):
        contact = ContactFactory(name="Brisa")
        dialog = browser.post(ADD, {"contact": [contact.no]})
        browser.post(ADD, {"selection": signed(dialog, "selection"), "description": "Spring calls"})
        segment = Segment.objects.get()
        assert segment.description == "Spring calls"
        assert contacts_of(segment) == {"Brisa"}

    def test_makes_no_segment_when_there_is_no_number_for_it(self, browser):
        MarketingSetup.objects.update(segment_nos=None)
        dialog = browser.post(ADD, {"contact": [ContactFactory().no]})
        response = browser.post(ADD, {"selection": signed(dialog, "selection")}, follow=True)
        assert "Segments need a number series." in response.content.decode()
        assert not Segment.objects.exists()

    def test_of_many_is_a_job(self, browser, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr(steps, "MANY", 1)
        segment, contacts = SegmentFactory(), ContactFactory.create_batch(2)
        dialog = browser.post(ADD, {"contact": [contact.no for contact in contacts]})
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(ADD, {"selection": signed(dialog, "selection"), "segment": segment.no})
        assert Job.objects.get().state == "DONE"
        assert SegmentLine.objects.filter(segment=segment).count() == 2

    def test_of_many_into_a_new_one_makes_it_in_the_job(
        self, browser, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(steps, "MANY", 1)
        dialog = browser.post(ADD, {"contact": [contact.no for contact in ContactFactory.create_batch(2)]})
        with django_capture_on_commit_callbacks(execute=True):
            answer = {"selection": signed(dialog, "selection"), "description": "Spring calls"}
            browser.post(ADD, answer)
            assert not Segment.objects.exists()
        segment = Segment.objects.get()
        assert (segment.description, segment.lines.count()) == ("Spring calls", 2)
        assert Job.objects.get().result["link"][0] == segment.get_absolute_url()

    def test_of_many_into_a_new_one_leaves_no_empty_segment_behind(
        self, browser, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(steps, "MANY", 1)
        dialog = browser.post(ADD, {"contact": [contact.no for contact in ContactFactory.create_batch(2)]})
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(ADD, {"selection": signed(dialog, "selection")})
            Job.objects.get().by.groups.clear()
        assert Job.objects.get().state == "FAILED"
        assert not Segment.objects.exists()

    def test_all_that_match_leaves_excluded_ones_out_and_says_so(self, browser):
        ContactFactory.create_batch(51, country="ES")
        ContactFactory(country="ES", exclude_from_segment=True)
        segment = SegmentFactory()
        matching = signed(browser.get(reverse("crm:contacts"), {"country": "ES"}), "matching")
        dialog = browser.post(ADD, {"matching": matching})
        assert "excluded from segments, or in the segment already" in dialog.content.decode()
        answer = {"selection": signed(dialog, "selection"), "segment": segment.no}
        page = browser.post(ADD, answer, follow=True).content.decode()
        assert "51 added; 1 left out: in already, blocked for privacy or excluded from segments." in page
        assert SegmentLine.objects.filter(segment=segment).count() == 51

    def test_all_that_match_are_as_many_as_the_dialog_said_or_nobody(self, browser):
        ContactFactory.create_batch(51, country="ES")
        segment = SegmentFactory()
        matching = signed(browser.get(reverse("crm:contacts"), {"country": "ES"}), "matching")
        assert "The list showed" not in browser.post(ADD, {"matching": matching}).content.decode()
        Contact.objects.filter(pk__in=Contact.objects.values("pk")[:1]).update(country="FR")
        dialog = browser.post(ADD, {"matching": matching})
        assert "The list showed 51; meanwhile it is 50." in dialog.content.decode()
        ContactFactory.create_batch(2, country="ES")
        answer = {"selection": signed(dialog, "selection"), "segment": segment.no}
        response = browser.post(ADD, answer)
        page = response.content.decode()
        assert response.status_code == 422
        assert "the number is another one" in page
        assert "Add 52 contacts to a segment" in page
        assert segment.no in page
        assert not segment.steps.exists()
        browser.post(ADD, answer | {"selection": signed(response, "selection")})
        assert SegmentLine.objects.filter(segment=segment).count() == 52

    def test_makes_neither_step_nor_segment_of_nobody(self, browser):
        inside = ContactFactory()
        segment = SegmentFactory(contacts=[inside])
        for chosen, into in ((inside, {"segment": segment.no}), (ContactFactory(privacy_blocked=True), {})):
            dialog = browser.post(ADD, {"contact": [chosen.no]})
            response = browser.post(ADD, {"selection": signed(dialog, "selection"), **into})
            assert response.status_code == 422
            assert "Nobody was added: whoever you chose is in already" in response.content.decode()
        assert segment.steps.count() == 1
        assert Segment.objects.get() == segment

    def test_looks_for_a_segment_one_may_see(self, client):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        seen = SegmentFactory(salesperson=mine, description="Обновление")
        hidden = SegmentFactory(salesperson=SalespersonFactory())
        client.force_login(mine.user)
        for words, found in (
            ("", [seen.no]),
            ("ОБНОВ", [seen.no]),
            (seen.no.lower(), [seen.no]),
            (hidden.no, []),
        ):
            rows = client.get(reverse("segments:lookup"), {"q": words}).json()["results"]
            assert [row["value"] for row in rows] == found
        dialog = client.post(ADD, {"contact": [ContactFactory(salesperson=mine).no]})
        answer = {"selection": signed(dialog, "selection"), "segment": hidden.no}
        response = client.post(ADD, answer)
        assert response.status_code == 422
        assert f"There is no segment “{hidden.no}”." in response.content.decode()

    @pytest.mark.parametrize("data", [{}, {"matching": "forged"}, {"selection": "forged"}])
    def test_of_nothing_says_so(self, browser, data):
        response = browser.post(ADD, data, follow=True)
        assert "Nothing was added: choose contacts first." in response.content.decode()

    def test_needs_a_segment_that_one_sees(self, browser):
        dialog = browser.post(ADD, {"contact": [ContactFactory().no]})
        response = browser.post(ADD, {"selection": signed(dialog, "selection"), "segment": "999"})
        assert response.status_code == 422
        assert signed(response, "selection")


class TestSegmentsOfAContact:
    def test_are_a_link_on_its_card(self, browser):
        contact = ContactFactory()
        page = browser.get(contact.get_absolute_url()).content.decode()
        assert f"{reverse('segments:segments')}?view=all&amp;contact={contact.no}" in page
