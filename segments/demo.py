"""Two worksheets for the demo data, with exceptions, and what one mailing of the past was chosen by."""

from crm.models import Channel, Contact
from interactions.models import LoggedSegment
from segments import actions
from segments.criteria import Condition, Recipe

IBERIA = Recipe(
    (Condition("country", "is", ["ES", "PT"]), Condition("mailing_group", "is", ["PRICES"])), frozenset()
)
UNHAPPY = Recipe((Condition("interaction_evaluation", "is", ["-1", "-2"]),), frozenset())
MUSEUMS = Recipe((Condition("industry_group", "is", ["PUBLIC"]),), frozenset())
QUIET = Recipe((Condition("last_interaction", "not_within", 30),), frozenset())
FRANCE = Recipe((Condition("language", "is", ["fr"]),), frozenset())


def fill(firm, **kwargs):
    """Receiver of `interactions.demo.loaded`."""
    marta, sofia = firm.salespeople["MR"].user, firm.marketing
    prices = actions.create_segment(
        by=marta, description="Lighting refit, Iberia", template=firm.templates["MAILSHOT"]
    )
    actions.add_contacts(prices, IBERIA, by=marta)
    actions.reduce_contacts(prices, UNHAPPY, by=marta)
    make_exceptions(prices, firm, by=marta)
    calls = actions.create_segment(
        by=sofia, description="Museums and schools: call them", template=firm.templates["OUTGOING"]
    )
    actions.add_contacts(calls, MUSEUMS, by=sofia)
    actions.refine_contacts(calls, QUIET, by=sofia)
    for segment in (prices, calls):
        segment.refresh_from_db()
        actions.measure(segment)
    step = {"action": "ADD", "origin": "CRITERIA", "recipe": FRANCE.as_json()}
    LoggedSegment.objects.filter(segment_no="SM00018").update(criteria=[step])


def make_exceptions(segment, firm, *, by):
    """Two lines that say something else, a letter on paper, and somebody who reads Russian, which no file is in."""
    call, subject, paper = segment.lines.order_by("pk")[2:8:2]
    actions.change_line(
        call, by=by, template=firm.templates["OUTGOING"], description="Call first: moving in March"
    )
    actions.change_line(subject, by=by, subject="Our new price list, as promised in Madrid")
    actions.change_line(paper, by=by, channel=Channel.HARD_COPY)
    reader = Contact.objects.filter(language="ru", exclude_from_segment=False, privacy_blocked=False)
    actions.add_contact(segment, reader.order_by("pk").first(), by=by)
