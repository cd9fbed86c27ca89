import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Channel, Contact
from segments.actions import (
    delete_segments,
    go_back,
    measure,
    remove_lines,
    set_letter,
    update_segment,
)
from segments.actions.segments import clean_up_segments
from segments.models import Segment
from segments.navigation import count_segments
from tests.factories import (
    CampaignFactory,
    ContactFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/segments/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def user():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def web(client, user):
    client.force_login(user)
    return client


def card(segment):
    return f"/segments/{segment.no}/"


class TestSegmentsList:
    def test_is_in_the_order_of_dates_the_newest_first(self, web):
        SegmentFactory(description="Spring", date="2026-03-01")
        SegmentFactory(description="Autumn", date="2026-10-01")
        assert [segment.description for segment in web.get(LIST).context["page"].rows] == ["Autumn", "Spring"]

    def test_asks_as_much_for_three_as_for_one(self, web, django_assert_num_queries):
        web.get(LIST)
        for count in (1, 3):
            while Segment.objects.count() < count:
                SegmentFactory(ready=True)
            with django_assert_num_queries(8):
                assert len(web.get(LIST).context["page"].rows) == count

    def test_says_what_a_segment_is_while_there_is_none(self, web):
        page = web.get(LIST).content.decode()
        assert "Prepare it once, log it for all." in page

    def test_finds_by_description_and_by_number(self, web):
        SegmentFactory(description="Lighting refit", no="SM00021")
        SegmentFactory(description="Spring fair", no="SM00022")
        for words in ("refit", "SM00021"):
            found = web.get(LIST, {"q": words}).context["page"].rows
            assert [segment.no for segment in found] == ["SM00021"]

    def test_of_a_company_are_those_with_its_people_too(self, web):
        company = ContactFactory()
        segment = SegmentFactory(contacts=[ContactFactory(person=True, company=company)])
        SegmentFactory(contacts=[ContactFactory()])
        page = web.get(LIST, {"contact": company.no})
        assert page.context["page"].rows == [segment]
        assert f"Segments of {company.name}" in page.content.decode()

    def test_of_a_contact_is_found_without_sorting_whole_segments(self, web):
        company = ContactFactory()
        people = [ContactFactory(person=True, company=company) for _name in "AB"]
        segment = SegmentFactory(contacts=[company, *people])
        found = Segment.objects.with_contact(company)
        assert list(found) == [segment]
        assert "DISTINCT" not in str(found.query)

    def test_is_counted_in_the_menu_as_its_own_tab_counts(self, rf):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        SegmentFactory(salesperson=mine)
        SegmentFactory(salesperson=SalespersonFactory(), created_by=mine.user)
        SegmentFactory(salesperson=SalespersonFactory())
        request = rf.get("/")
        request.user = mine.user
        assert count_segments(request) == 2

    def test_of_an_unknown_contact_is_the_whole_list_and_says_so(self, web):
        SegmentFactory()
        page = web.get(LIST, {"contact": "NOBODY"})
        assert len(page.context["page"].rows) == 1
        assert "There is no contact “NOBODY”." in page.content.decode()

    def test_of_a_broken_address_is_the_first_page_and_says_so(self, web):
        SegmentFactory()
        assert "That page does not exist." in web.get(LIST, {"after": "garbage"}).content.decode()

    def test_leaves_out_segments_of_other_salespeople(self, client):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        client.force_login(mine.user)
        segment = SegmentFactory(salesperson=mine)
        SegmentFactory(salesperson=SalespersonFactory())
        assert client.get(LIST).context["page"].rows == [segment]


class TestNewSegment:
    def test_gets_the_next_number_and_the_files_of_its_template(self, web, user):
        template = InteractionTemplateFactory(campaign=CampaignFactory())
        row = InteractionTemplateLanguageFactory(template=template, language="es", subject="Precios")
        answer = web.post(f"{LIST}new/", {"description": "Q4 prices", "template": template.pk})
        segment = Segment.objects.get()
        assert answer.headers["Location"] == card(segment)
        assert (segment.no, segment.description, segment.created_by) == ("SM00001", "Q4 prices", user)
        assert segment.campaign == template.campaign
        file = segment.languages.get()
        assert (file.language, file.subject, file.attachment) == ("es", "Precios", row.attachment)

    def test_writes_nothing_before_it_is_asked_to(self, web):
        assert web.get(f"{LIST}new/").status_code == 200
        assert not Segment.objects.exists()

    def test_says_what_to_do_without_a_number_series(self, web):
        from crm.models import MarketingSetup

        setup = MarketingSetup.objects.get()
        setup.segment_nos = None
        setup.save()
        answer = web.post(f"{LIST}new/", {"description": "Q4 prices"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "Choose the segment numbers in Marketing setup." in page
        assert 'value="Q4 prices"' in page


class TestDelete:
    def test_can_be_taken_back(self, web):
        segment = SegmentFactory()
        web.post(f"{LIST}delete/", {"segment": [segment.no]})
        assert not Segment.objects.exists()
        toast = web.get(LIST).content.decode()
        assert "1 segment deleted." in toast
        undo = toast.split('action="/undo/')[1].split('"')[0]
        web.post(f"/undo/{undo}")
        assert Segment.objects.get() == segment

    @pytest.mark.parametrize("verb", ["delete", "clean up"])
    def test_locks_the_segments_in_one_order(self, user, verb):
        for _number in range(2):
            SegmentFactory(deleted_at=None if verb == "delete" else timezone.now() - dt.timedelta(days=2))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            if verb == "delete":
                assert len(delete_segments(Segment.objects.all(), by=user)) == 2
            else:
                assert clean_up_segments() == 2
        locking = next(query["sql"] for query in queries if 'FROM "segments_segment"' in query["sql"])
        assert "ORDER BY" in locking


class TestCard:
    def test_asks_as_much_for_three_lines_as_for_one(self, web, django_assert_num_queries):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        web.get(card(segment))
        for count in (1, 3):
            while segment.lines.count() < count:
                SegmentLineFactory(
                    segment=segment,
                    added_by=segment.steps.first(),
                    own_template=InteractionTemplateFactory(),
                    own_salesperson=SalespersonFactory(),
                )
            with django_assert_num_queries(11):
                assert len(web.get(card(segment)).context["page"].rows) == count

    def test_marks_what_differs_from_the_segment(self, web):
        segment = SegmentFactory(ready=True)
        SegmentLineFactory(segment=segment, own_description="Own words")
        SegmentLineFactory(segment=segment)
        first, second = web.get(card(segment)).context["page"].rows
        assert next((cell.name, cell.own) for cell in first.cells) == ("description", True)
        assert next((cell.text, cell.own) for cell in second.cells) == ("Q4 prices", False)

    def test_says_of_each_line_the_worst_it_has(self, web):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        SegmentLineFactory(segment=segment, contact=ContactFactory(privacy_blocked=True))
        SegmentLineFactory(segment=segment, contact=ContactFactory(email=""))
        row, other = web.get(card(segment)).context["page"].rows
        assert (row.check.code, row.blocks) == ("privacy", True)
        assert (other.check.code, other.blocks) == ("no_file", False)

    def test_shows_only_lines_with_problems_when_asked(self, web):
        segment = SegmentFactory(ready=True)
        SegmentLineFactory(segment=segment)
        bad = SegmentLineFactory(segment=segment, contact=ContactFactory(exclude_from_segment=True))
        rows = web.get(card(segment), {"check": "any"}).context["page"].rows
        assert [row.pk for row in rows] == [bad.pk]

    def test_counts_lines_outside_the_readers_contacts_and_does_not_show_them(self, client):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        client.force_login(mine.user)
        segment = SegmentFactory(ready=True, salesperson=mine)
        seen = SegmentLineFactory(segment=segment, contact=ContactFactory(salesperson=mine))
        SegmentLineFactory(segment=segment, contact=ContactFactory(salesperson=SalespersonFactory()))
        assert [row.pk for row in client.get(card(segment)).context["page"].rows] == [seen.pk]
        figures = client.post(f"{card(segment)}figures/", headers=HTMX).content.decode()
        assert "2 contacts" in figures
        assert "1 contact is outside your contacts and not shown" in figures

    def test_leads_on_when_the_segment_has_been_logged_meanwhile(self, web, user):
        from segments.actions import log_segment

        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        logged = log_segment(segment, by=user)
        assert web.get(card(segment)).headers["Location"] == f"/segments/logged/{logged.pk}/"


class TestFigures:
    def test_are_counted_once_for_each_version(self, web, django_assert_num_queries):
        segment = SegmentFactory(ready=True, cost=2, contacts=[ContactFactory(), ContactFactory()])
        page = web.post(f"{card(segment)}figures/", headers=HTMX).content.decode()
        assert "2 contacts" in page
        segment.refresh_from_db()
        assert (segment.figures["lines"], segment.figures["cost"]) == (2, "4.00")
        assert segment.figures_are_fresh
        with django_assert_num_queries(5):
            web.post(f"{card(segment)}figures/", headers=HTMX)

    def test_grow_old_with_the_next_change(self, web, user):
        from segments.actions import measure

        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        measure(segment)
        assert update_segment(segment, by=user, cost=3).figures_are_fresh is False

    def test_grow_old_with_a_contact_and_with_the_day(self, web):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        web.post(f"{card(segment)}figures/", headers=HTMX)
        Contact.objects.update(privacy_blocked=True)
        segment.refresh_from_db()
        for minutes, blocking in ((4, 0), (6, 1)):
            with time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes), tick=False):
                web.post(f"{card(segment)}figures/", headers=HTMX)
            segment.refresh_from_db()
            assert segment.figures["blocking"] == blocking

    def test_do_not_outlive_midnight(self):
        zone = timezone.get_current_timezone()
        with time_machine.travel(dt.datetime(2026, 10, 1, 23, 59, tzinfo=zone), tick=False):
            segment = SegmentFactory(ready=True)
            measure(segment)
            assert segment.figures_are_fresh
        with time_machine.travel(dt.datetime(2026, 10, 2, 0, 1, tzinfo=zone), tick=False):
            assert not segment.figures_are_fresh


class TestHeader:
    def test_offers_no_salespeople_to_those_who_may_not_see_them(self, client):
        kept, user = SalespersonFactory(name="Marta"), UserFactory()
        SalespersonFactory(name="Lena")
        segment = SegmentFactory(created_by=user, salesperson=kept)
        needed = Permission.objects.filter(codename__in=("view_segment", "change_segment"))
        user.user_permissions.set(needed)
        client.force_login(user)
        offered = client.get(f"{card(segment)}edit/").context["form"].fields["salesperson"].queryset
        assert list(offered) == [kept]

    def test_saves_what_changed_and_nothing_else(self, web):
        segment = SegmentFactory(ready=True)
        form = {"description": "New words", "date": "2026-11-20", "cost": "12.50"}
        form |= {"template": segment.template_id, "salesperson": segment.salesperson_id, "channel": "-"}
        answer = web.post(f"{card(segment)}edit/", form)
        assert answer.status_code == 302, answer.content.decode()
        segment.refresh_from_db()
        assert (segment.description, str(segment.cost), segment.channel) == ("New words", "12.50", "")
        assert (segment.direction, segment.minutes) == (None, None)

    @pytest.mark.case("CS-002")
    def test_is_heard_by_every_line_without_an_own_value(self, web, user):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        update_segment(segment, by=user, description="Description")
        assert web.get(card(segment)).context["page"].rows[0].line.description == "Description"

    DATES = {"date": "2026-11-20", "initial-date": "2026-11-20"}

    def test_does_not_mind_what_was_changed_elsewhere_in_it(self, web):
        segment = SegmentFactory(ready=True)
        update_segment(segment, by=UserFactory(), cost=3)
        typed = self.DATES | {"description": "Mine", "initial-description": segment.description}
        assert web.post(f"{card(segment)}edit/", typed).status_code == 302
        segment.refresh_from_db()
        assert (segment.description, segment.cost) == ("Mine", 3)

    @pytest.mark.parametrize("myself", [True, False])
    def test_asks_whose_value_stays_where_the_same_was_changed(self, web, user, myself):
        segment = SegmentFactory(ready=True)
        typed = self.DATES | {"description": "Mine", "initial-description": segment.description}
        other = user if myself else UserFactory()
        update_segment(segment, by=other, description="Theirs")
        answer = web.post(f"{card(segment)}edit/", typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        who = "You have changed this segment in another window"
        for said in (
            who if myself else f"{other.display_name} has changed this segment",
            "Keep mine: <b>Mine</b>",
            "Take theirs: <b>Theirs</b>",
            'value="Mine"',
        ):
            assert said in page
        segment.refresh_from_db()
        assert segment.description == "Theirs"
        again = answer.context["form"].data.dict() | {"take_description": "mine"}
        assert web.post(f"{card(segment)}edit/", again).status_code == 302
        segment.refresh_from_db()
        assert segment.description == "Mine"


class TestTemplateOfTheHeader:
    """R-48, ours: what somebody chose stays, what an earlier template brought goes."""

    def test_brings_its_campaign_and_takes_it_along(self, user):
        winter, spring = CampaignFactory(), CampaignFactory()
        segment = SegmentFactory()
        for template, campaign in (
            (InteractionTemplateFactory(campaign=winter), winter),
            (InteractionTemplateFactory(campaign=spring), spring),
            (InteractionTemplateFactory(), None),
        ):
            segment = update_segment(segment, by=user, template=template)
            assert segment.campaign == campaign

    def test_leaves_a_campaign_that_somebody_chose_or_removed(self, user):
        winter, spring = CampaignFactory(), CampaignFactory()
        of_winter, of_spring = (InteractionTemplateFactory(campaign=each) for each in (winter, spring))
        chosen = update_segment(SegmentFactory(), by=user, template=of_winter)
        chosen = update_segment(chosen, by=user, campaign=CampaignFactory(no="OWN"))
        assert update_segment(chosen, by=user, template=of_spring).campaign.no == "OWN"
        removed = update_segment(SegmentFactory(), by=user, template=of_winter)
        removed = update_segment(removed, by=user, campaign=None)
        assert update_segment(removed, by=user, template=of_spring).campaign is None

    def test_leaves_own_values_and_files_that_somebody_put_here(self, user):
        first, second = InteractionTemplateFactory(), InteractionTemplateFactory(cost=9)
        for template in (first, second):
            for language in ("en", "es"):
                InteractionTemplateLanguageFactory(
                    template=template, language=language, subject=f"{template.code} {language}"
                )
        segment = update_segment(SegmentFactory(cost=4, minutes=2), by=user, template=first)
        set_letter(segment, "es", by=user, subject="Own words")
        segment = update_segment(segment, by=user, template=second)
        subjects = dict(segment.languages.values_list("language", "subject"))
        assert subjects == {"en": f"{second.code} en", "es": "Own words"}
        assert (segment.cost, segment.minutes) == (4, 2)
        segment = update_segment(segment, by=user, template=None)
        assert dict(segment.languages.values_list("language", "subject")) == {"es": "Own words"}


class TestRemovedContact:
    def test_that_is_in_no_line_any_more_can_be_deleted(self, user):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])
        line = segment.lines.first()
        with pytest.raises(ProtectedError):
            line.contact.delete()
        remove_lines(segment, segment.lines.filter(pk=line.pk), by=user)
        line.contact.delete()
        connection.check_constraints()
        go_back(segment, by=user)
        assert segment.lines.count() == 1
