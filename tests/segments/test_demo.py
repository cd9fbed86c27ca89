"""What segments add to the demo data."""

import io

import pytest
from django.core.management import call_command

from crm.models import ContactIndustryGroup, ContactJobResponsibility, ContactMailingGroup
from interactions.models import LoggedSegment
from segments.models import Segment, SegmentLine


@pytest.mark.django_db
def test_demo_data_has_worksheets_with_contacts_and_a_mailing_with_its_criteria(settings):
    settings.DEMO_PASSWORD = "demo of a firm"
    call_command("load_demo", stdout=io.StringIO())
    prices, calls = Segment.objects.order_by("pk")
    for segment in (prices, calls):
        assert segment.steps.count() >= 2
        assert segment.figures_are_fresh
        assert segment.figures["lines"] == SegmentLine.objects.filter(segment=segment).count() > 3
    assert prices.figures["ready"] < prices.figures["lines"]
    assert prices.lines.exclude(own_template=None).exists()
    assert LoggedSegment.objects.get(segment_no="SM00018").criteria[0]["action"] == "ADD"
    for memberships in (ContactMailingGroup, ContactIndustryGroup, ContactJobResponsibility):
        assert memberships.objects.count() > 20
