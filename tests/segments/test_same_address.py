import pytest

from crm.models import Channel
from segments.actions import lines_with, measure, preflight
from segments.actions.fixes import fix
from tests.factories import ContactFactory, SegmentFactory, UserFactory

pytestmark = pytest.mark.django_db


def by_email(*emails):
    """A segment that sends an e-mail to each."""
    contacts = [ContactFactory(email=email) for email in emails]
    return SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True, contacts=contacts)


def found(segment):
    """The addresses of the lines that share theirs with another one."""
    return [line.contact.email for line in lines_with(segment.lines.all(), "same_address").order_by("pk")]


def test_lines_that_send_to_one_address_are_counted_and_found():
    segment = by_email(
        "a@example.com", "b@example.com", "a@example.com", "c@example.com", "c@example.com", "", ""
    )
    segment.lines.filter(pk=segment.lines.order_by("pk")[4].pk).update(own_channel="")
    counts = {finding.code: finding.count for finding in preflight(segment).warnings}
    assert counts["same_address"] == 2
    assert found(segment) == ["a@example.com", "a@example.com"]
    assert measure(segment)["checks"]["same_address"] == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Info@Example.com", "info@example.COM"),
        ("info@пример.рф", "info@ПРИМЕР.РФ"),
        ("info@café.example", "info@CAFÉ.example"),
        ("info@straße.example", "info@STRASSE.example"),
    ],
)
def test_large_and_small_letters_are_the_same_address_in_every_script(one, other):
    segment = by_email(one, other, "else@example.com")
    assert found(segment) == [one, other]
    assert measure(segment)["checks"]["same_address"] == 2
    assert fix(segment, "same_address", by=UserFactory(role="Marketing manager")).count == 1
    assert [line.contact.email for line in segment.lines.order_by("pk")] == [one, "else@example.com"]


def test_an_accent_makes_another_address():
    assert found(by_email("jose@example.com", "josé@example.com")) == []


def test_the_finding_names_the_first_and_the_last_of_them():
    segment = by_email("x@example.com", "a@example.com", "b@example.com", "B@example.com", "A@example.com")
    (finding,) = [each for each in preflight(segment).warnings if each.code == "same_address"]
    ids = list(segment.lines.order_by("pk").values_list("pk", flat=True))
    assert (finding.count, finding.lines) == (4, (ids[1], ids[4]))
