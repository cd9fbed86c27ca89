"""What edits of a worksheet replaced comes back, except where somebody wrote again (ui 4.3)."""

import datetime as dt
import random

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from crm.models import Channel, Job
from interactions.gate import Accepted
from interactions.models import Attachment
from segments.actions import (
    ChangedAgain,
    EditIsGone,
    Letter,
    change_line,
    change_lines,
    exchange_contact,
    recorded,
    remove_letter,
    reset_lines,
    set_letter,
    take_edits_back,
    update_segment,
)
from segments.actions.edits import clean_up_edits
from segments.models import SegmentEdit
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)
from tests.segments.choosing import give_file, snapshot
from tests.word_files import plain_docx

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def web(client, by):
    client.force_login(by)
    return client


def card(segment):
    return f"/segments/{segment.no}/"


def edit(verb, *args, **values):
    """Does *verb*; returns the ids of the edits that it was."""
    with recorded() as edits:
        verb(*args, **values)
    return [edit.pk for edit in edits]


def whole(segment):
    """All that edits may write, and which files are there."""
    segment.refresh_from_db()
    header = {
        field.attname: getattr(segment, field.attname)
        for field in segment._meta.fields
        if field.name not in ("version", "changed_by", "changed_at")
    }
    letters = list(segment.languages.order_by("language").values("language", "subject", "attachment", "own"))
    return header, letters, snapshot(segment)


def undo(web, answer):
    """Presses Undo of the toast that *answer* brought, in its page or in an event."""
    if "HX-Trigger" in answer.headers:
        address = answer.headers["HX-Trigger"].split('"undo": "')[1].split('"')[0]
    else:
        html = web.get(answer.headers["Location"]).content.decode()
        address = f"/undo/{html.split(chr(34) + '/undo/')[1].split(chr(34))[0]}"
    return web.post(address, follow=True)


class World:
    """A segment, and random edits of it."""

    def __init__(self, seed, by):
        self.random, self.by = random.Random(seed), by
        self.templates = [
            InteractionTemplateFactory(campaign=campaign) for campaign in (None, CampaignFactory())
        ]
        for template in self.templates:
            InteractionTemplateLanguageFactory(
                template=template, language="es", attachment=AttachmentFactory()
            )
        self.salespeople = [SalespersonFactory() for _number in range(2)]
        self.segment = SegmentFactory(ready=True)
        for _number in range(5):
            SegmentLineFactory(segment=self.segment)

    def values(self):
        pick = self.random.choice
        values = {
            "description": pick([None, "One", "Two"]),
            "template": pick([None, *self.templates, self.segment.template]),
            "channel": pick([None, "", Channel.EMAIL]),
            "language": pick([None, "fr", "es"]),
            "cost": pick([None, 3, 4]),
            "salesperson": pick([None, *self.salespeople]),
        }
        return {name: values[name] for name in self.random.sample(sorted(values), 2)}

    def lines(self):
        ids = list(self.segment.lines.values_list("pk", flat=True))
        return self.segment.lines.filter(pk__in=self.random.sample(ids, 3))

    def edit(self):
        segment, by, pick = self.segment, self.by, self.random.choice
        file = Accepted(
            content=str(self.random.random()).encode(), name="a.txt", extension="txt", mime="text/plain"
        )
        verbs = (
            lambda: change_lines(segment, self.lines(), by=by, **self.values()),
            lambda: reset_lines(segment, self.lines(), by=by),
            lambda: change_line(self.lines().first(), by=by, upload=file, **self.values()),
            lambda: change_line(self.lines().first(), by=by, letter=pick([Letter.NONE, Letter.OF_SEGMENT])),
            lambda: update_segment(segment, by=by, **self.values()),
            lambda: set_letter(segment, pick(["es", "fr"]), by=by, upload=file, subject=pick(["", "Words"])),
            lambda: remove_letter(segment, pick(["es", "fr"]), by=by),
        )
        return edit(pick(verbs))


@pytest.mark.parametrize("seed", range(8))
def test_edits_taken_back_one_after_the_other_leave_all_as_it_was(seed, by):
    world = World(seed, by)
    done = []
    for _number in range(12):
        before = whole(world.segment)
        if edits := world.edit():
            done.append((before, edits))
    for before, edits in reversed(done):
        assert take_edits_back(world.segment, edits, by=by)
        assert whole(world.segment) == before
    assert not SegmentEdit.objects.exists()


