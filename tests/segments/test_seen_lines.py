"""Nothing is written over what somebody else changed since the page was shown (architecture 2.13)."""

import pytest

from crm.models import Channel
from segments.actions import change_line, update_segment
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    InteractionTemplateFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

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


def url(line, name=""):
    return f"{card(line.segment)}lines/{line.pk}/{f'{name}/' if name else ''}"


@pytest.fixture
def line():
    return SegmentLineFactory(segment=SegmentFactory(ready=True))


class TestUndoOfACell:
    def change(self, web, line, **value):
        [name] = value
        answer = web.post(url(line, name), value, headers=HTMX)
        assert answer.status_code == 200
        return answer.headers["HX-Trigger"]

    def test_brings_words_back_that_no_session_keeps(self, web, line):
        line.own_description = "Private words"
        line.save()
        trigger = self.change(web, line, description="Other words")
        assert "words" not in str(dict(web.session.items()))
        self.undo(web, trigger)
        line.refresh_from_db()
        assert line.own_description == "Private words"

    def undo(self, web, trigger):
        return web.post(trigger.split('"undo": "')[1].split('"')[0], follow=True)

    @pytest.mark.parametrize("name", ["channel", "language", "template"])
    def test_brings_the_value_back(self, web, line, name):
        first, second = InteractionTemplateFactory(), InteractionTemplateFactory()
        before, after = {
            "channel": (Channel.EMAIL, Channel.HARD_COPY),
            "language": ("fr", "ru"),
            "template": (first, second),
        }[name]
        column = f"own_{name}"
        setattr(line, column, before)
        line.save()
        trigger = self.change(web, line, **{name: getattr(after, "pk", after)})
        line.refresh_from_db()
        assert getattr(line, column) == after
        self.undo(web, trigger)
        line.refresh_from_db()
        assert getattr(line, column) == before

    def test_leaves_what_a_colleague_chose_since(self, web, line, user):
        trigger = self.change(web, line, channel="HARD_COPY")
        change_line(line, by=UserFactory(), channel="EMAIL")
        answer = self.undo(web, trigger)
        assert "This was changed again meanwhile. It stays as it is." in answer.content.decode()
        line.refresh_from_db()
        assert line.own_channel == "EMAIL"

    def test_does_not_mind_what_a_colleague_chose_elsewhere(self, web, line):
        trigger = self.change(web, line, channel="HARD_COPY")
        change_line(line, by=UserFactory(), cost=4)
        self.undo(web, trigger)
        line.refresh_from_db()
        assert (line.own_channel, line.own_cost) == (None, 4)


class TestReset:
    def test_leaves_what_a_colleague_typed_since(self, web, line):
        change_line(line, by=UserFactory(), subject="Seen")
        page = {"initial-subject": "Seen", "subject": "Seen", "description": "Typed"}
        change_line(line, by=UserFactory(), subject="Theirs")
        answer = web.post(url(line), page | {"reset": "subject"})
        assert answer.status_code == 422
        assert "Take theirs: <b>Theirs</b>" in answer.content.decode()
        assert 'value="Typed"' in answer.content.decode()
        line.refresh_from_db()
        assert line.own_subject == "Theirs"


class TestManyLines:
    @pytest.fixture
    def segment(self):
        """Two lines, of which one has no e-mail address."""
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        SegmentAttachmentFactory(segment=segment, language="", attachment=AttachmentFactory())
        for email in ("", "a@x.example"):
            SegmentLineFactory(segment=segment, contact=ContactFactory(email=email))
        return segment

    def dialog(self, web, segment, **which):
        return web.post(f"{card(segment)}lines/bulk/", {"change": "1"} | which)

    def change(self, web, segment, dialog):
        data = {"which": dialog.context["which"], "language": "fr"}
        return web.post(f"{card(segment)}lines/change/", data)

    def no_more_addresses(self, segment):
        for line in segment.lines.all():
            line.contact.email = ""
            line.contact.save()

    def test_are_as_many_as_the_dialog_says(self, web, segment):
        dialog = self.dialog(web, segment, matching="no_email:")
        assert "Change 1 line" in dialog.content.decode()
        self.no_more_addresses(segment)
        answer = self.change(web, segment, dialog)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert "The lines you chose are 2 now, not 1. Nothing was done; check it again." in html
        assert '<option value="fr" selected>' in html
        assert not segment.lines.exclude(own_language=None).exists()
        assert self.change(web, segment, answer).status_code == 302
        assert segment.lines.filter(own_language="fr").count() == 2

    def test_are_those_of_the_version_that_the_dialog_showed(self, web, segment, user):
        dialog = self.dialog(web, segment, matching="all:")
        update_segment(segment, by=user, cost=3)
        answer = self.change(web, segment, dialog)
        assert answer.status_code == 422
        assert "You changed this segment meanwhile, in another window." in answer.content.decode()
        assert not segment.lines.exclude(own_language=None).exists()
        assert self.change(web, segment, answer).status_code == 302

    @pytest.mark.parametrize("verb", [{"reset": "1"}, {"remove": "lines"}, {"channel": "HARD_COPY"}])
    def test_that_match_are_as_many_as_the_page_says(self, web, segment, verb):
        segment.lines.update(own_cost=3)
        data = {"matching": "no_email:", "total": "1"} | verb
        self.no_more_addresses(segment)
        answer = web.post(f"{card(segment)}lines/bulk/", data, follow=True)
        assert "The lines you chose are 2 now, not 1." in answer.content.decode()
        assert segment.lines.filter(own_cost=3, own_channel=None).count() == 2
        web.post(f"{card(segment)}lines/bulk/", data | {"total": "2"})
        assert not segment.lines.filter(own_cost=3, own_channel=None).exists()

    def test_send_the_number_that_stands_beside_select_all(self, web):
        segment = SegmentFactory(ready=True)
        for _number in range(60):
            SegmentLineFactory(segment=segment)
        html = web.get(card(segment)).content.decode()
        assert "Select all 60" in html
        assert 'name="total" value="60"' in html
