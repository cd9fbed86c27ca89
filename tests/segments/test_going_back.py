"""Steps taken back and done again, exactly; a history that is cleared (R-57)."""

import random
from functools import partial

import pytest

from crm.models import (
    Contact,
)
from interactions.models import (
    Attachment,
)
from segments import steps
from segments.actions import (
    Letter,
    NobodyNew,
    NoHistory,
    NothingToRepeat,
    NothingToTakeBack,
    SegmentChanged,
    add_chosen,
    add_contact,
    add_contacts,
    change_line,
    clear_history,
    exchange_contact,
    go_back,
    go_forward,
    reduce_contacts,
    refine_contacts,
    remove_lines,
    take_back,
    update_segment,
)
from segments.actions.edits import drop_edits
from segments.models import (
    CriteriaStep,
    RemovedLine,
    Segment,
    SegmentLine,
)
from tests.factories import (
    ContactFactory,
    InteractionTemplateFactory,
    SegmentFactory,
    UserFactory,
)
from tests.segments.choosing import (
    contacts,
    give_file,
    in_country,
    recipe,
    snapshot,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


class Walk:
    """Steps by chance over one segment, and what was before and after each."""

    COUNTRIES = ("ES", "PT", "FR")

    def __init__(self, seed, by):
        self.random, self.by = random.Random(seed), by
        companies = [ContactFactory(country=self.random.choice(self.COUNTRIES)) for _number in range(6)]
        for company in companies:
            ContactFactory(person=True, company=company, country=self.random.choice(self.COUNTRIES))
        self.segment = SegmentFactory()

    def step(self):
        conditions = in_country(self.random.choice(self.COUNTRIES))
        lines = list(self.segment.lines.select_related("segment", "contact"))
        outside = Contact.objects.exclude(pk__in=[line.contact_id for line in lines])
        kinds = ["add", "add", "reduce", "refine"]
        kinds += ["by hand"] if outside.exists() else []
        kinds += ["remove", "exchange"] if lines and outside.exists() else []
        match self.random.choice(kinds):
            case "add":
                add_contacts(self.segment, conditions, by=self.by)
            case "reduce":
                reduce_contacts(self.segment, conditions, by=self.by)
            case "refine":
                refine_contacts(self.segment, conditions, by=self.by)
            case "by hand":
                add_contact(self.segment, outside.order_by("?").first(), by=self.by)
            case "remove":
                chosen = self.random.sample(lines, len(lines) // 2 + 1)
                pks = [line.pk for line in chosen]
                remove_lines(self.segment, SegmentLine.objects.filter(pk__in=pks), by=self.by)
            case "exchange":
                exchange_contact(self.random.choice(lines), outside.order_by("?").first(), by=self.by)

    def edit(self):
        for line in self.segment.lines.select_related("segment"):
            if self.random.random() < 0.3:
                change_line(line, by=self.by, description=f"Words {self.random.random()}")
            if self.random.random() < 0.2:
                give_file(line, str(self.random.random()).encode(), by=self.by)
            if self.random.random() < 0.1:
                change_line(line, by=self.by, letter=Letter.NONE)


@pytest.mark.parametrize("seed", range(6))
def test_back_and_forth_restores_lines_ids_own_values_and_files(seed, by):
    walk = Walk(seed, by)
    segment = walk.segment
    for _round in range(3):
        walk.edit()
        begin = segment.steps.done().count()
        states = {begin: snapshot(segment)}
        for _number in range(4):
            walk.step()
            states[segment.steps.done().count()] = snapshot(segment)
        end = segment.steps.done().count()
        for verb, numbers in (
            (go_back, range(end - 1, begin - 1, -1)),
            (go_forward, range(begin + 1, end + 1)),
        ):
            for number in numbers:
                verb(segment, by=by)
                assert snapshot(segment) == states.get(number, snapshot(segment))
        # What is edited where somebody went back to is there again after going forth and back.
        back = walk.random.randrange(1, end - begin + 1)
        repeat(go_back, back, segment, by)
        walk.edit()
        edited = snapshot(segment)
        repeat(go_forward, back, segment, by)
        repeat(go_back, back, segment, by)
        assert snapshot(segment) == edited
    repeat(go_back, segment.steps.done().count(), segment, by)
    assert not segment.lines.exists()


def repeat(verb, times, segment, by):
    for _time in range(times):
        verb(segment, by=by)


class TestGoBack:
    def test_needs_a_step(self, by):
        with pytest.raises(NothingToTakeBack):
            go_back(SegmentFactory(), by=by)

    def test_brings_back_what_a_removal_took_with_ids_own_values_and_files(self, by):
        segment = SegmentFactory()
        add_contacts(segment, recipe(), by=by)
        for number in range(3):
            add_contact(segment, ContactFactory(country="ES", name=f"Company {number}"), by=by)
        first, second, _third = segment.lines.order_by("pk")
        change_line(first, by=by, description="Own words", cost=3)
        give_file(second, by=by)
        before = snapshot(segment)
        for verb, wanted in ((reduce_contacts, in_country("ES")), (refine_contacts, in_country("PT"))):
            verb(segment, wanted, by=by)
            assert not segment.lines.exists()
            go_back(segment, by=by)
            assert snapshot(segment) == before

    def test_takes_an_added_line_out_and_forward_brings_it_back_as_it_was_edited(self, by):
        segment = SegmentFactory()
        line = add_contact(segment, ContactFactory(), by=by)
        change_line(line, by=by, description="Own words")
        before = snapshot(segment)
        go_back(segment, by=by)
        assert contacts(segment) == []
        go_forward(segment, by=by)
        assert snapshot(segment) == before
        assert not RemovedLine.objects.exists()

    def test_keeps_what_was_edited_between_forth_and_back(self, by, django_capture_on_commit_callbacks):
        segment = SegmentFactory()
        line = add_contact(segment, ContactFactory(), by=by)
        old = give_file(line, b"Old", by=by)
        reduce_contacts(segment, recipe(), by=by)
        go_back(segment, by=by)
        change_line(line, by=by, description="Written later")
        give_file(line, b"New", by=by)
        drop_edits(segment.edits.all())
        before = snapshot(segment)
        with django_capture_on_commit_callbacks(execute=True):
            go_forward(segment, by=by)
        assert not Attachment.objects.filter(pk=old.pk).exists()
        assert not segment.lines.exists()
        go_back(segment, by=by)
        assert snapshot(segment) == before

    def test_cannot_be_done_again_once_there_is_another_step(self, by, django_capture_on_commit_callbacks):
        segment = SegmentFactory()
        line = add_contact(segment, ContactFactory(), by=by)
        file = give_file(line, by=by)
        go_back(segment, by=by)
        with django_capture_on_commit_callbacks(execute=True):
            add_contact(segment, ContactFactory(), by=by)
        with pytest.raises(NothingToRepeat):
            go_forward(segment, by=by)
        assert segment.steps.count() == 1
        assert not Attachment.objects.filter(pk=file.pk).exists()

    def test_keeps_the_file_when_another_step_is_refused(self, by):
        segment = SegmentFactory()
        inside = add_contact(segment, ContactFactory(), by=by).contact
        line = add_contact(segment, ContactFactory(), by=by)
        file = give_file(line, by=by)
        go_back(segment, by=by)
        with pytest.raises(NobodyNew):
            add_chosen(segment, Contact.objects.filter(pk=inside.pk), by=by)
        go_forward(segment, by=by)
        assert segment.lines.get(pk=line.pk).own_attachment == file
        assert file.file.storage.exists(file.file.name)

    def test_a_line_set_aside_hears_the_header_that_took_its_template(self, by):
        golf = InteractionTemplateFactory()
        segment = SegmentFactory(template=InteractionTemplateFactory())
        line = add_contact(segment, ContactFactory(), by=by)
        change_line(line, by=by, template=golf)
        reduce_contacts(segment, recipe(), by=by)
        update_segment(segment, by=by, template=golf)
        go_back(segment, by=by)
        assert segment.lines.get().own_template is None

    def test_of_a_step_that_is_not_the_newest_any_more_is_refused(self, by):
        segment = SegmentFactory()
        old = add_contacts(segment, recipe(), by=by)
        other = UserFactory(first_name="Jonas", last_name="Weber", role="Marketing manager")
        newer = add_contacts(segment, recipe(), by=other)
        before = Segment.objects.get(pk=segment.pk).version
        with pytest.raises(SegmentChanged, match="Jonas Weber changed this segment"):
            go_back(segment, by=by, step=old.pk)
        assert Segment.objects.get(pk=segment.pk).version == before
        assert go_back(segment, by=by, step=newer.pk) == newer


class TestGoForward:
    def test_of_a_step_that_is_gone_or_waits_behind_another_is_refused(self, by):
        segment = SegmentFactory()
        first, second = (add_contacts(segment, recipe(), by=by) for _number in range(2))
        for step in (second, first):
            go_back(segment, by=by, step=step.pk)
        with pytest.raises(SegmentChanged):
            go_forward(segment, by=by, step=second.pk)
        assert go_forward(segment, by=by, step=first.pk) == first
        add_contacts(segment, recipe(), by=by)
        with pytest.raises(SegmentChanged):
            go_forward(segment, by=by, step=second.pk)
        assert segment.steps.done().count() == 2


class TestTakeBack:
    def test_takes_all_steps_or_none(self, by):
        segment = SegmentFactory()
        ContactFactory(country="ES")
        made = [add_contacts(segment, recipe(), by=by), reduce_contacts(segment, in_country("ES"), by=by)]
        add_contacts(segment, in_country("PT"), by=by)
        with pytest.raises(SegmentChanged):
            take_back(segment, [step.pk for step in made], by=by)
        assert segment.steps.done().count() == 3
        go_back(segment, by=by)
        take_back(segment, [step.pk for step in made], by=by)
        assert not segment.steps.done().exists()
        assert not segment.lines.exists()


class TestClearHistory:
    def test_forgets_all_steps_and_keeps_the_lines_as_they_are(self, by):
        segment = SegmentFactory()
        line = add_contact(segment, ContactFactory(), by=by)
        change_line(line, by=by, description="Own words")
        add_contact(segment, ContactFactory(country="ES"), by=by)
        reduce_contacts(segment, in_country("ES"), by=by)
        add_contact(segment, ContactFactory(), by=by)
        go_back(segment, by=by)
        before, version = snapshot(segment), Segment.objects.get(pk=segment.pk).version
        assert clear_history(segment, by=by) == 3
        assert not CriteriaStep.objects.exists()
        assert not RemovedLine.objects.exists()
        [after] = snapshot(segment)[0]
        assert after == before[0][0] | {"added_by_id": None}
        assert Segment.objects.get(pk=segment.pk).version == version + 1
        with pytest.raises(NothingToTakeBack):
            go_back(segment, by=by)

    def test_drops_files_that_only_a_removed_line_had(self, by, django_capture_on_commit_callbacks):
        segment = SegmentFactory()
        line = add_contact(segment, ContactFactory(), by=by)
        file = give_file(line, by=by)
        reduce_contacts(segment, recipe(), by=by)
        with django_capture_on_commit_callbacks(execute=True):
            clear_history(segment, by=by)
        assert not Attachment.objects.filter(pk=file.pk).exists()

    def test_begins_a_new_one_whose_steps_leave_the_old_lines_alone(self, by):
        segment = SegmentFactory()
        add_contact(segment, ContactFactory(country="ES"), by=by)
        clear_history(segment, by=by)
        before = snapshot(segment)
        step = add_contact(segment, ContactFactory(), by=by).added_by
        assert step.number == 1
        go_back(segment, by=by)
        assert snapshot(segment) == before
        reduce_contacts(segment, in_country("ES"), by=by)
        go_back(segment, by=by)
        assert snapshot(segment) == before

    def test_needs_a_history_and_the_step_that_the_page_showed(self, by):
        segment = SegmentFactory()
        with pytest.raises(NoHistory):
            clear_history(segment, by=by)
        first, _second = (add_contacts(segment, recipe(), by=by) for _number in range(2))
        with pytest.raises(SegmentChanged):
            clear_history(segment, by=by, step=first.pk)
        assert segment.steps.count() == 2

    @pytest.mark.parametrize("clear", [clear_history, partial(steps.make, "clear_history")])
    def test_needs_the_version_that_the_page_showed(self, by, clear):
        step = add_contacts(segment := SegmentFactory(), recipe(), by=by)
        with pytest.raises(SegmentChanged):
            clear(segment, by=by, version=segment.version, step=step.pk)
        assert segment.steps.count() == 1
        clear(segment, by=by, version=step.segment.version, step=step.pk)
        assert not segment.steps.exists()