class TestWhatWasWrittenAgain:
    @pytest.fixture
    def segment(self):
        return SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])

    def test_stays_and_the_rest_comes_back(self, segment, by):
        first, second = segment.lines.order_by("pk")
        edits = edit(change_lines, segment, segment.lines.all(), by=by, channel="EMAIL", language="fr")
        change_line(first, by=UserFactory(), channel="HARD_COPY")
        change_line(second, by=UserFactory(), cost=4)
        assert not take_edits_back(segment, edits, by=by)
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.own_channel, first.own_language) == ("HARD_COPY", "fr")
        assert (second.own_channel, second.own_language, second.own_cost) == (None, None, 4)

    def test_of_the_header_stays(self, segment, by):
        edits = edit(update_segment, segment, by=by, description="First", minutes=3)
        update_segment(segment, by=UserFactory(), description="Theirs")
        assert not take_edits_back(segment, edits, by=by)
        segment.refresh_from_db()
        assert (segment.description, segment.minutes) == ("Theirs", None)

    def test_is_all_there_was_to_take_back(self, segment, by):
        SegmentAttachmentFactory(segment=segment, language="es", subject="Old")
        edits = edit(set_letter, segment, "es", by=by, subject="Mine")
        set_letter(segment, "es", by=UserFactory(), subject="Theirs")
        with pytest.raises(ChangedAgain):
            take_edits_back(segment, edits, by=by)
        assert segment.languages.get().subject == "Theirs"

    def test_and_taken_back_again_is_no_obstacle(self, segment, by):
        line = segment.lines.first()
        first = edit(change_line, line, by=by, description="First")
        second = edit(change_line, line, by=by, description="Second")
        take_edits_back(segment, second, by=by)
        assert take_edits_back(segment, first, by=by)
        line.refresh_from_db()
        assert line.own_description is None

    def test_never_comes_to_another_contact_on_the_line(self, segment, by):
        line = segment.lines.first()
        change_line(line, by=by, description="For the old one")
        edits = edit(change_line, line, by=by, description=None)
        exchange_contact(line, ContactFactory(), by=by)
        with pytest.raises(ChangedAgain):
            take_edits_back(segment, edits, by=by)

    def test_twice_is_too_late(self, segment, by):
        edits = edit(change_line, segment.lines.first(), by=by, cost=3)
        take_edits_back(segment, edits, by=by)
        with pytest.raises(EditIsGone):
            take_edits_back(segment, edits, by=by)


class TestFiles:
    def test_stay_until_it_is_too_late_to_bring_them_back(self, by, django_capture_on_commit_callbacks):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        old = give_file(line, b"Old", by=by)
        new = give_file(line, b"New", by=by)
        clean_up_edits()
        assert set(Attachment.objects.all()) == {old, new}
        later = time_machine.travel(timezone.now() + dt.timedelta(minutes=16))
        with later, django_capture_on_commit_callbacks(execute=True):
            assert clean_up_edits() == 2
        assert Attachment.objects.get() == new
        assert not old.file.storage.exists(old.file.name)

    def test_that_only_an_edit_brought_go_with_it(self, by, django_capture_on_commit_callbacks):
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        give_file(line, by=by)
        edits = list(line.segment.edits.values_list("pk", flat=True))
        with django_capture_on_commit_callbacks(execute=True):
            take_edits_back(line.segment, edits, by=by)
        assert not Attachment.objects.exists()


class TestPages:
    @pytest.fixture
    def segment(self):
        return SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])

    @pytest.mark.parametrize("values", [{"channel": "EMAIL"}, {"reset": "1"}])
    def test_take_a_change_of_many_lines_back(self, web, segment, values):
        segment.lines.update(own_description="Own", own_cost=3)
        answer = web.post(f"{card(segment)}lines/bulk/", {"matching": "all:"} | values)
        assert set(segment.lines.values_list("own_channel", "own_cost")) != {(None, 3)}
        assert "Everything is as it was before." in undo(web, answer).content.decode()
        kept = segment.lines.values_list("own_channel", "own_description", "own_cost")
        assert set(kept) == {(None, "Own", 3)}

    def test_take_a_change_of_the_header_back_and_keep_no_words_in_the_session(self, web, segment):
        before = segment.description
        answer = web.post(
            f"{card(segment)}edit/",
            {
                "description": "Private words",
                "initial-description": before,
                "date": "2026-11-20",
                "initial-date": "2026-11-20",
            },
        )
        assert "words" not in str(dict(web.session.items()))
        undo(web, answer)
        segment.refresh_from_db()
        assert segment.description == before

    def test_take_a_letter_of_the_header_back(self, web, segment):
        file = AttachmentFactory()
        row = SegmentAttachmentFactory(segment=segment, language="es", subject="Old", attachment=file)
        data = {"date": "2026-11-20", "initial-date": "2026-11-20", "letter-seen-es": row.fingerprint()}
        for change in (
            {"letter-language": "es", "letter-upload": SimpleUploadedFile("b.docx", plain_docx())},
            {"remove": "es"},
        ):
            answer = web.post(f"{card(segment)}letter/", data | change, headers=HTMX)
            assert answer.status_code == 200
            assert not segment.languages.filter(attachment=file).exists()
            undo(web, answer)
            row = segment.languages.get()
            assert (row.subject, row.attachment) == ("Old", file)

    def test_take_the_letter_of_a_line_back(self, web, segment, by):
        line = segment.lines.first()
        file = give_file(line, by=by)
        answer = web.post(f"{card(segment)}lines/{line.pk}/", {"letter": "none"})
        line.refresh_from_db()
        assert (line.own_attachment, line.without_letter) == (None, True)
        undo(web, answer)
        line.refresh_from_db()
        assert (line.own_attachment, line.without_letter) == (file, False)

    def test_take_very_many_lines_back_as_a_job(
        self, web, segment, by, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr("segments.editing.MANY", 1)
        monkeypatch.setattr("segments.views.edits.MANY", 1)
        with django_capture_on_commit_callbacks(execute=True):
            web.post(f"{card(segment)}lines/bulk/", {"matching": "all:", "channel": "EMAIL"})
        # The page of the job says so when it ends.
        shown = web.get(Job.objects.get().get_absolute_url(), headers=HTMX)
        with django_capture_on_commit_callbacks(execute=True):
            undo(web, shown)
        assert Job.objects.latest("created_at").result["text"] == "Everything is as it was before."
        assert set(segment.lines.values_list("own_channel", flat=True)) == {None}
