"""Another contact on a line: a Reduce and an Add (R-44, R-52)."""

import pytest

from interactions.actions import ContactIsBlocked
from segments.actions import (
    ContactAlreadyIn,
    LineIsGone,
    add_contact,
    change_line,
    exchange_contact,
    go_back,
    go_forward,
    log_segment,
    remove_lines,
)
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)
from tests.segments.choosing import (
    contacts,
    snapshot,
    steps,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


class TestExchangeContact:
    @pytest.mark.case("MI-092")
    def test_by_itself_changes_nothing_and_the_segment_can_be_logged(self, by):
        file = AttachmentFactory()
        segment = SegmentFactory(ready=True)
        SegmentAttachmentFactory(segment=segment, language="", attachment=file)
        line = SegmentLineFactory(segment=segment, own_cost=3)
        exchange_contact(line, line.contact, by=by)
        assert segment.lines.effective().get().attachment == file.pk
        assert segment.steps.count() == 1
        entry = log_segment(segment, by=by).entries.get()
        assert (entry.attachment, entry.cost) == (file, 3)

    @pytest.mark.case("MI-093")
    def test_keeps_the_place_and_the_file_of_the_header_and_drops_own_values(self, by):
        file = AttachmentFactory()
        segment = SegmentFactory(ready=True)
        SegmentAttachmentFactory(segment=segment, language="", attachment=file)
        line = SegmentLineFactory(segment=segment, own_cost=3, own_attachment=AttachmentFactory())
        other = ContactFactory()
        exchanged = exchange_contact(line, other, by=by)
        assert (exchanged.pk, exchanged.contact, exchanged.own_cost) == (line.pk, other, None)
        assert segment.lines.effective().get().attachment == file.pk
        assert file.file.storage.exists(file.file.name)

    def test_is_a_reduce_and_an_add_and_can_be_taken_back(self, by):
        segment = SegmentFactory()
        line = add_contact(segment, ContactFactory(), by=by)
        change_line(line, by=by, description="Own words")
        before = snapshot(segment)
        exchange_contact(line, ContactFactory(), by=by)
        after = snapshot(segment)
        assert steps(segment) == [("ADD", 1, 1), ("REDUCE", 1, 0), ("ADD", 1, 1)]
        for verb, then in ((go_back, before), (go_forward, after)):
            verb(segment, by=by)
            verb(segment, by=by)
            assert snapshot(segment) == then

    def test_is_refused_for_one_who_is_in_or_blocked_and_for_a_line_that_is_gone(self, by):
        segment = SegmentFactory(contacts=[ContactFactory(), ContactFactory()])
        first, second = segment.lines.order_by("pk")
        with pytest.raises(ContactAlreadyIn):
            exchange_contact(first, second.contact, by=by)
        with pytest.raises(ContactIsBlocked):
            exchange_contact(first, ContactFactory(privacy_blocked=True), by=by)
        assert len(contacts(segment)) == 2
        remove_lines(segment, segment.lines.all(), by=by)
        with pytest.raises(LineIsGone):
            exchange_contact(first, ContactFactory(), by=by)


class TestPage:
    @pytest.fixture
    def web(self, client, by):
        client.force_login(by)
        return client

    @pytest.fixture
    def line(self):
        return SegmentLineFactory(segment=SegmentFactory(ready=True), own_description="Own words")

    def url(self, line):
        return f"/segments/{line.segment.no}/lines/{line.pk}/exchange/"

    def test_exchanges_the_contact_and_takes_it_back(self, web, line):
        other = ContactFactory()
        answer = web.post(self.url(line), {"contact": other.no})
        assert contacts(line.segment) == [other]
        html = web.get(answer.headers["Location"]).content.decode()
        assert f"{other.name} takes the place of {line.contact.name}." in html
        web.post(f"/undo/{html.split('/undo/')[1].split(chr(34))[0]}")
        back = line.segment.lines.get()
        assert (back.contact, back.own_description) == (line.contact, "Own words")

    def test_says_beside_the_field_why_not(self, web, line):
        inside, blocked = ContactFactory(), ContactFactory(privacy_blocked=True)
        SegmentLineFactory(segment=line.segment, contact=inside)
        for contact, sentence in (
            (line.contact, "is on this line already."),
            (inside, "is in this segment already."),
            (blocked, "blocked"),
        ):
            answer = web.post(self.url(line), {"contact": contact.no})
            assert answer.status_code == 422
            assert sentence in answer.content.decode()
        line.refresh_from_db()
        assert line.own_description == "Own words"
