"""What is a line's own value and what it only hears (R-45): the same for one line and for many."""

from decimal import Decimal

import pytest

from crm.models import Channel
from segments.actions import change_line, change_lines, update_segment
from segments.actions.fixes import fix
from segments.actions.preflight import preflight
from segments.models import SegmentLine
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def give_one(line, by, **values):
    change_line(line, by=by, **values)


def give_many(line, by, **values):
    change_lines(line.segment, SegmentLine.objects.filter(pk=line.pk), by=by, **values)


@pytest.fixture
def by():
    return UserFactory()


@pytest.mark.parametrize("give", [give_one, give_many])
class TestOwnValue:
    def test_is_none_where_the_line_would_have_it_anyway(self, by, give):
        contacts_own = SalespersonFactory()
        template = InteractionTemplateFactory(channel=Channel.EMAIL, ignore_contact=True, cost=3, minutes=7)
        segment = SegmentFactory(template=template, language="es", date="2026-10-01")
        contact = ContactFactory(language="fr", salesperson=contacts_own)
        line = SegmentLineFactory(segment=segment, contact=contact)
        same = {
            "template": template,
            "channel": "EMAIL",
            "language": "fr",
            "salesperson": contacts_own,
            "cost": Decimal("3.00"),
            "minutes": 7,
            "date": segment.date,
            "direction": template.direction,
            "campaign_target": False,
            "description": template.description,
        }
        give(line, by, **same)
        line.refresh_from_db()
        columns = ("own_template", *(f"own_{name}" for name in same if name != "template"))
        assert {name: getattr(line, name) for name in columns} == dict.fromkeys(columns)

    def test_does_not_freeze_the_line(self, by, give):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        line = SegmentLineFactory(segment=segment)
        give(line, by, channel="EMAIL")
        update_segment(segment, by=by, channel=Channel.HARD_COPY)
        assert SegmentLine.objects.effective().get().channel == Channel.HARD_COPY

    def test_is_what_differs(self, by, give):
        line = SegmentLineFactory(
            segment=SegmentFactory(ready=True), contact=ContactFactory(channel=Channel.EMAIL)
        )
        lucia = SalespersonFactory()
        give(line, by, channel="", cost=Decimal("2.50"), salesperson=lucia, language="", evaluation=1)
        line.refresh_from_db()
        assert (line.own_channel, line.own_cost, line.own_salesperson) == ("", Decimal("2.50"), lucia)
        assert line.evaluation == 1

    def test_of_a_language_is_what_the_line_does_not_ask_for_though_it_gets_that_file(self, by, give):
        segment = SegmentFactory(ready=True, language="es")
        SegmentAttachmentFactory(segment=segment, language="es", attachment=AttachmentFactory())
        line = SegmentLineFactory(segment=segment, contact=ContactFactory(language="fr"))
        assert preflight(segment).count_of("other_language") == 1
        give(line, by, language="es")
        line.refresh_from_db()
        assert line.own_language == "es"
        assert preflight(segment).count_of("other_language") == 0

    def test_is_compared_with_what_a_new_template_says(self, by, give):
        golf = InteractionTemplateFactory(channel=Channel.EMAIL, ignore_contact=True)
        line = SegmentLineFactory(segment=SegmentFactory(ready=True))
        give(line, by, template=golf, channel="EMAIL")
        line.refresh_from_db()
        assert (line.own_template, line.own_channel) == (golf, None)


class TestFixedLines:
    def test_go_on_hearing_the_segment_where_it_says_the_same(self, by):
        segment = SegmentFactory(ready=True, date="2026-10-01")
        lines = [SegmentLineFactory(segment=segment, own_date="2999-01-01") for _number in range(3)]
        assert fix(segment, "future", by=by).count == 3
        for line in lines:
            line.refresh_from_db()
            assert line.own_date is not None
        change_lines(segment, SegmentLine.objects.all(), by=by, date=segment.date)
        assert not SegmentLine.objects.exclude(own_date=None).exists()
