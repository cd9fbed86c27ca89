"""The lines of a worksheet: a cell, the sheet of one line, all of them, many at once."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import Channel, Job
from segments.actions import (
    change_line,
)
from segments.models import SegmentLine
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    TeamFactory,
    UserFactory,
)
from tests.segments.choosing import give_file
from tests.word_files import plain_docx

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


class TestLineCell:
    def url(self, line, name):
        return f"/segments/{line.segment.no}/lines/{line.pk}/{name}/"

    def test_saves_one_value_and_answers_the_row(self, web):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        answer = web.post(self.url(line, "description"), {"description": "Own words"}, headers=HTMX)
        assert answer.status_code == 200
        assert f'id="line-{line.pk}"' in answer.content.decode()
        line.refresh_from_db()
        assert line.own_description == "Own words"

    def test_takes_an_own_value_back_when_it_is_emptied(self, web):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True), own_description="Own words")
        web.post(self.url(line, "description"), {"description": ""}, headers=HTMX)
        line.refresh_from_db()
        assert line.own_description is None

    def test_takes_back_only_the_own_value_that_was_seen(self, web, user):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True), own_description="Seen")
        html = web.get(card(line.segment)).content.decode()
        seen = html.split('data-seen="')[1].split('"')[0]
        change_line(line, by=user, description="Unseen")
        answer = web.post(self.url(line, "description"), {"description": "", "seen": seen}, headers=HTMX)
        assert answer.status_code == 422
        line.refresh_from_db()
        assert line.own_description == "Unseen"

    def test_keeps_a_value_that_is_too_long_and_says_why(self, web):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        answer = web.post(self.url(line, "description"), {"description": "y" * 251}, headers=HTMX)
        assert answer.status_code == 422
        assert "at most 250 characters" in answer.content.decode()
        line.refresh_from_db()
        assert line.own_description is None

    @pytest.mark.case("UI-018")
    def test_takes_description_and_costs_from_an_own_template(self, web):
        golf = InteractionTemplateFactory(description="Golf event")
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        answer = web.post(self.url(line, "template"), {"template": golf.pk}, headers=HTMX)
        assert "Golf event" in answer.content.decode()

    def test_that_somebody_else_changed_is_not_saved_and_keeps_what_was_typed(self, web, user):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        seen = web.get(self.url(line, "description"), headers=HTMX).context["form"]["seen"].value()
        change_line(line, by=user, cost=4)  # in another cell
        assert (
            web.post(
                self.url(line, "description"), {"description": "First", "seen": seen}, headers=HTMX
            ).status_code
            == 200
        )
        answer = web.post(
            self.url(line, "description"), {"description": "Second", "seen": seen}, headers=HTMX
        )
        assert answer.status_code == 422
        html = answer.content.decode()
        assert "This was changed to “First” meanwhile." in html
        assert 'value="Second"' in html
        line.refresh_from_db()
        assert line.own_description == "First"

    def test_is_a_form_of_its_own_without_scripts(self, web):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        page = web.get(self.url(line, "channel")).content.decode()
        assert '<form class="card2 cell-page" method="post">' in page
        answer = web.post(self.url(line, "description"), {"description": "x" * 251})
        assert answer.status_code == 422
        html = answer.content.decode()
        assert f'<form method="post" action="{self.url(line, "description")}">' in html
        answer = web.post(self.url(line, "channel"), {"channel": "EMAIL"})
        assert answer.headers["Location"] == card(line.segment)

    def test_of_an_unknown_column_does_not_exist(self, web):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        assert web.get(self.url(line, "contact")).status_code == 404

    def test_of_another_salespersons_contact_does_not_exist(self, client):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        client.force_login(mine.user)
        line = SegmentLineFactory(
            segment=SegmentFactory(salesperson=mine),
            contact=ContactFactory(salesperson=SalespersonFactory()),
        )
        assert client.get(self.url(line, "description")).status_code == 404


class TestLineSheet:
    def url(self, line):
        return f"/segments/{line.segment.no}/lines/{line.pk}/"

    def shown(self, web, line):
        """What the sheet of *line* sends back when nobody touches it."""
        form = web.get(self.url(line)).context["form"]
        data = {"letter_seen": form["letter_seen"].value(), "letter": "kept"}
        for field in form:
            if field.field.show_hidden_initial:
                value = field.value()
                data[field.name] = data[field.html_initial_name] = "" if value is None else str(value)
        del data["attempt_failed"]  # a box that is not ticked
        return data

    def save(self, web, line, **typed):
        return web.post(self.url(line), self.shown(web, line) | typed)

    @pytest.mark.case("SG-015", "SG-016")
    @pytest.mark.parametrize("person", [True, False])
    def test_shows_how_to_reach_the_contact(self, web, person):
        contact = ContactFactory(
            person=person, phone_no="+34 91 1", mobile_phone_no="+34 60 2", email="a@b.example"
        )
        line = SegmentLineFactory(segment=SegmentFactory(ready=True), contact=contact)
        page = web.get(self.url(line)).content.decode()
        for value in ("+34 91 1", "+34 60 2", "a@b.example"):
            assert value in page

    def test_gives_a_line_a_letter_of_its_own_and_the_segments_again(self, web):
        segment = SegmentFactory(ready=True)
        header = SegmentAttachmentFactory(segment=segment, language="", attachment=AttachmentFactory())
        line = SegmentLineFactory(segment=segment)
        self.save(web, line, letter="kept", upload=SimpleUploadedFile("Own.docx", plain_docx()))
        line.refresh_from_db()
        assert line.own_attachment.name == "Own.docx"
        self.save(web, line, letter="segment")
        assert SegmentLine.objects.effective().get().attachment == header.attachment_id

    def test_saves_only_what_changed(self, web):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True), own_minutes=5)
        self.save(web, line, subject="Hello")
        line.refresh_from_db()
        assert (line.own_minutes, line.own_subject, line.own_cost) == (5, "Hello", None)

    def test_does_not_mind_what_somebody_else_changed_elsewhere_on_it(self, web, user):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        page = self.shown(web, line)
        change_line(line, by=user, subject="Theirs", cost=3)
        assert web.post(self.url(line), page | {"description": "Mine"}).status_code == 302
        line.refresh_from_db()
        assert (line.own_description, line.own_subject, line.own_cost) == ("Mine", "Theirs", 3)

    @pytest.mark.parametrize("choice", ["mine", "theirs"])
    def test_asks_whose_value_stays_where_two_changed_the_same(self, web, user, choice):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        page = self.shown(web, line)
        change_line(line, by=user, subject="Theirs", cost=3)
        answer = web.post(self.url(line), page | {"subject": "Mine", "minutes": "7"})
        assert answer.status_code == 422
        html = answer.content.decode()
        for said in ("Keep mine: <b>Mine</b>", "Take theirs: <b>Theirs</b>", 'value="Mine"'):
            assert said in html
        line.refresh_from_db()
        assert (line.own_subject, line.own_minutes) == ("Theirs", None)

        again = answer.context["form"].data.dict() | {"take_subject": choice}
        assert web.post(self.url(line), again).status_code == 302
        line.refresh_from_db()
        assert (line.own_subject, line.own_minutes, line.own_cost) == (choice.capitalize(), 7, 3)

    def test_gives_no_letter_in_the_place_of_one_that_was_not_seen(self, web, user):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        page = self.shown(web, line)
        theirs = give_file(line, by=user)
        answer = web.post(self.url(line), page | {"letter": "none"})
        assert "Somebody else changed this letter meanwhile." in answer.content.decode()
        line.refresh_from_db()
        assert line.own_attachment == theirs
        seen = page | {"letter": "none", "letter_seen": answer.context["row"].letter_seen}
        assert web.post(self.url(line), seen).status_code == 302

    def test_is_not_out_of_date_because_of_another_line(self, web, user):
        segment = SegmentFactory(ready=True)
        line, other = SegmentLineFactory(segment=segment), SegmentLineFactory(segment=segment)
        page = self.shown(web, line)
        change_line(other, by=user, subject="Theirs")
        assert web.post(self.url(line), page | {"description": "Mine"}).status_code == 302

    def test_saves_values_and_letter_together_or_nothing(self, web, monkeypatch):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))

        def full(*arguments, **values):
            raise OSError("no space left on device")

        monkeypatch.setattr("interactions.actions.attachments.default_storage.save", full)
        file = SimpleUploadedFile("Own.docx", plain_docx())
        with pytest.raises(OSError, match="no space"):
            self.save(web, line, subject="Hello", upload=file)
        line.refresh_from_db()
        assert (line.own_subject, line.own_attachment) == (None, None)

    EVERYTHING = {
        "own_subject": "Own",
        "own_cost": 3,
        "own_minutes": 0,
        "own_direction": "",
        "own_initiated_by": "US",
        "own_date": dt.date(2026, 10, 1),
        "own_time": dt.time(9, 30),
        "own_campaign_target": False,
        "own_campaign_response": True,
        "own_language": "",
        "own_channel": "EMAIL",
        "own_description": "Own",
        "evaluation": 1,
        "attempt_failed": True,
    }

    @pytest.mark.parametrize("column", [*EVERYTHING, "own_salesperson", "own_campaign", "own_template"])
    def test_marks_each_own_value_and_takes_it_back(self, web, column):
        rows = {
            "own_salesperson": SalespersonFactory,
            "own_campaign": CampaignFactory,
            "own_template": InteractionTemplateFactory,
        }
        value = rows[column]() if column in rows else self.EVERYTHING[column]
        line = SegmentLineFactory(segment=SegmentFactory(ready=True), **{column: value})
        name = column.removeprefix("own_")
        answer = web.get(self.url(line))
        assert answer.context["form"].own_names == [name]
        assert f'name="reset" value="{name}"' in answer.content.decode()

        kept = "Typed elsewhere"
        typed = {"reset": name, ("subject" if name == "description" else "description"): kept}
        html = web.post(self.url(line), self.shown(web, line) | typed).content.decode()
        line.refresh_from_db()
        assert getattr(line, column) in (None, False)
        assert f'value="{kept}"' in html
        assert 'name="reset"' not in html

    def test_saves_every_value_that_a_line_may_have(self, web):
        campaign, salesperson = CampaignFactory(), SalespersonFactory()
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        answer = self.save(
            web,
            line,
            direction="INBOUND",
            initiated_by="-",
            campaign=campaign.pk,
            campaign_target="yes",
            campaign_response="no",
            time="9:30",
            date="2026-10-01",
            salesperson=salesperson.pk,
            attempt_failed="on",
            evaluation="1",
        )
        assert answer.status_code == 302, answer.content.decode()
        line.refresh_from_db()
        assert (line.own_direction, line.own_campaign, line.own_campaign_target) == (
            "INBOUND",
            campaign,
            True,
        )
        assert (line.own_time, line.own_date) == (dt.time(9, 30), dt.date(2026, 10, 1))
        assert (line.own_salesperson, line.attempt_failed, line.evaluation) == (salesperson, True, 1)
        # What equals the value it would have anyway is none of its own.
        assert (line.own_initiated_by, line.own_campaign_response) == (None, None)

    def test_offers_no_campaign_of_somebody_else(self, client):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"), team=TeamFactory())
        theirs = CampaignFactory(salesperson=SalespersonFactory())
        client.force_login(mine.user)
        line = SegmentLineFactory(
            segment=SegmentFactory(ready=True, salesperson=mine), contact=ContactFactory(salesperson=mine)
        )
        assert theirs not in client.get(self.url(line)).context["form"].fields["campaign"].queryset


class TestLines:
    @pytest.mark.case("SG-002")
    def test_take_a_contact_that_is_typed(self, web):
        segment, contact = SegmentFactory(ready=True), ContactFactory()
        web.post(f"{card(segment)}lines/add/", {"contact": contact.no})
        assert segment.lines.get().contact == contact

    def test_say_that_a_contact_is_in_already(self, web):
        segment = SegmentFactory(ready=True)
        line = SegmentLineFactory(segment=segment)
        answer = web.post(f"{card(segment)}lines/add/", {"contact": line.contact.no})
        assert answer.status_code == 422
        html = answer.content.decode()
        assert f"{line.contact.name} is in this segment already." in html
        assert f'value="{line.contact.no}"' in html

    def test_are_removed_by_hand_and_brought_back(self, web):
        segment = SegmentFactory(ready=True)
        line = SegmentLineFactory(segment=segment, own_description="Own words")
        before = SegmentLine.objects.values().get()
        web.post(f"{card(segment)}lines/bulk/", {"line": [line.pk], "remove": "lines"})
        assert not segment.lines.exists()
        page = web.get(card(segment)).content.decode()
        web.post(f"/undo/{page.split('/undo/')[1].split(chr(34))[0]}")
        assert SegmentLine.objects.values().get() == before

    def test_follow_the_segment_again_when_reset(self, web):
        segment = SegmentFactory(ready=True)
        line = SegmentLineFactory(segment=segment, own_description="Own", own_cost=9)
        web.post(f"{card(segment)}lines/bulk/", {"line": [line.pk], "reset": "1"})
        line.refresh_from_db()
        assert (line.own_description, line.own_cost) == (None, None)

    @pytest.mark.parametrize("line", [["x", "9" * 40, "٣"], []])
    def test_of_no_number_change_nothing_and_it_is_said(self, web, line):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        answer = web.post(f"{card(segment)}lines/bulk/", {"line": line, "remove": "lines"}, follow=True)
        assert segment.lines.count() == 1
        assert "Choose lines first." in answer.content.decode()

    def test_say_in_the_row_what_else_is_their_own(self, web):
        segment = SegmentFactory(ready=True)
        SegmentLineFactory(segment=segment, own_subject="Own", own_cost=0, without_letter=True)
        SegmentLineFactory(segment=segment, own_description="Own")
        first, second = web.get(card(segment)).context["page"].rows
        assert (first.other_own, second.other_own) == ("Subject, Cost, No file", "")
        assert "Differs from the segment: Subject, Cost, No file" in web.get(card(segment)).content.decode()


class TestManyLines:
    def ask(self, web, segment, **which):
        """The dialog for these lines, as a page."""
        return web.post(f"{card(segment)}lines/bulk/", {"change": "1"} | which)

    def change(self, web, segment, dialog, **values):
        data = {"which": dialog.context["which"]} | values
        return web.post(f"{card(segment)}lines/change/", data)

    def test_that_are_ticked_get_a_template_a_language_and_a_salesperson(self, web):
        golf, lucia = InteractionTemplateFactory(code="GOLF"), SalespersonFactory(code="LC")
        segment = SegmentFactory(ready=True, contacts=[ContactFactory() for _number in range(3)])
        first, second, third = segment.lines.order_by("pk")
        dialog = self.ask(web, segment, line=[first.pk, second.pk])
        assert "Change 2 lines" in dialog.content.decode()
        self.change(web, segment, dialog, template="GOLF", language="fr", salesperson="LC")
        for line in (first, second, third):
            line.refresh_from_db()
        assert {(line.own_template, line.own_language, line.own_salesperson) for line in (first, second)} == {
            (golf, "fr", lucia)
        }
        assert (third.own_template, third.own_language, third.own_channel) == (None, None, None)

    def test_follow_the_segment_again_in_one_value(self, web):
        segment = SegmentFactory(ready=True)
        line = SegmentLineFactory(segment=segment, own_language="fr", own_description="Own")
        self.change(web, segment, self.ask(web, segment, line=[line.pk]), language="=")
        line.refresh_from_db()
        assert (line.own_language, line.own_description) == (None, "Own")

    def test_given_what_the_segment_says_have_nothing_of_their_own(self, web):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        dialog = self.ask(web, segment, line=[segment.lines.get().pk])
        self.change(
            web, segment, dialog, template=segment.template.code, salesperson=segment.salesperson.code
        )
        line = segment.lines.get()
        assert (line.own_template, line.own_salesperson) == (None, None)

    def test_are_all_that_match_what_the_page_shows(self, web):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        SegmentAttachmentFactory(segment=segment, language="", attachment=AttachmentFactory())
        silent = [SegmentLineFactory(segment=segment, contact=ContactFactory(email="")) for _number in (1, 2)]
        SegmentLineFactory(segment=segment, contact=ContactFactory(email="a@x.example"))
        dialog = self.ask(web, segment, matching="no_email:")
        assert "Change 2 lines" in dialog.content.decode()
        self.change(web, segment, dialog, channel="HARD_COPY")
        assert set(segment.lines.filter(own_channel="HARD_COPY")) == set(silent)
        assert "Change 3 lines" in self.ask(web, segment, matching="all:").content.decode()

    def test_outside_the_readers_contacts_are_left_alone(self, client):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        client.force_login(mine.user)
        segment = SegmentFactory(ready=True, salesperson=mine)
        seen = SegmentLineFactory(segment=segment, contact=ContactFactory(salesperson=mine))
        SegmentLineFactory(segment=segment, contact=ContactFactory(salesperson=SalespersonFactory()))
        client.post(f"{card(segment)}lines/bulk/", {"matching": "all:", "channel": "EMAIL"})
        assert list(segment.lines.filter(own_channel="EMAIL")) == [seen]

    def test_keep_what_was_chosen_when_something_is_wrong(self, web):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        dialog = self.ask(web, segment, line=[segment.lines.get().pk])
        for values, sentence in (
            ({}, "Choose what is to change."),
            ({"template": "NOBODY", "language": "fr"}, "Select a valid choice."),
        ):
            answer = self.change(web, segment, dialog, **values)
            assert answer.status_code == 422
            assert sentence in answer.content.decode()
        assert '<option value="fr" selected>' in answer.content.decode()
        assert segment.lines.get().own_language is None

    def test_of_a_forged_selection_are_none(self, web):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        for which in ("", "nonsense", self.ask(web, SegmentFactory(), matching="all:").context["which"]):
            web.post(f"{card(segment)}lines/change/", {"which": which, "channel": "EMAIL"})
        assert segment.lines.get().own_channel is None

    @pytest.mark.parametrize("verb", [{"reset": "1"}, {"remove": "lines"}, {"channel": "EMAIL"}])
    def test_that_are_very_many_are_a_job(self, web, verb, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr("segments.editing.MANY", 1)
        segment = SegmentFactory(ready=True)
        for _number in range(3):
            SegmentLineFactory(segment=segment, own_description="Own")
        with django_capture_on_commit_callbacks(execute=True):
            answer = web.post(f"{card(segment)}lines/bulk/", {"matching": "all:"} | verb)
        job = Job.objects.get()
        assert answer.headers["Location"] == job.get_absolute_url()
        assert (job.state, job.result["text"][:7]) == ("DONE", "3 lines")

    def test_take_as_many_statements_for_three_as_for_one(self, web, django_assert_num_queries):
        web.get(LIST)
        for count in (1, 3):
            segment = SegmentFactory(ready=True, contacts=[ContactFactory() for _number in range(count)])
            with django_assert_num_queries(17):
                web.post(f"{card(segment)}lines/bulk/", {"matching": "all:", "channel": "EMAIL"})
