"""Nobody finds what lies outside his or her scope: not by looking, not by guessing, not with somebody else's tokens."""

import csv
import io
import json
import uuid

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from crm import undo
from crm.models import Contact, Job
from interactions.models import Attachment, EntryComment, FollowUp, InteractionDraft, InteractionLogEntry
from interactions.selection import sign
from tests.factories import (
    ContactFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)
from tests.journeys.addresses import ADDRESSES, address
from tests.journeys.world import one_of_everything

SECRET = "Xochimilco"
PRIVATE = {Contact, InteractionLogEntry, EntryComment, InteractionDraft, Attachment, Job, FollowUp}

# What each address with a number in it answers to GET and POST about a row that is not for this person.
GUESSED = {
    "crm:contact": (404, 405),
    "crm:contact_edit": (404, 404),
    "crm:contact_block": (405, 404),
    "crm:contact_unblock": (405, 404),
    "crm:job": (404, 405),
    "crm:job_file": (404, 405),
    "interactions:draft_file": (404, 405),
    "interactions:entry": (404, 405),
    "interactions:entry_cancel": (404, 404),
    "interactions:entry_reinstate": (405, 404),
    "interactions:entry_evaluate": (405, 404),
    "interactions:entry_comments": (405, 404),
    "interactions:entry_attachment": (404, 405),
    "interactions:entry_source": (403, 405),
    "interactions:draft_letter": (404, 405),
    "interactions:draft_preview": (404, 405),
    "interactions:entry_resend": (404, 404),
    "interactions:entry_message": (404, 405),
    "interactions:contact_entries": (404, 405),
    "interactions:contact_statistics": (404, 405),
    "interactions:campaign": (404, 405),
    "interactions:campaign_edit": (403, 403),
    "interactions:campaign_entry_cancel": (403, 403),
    "interactions:campaign_entry_reinstate": (405, 403),
    "segments:segment": (404, 405),
    "segments:segment_edit": (404, 404),
    "segments:segment_cells": (405, 404),
    "segments:segment_figures": (405, 404),
    "segments:letter": (405, 404),
    "segments:export": (404, 405),
    "segments:line_add": (405, 404),
    "segments:lines_bulk": (405, 404),
    "segments:lines_change": (405, 404),
    "segments:line": (404, 404),
    "segments:line_row": (404, 405),
    "segments:line_file": (404, 405),
    "segments:line_exchange": (404, 404),
    "segments:line_cell": (404, 404),
    "segments:add": (404, 404),
    "segments:reduce": (404, 404),
    "segments:refine": (404, 404),
    "segments:condition": (404, 405),
    "segments:count": (405, 404),
    "segments:matches": (404, 405),
    "segments:paste": (404, 404),
    "segments:go_back": (405, 404),
    "segments:history": (404, 405),
    "segments:clear_history": (404, 404),
    "segments:saved": (404, 404),
    "segments:saved_use": (405, 404),
    "segments:saved_delete": (404, 404),
    "segments:saved_rename": (404, 404),
    "segments:reuse": (404, 404),
    "segments:mailing_group": (404, 404),
    "segments:log": (404, 404),
    "segments:log_fix": (405, 404),
    "segments:entries": (404, 405),
    "segments:logged": (404, 405),
    "segments:logged_cancel": (403, 403),
    "segments:logged_reinstate": (405, 403),
    "segments:logged_follow_up": (405, 404),
    "segments:logged_reuse": (405, 404),
    "segments:of_campaign": (404, 405),
    # A draft that is not there leads to the list of drafts.
    "interactions:draft": (302, 302),
    "interactions:draft_log": (405, 302),
}
# Colleagues and templates are known to everybody; what lies behind them is not.
KNOWN = {
    "crm:salesperson",
    "interactions:salesperson_entries",
    "interactions:salesperson_statistics",
    "interactions:template",
    "interactions:template_delete",
    "interactions:template_duplicate",
    "interactions:template_file",
    "interactions:template_language",
    "interactions:template_letter",
    "interactions:template_preview",
    "segments:choices",
}
NOWHERE = {"no": "NOWHERE", "pk": 10**9, "uuid": uuid.UUID(int=1)}


def salesperson(scope):
    """A user who is a salesperson and sees as far as *scope*: own, team or all."""
    group = Group.objects.get(name="Salesperson")
    group.permissions.remove(*Permission.objects.filter(codename__in=["scope_team", "scope_all"]))
    if scope != "own":
        group.permissions.add(Permission.objects.get(codename=f"scope_{scope}"))
    return UserFactory(role="Salesperson")


def secretly(field, number):
    """SECRET, and the word "lighthouse" to search for, in what is private; numbers are only numbers."""
    if field.name in {"no", "code", "segment_no"}:
        return f"H{number}"
    text = f"{SECRET} lighthouse {number}" if field.model in PRIVATE else f"Common {number}"
    return text[: field.max_length]


def text_of(response):
    body = b"".join(response) if response.streaming else response.content
    return body.decode("utf-8", "replace")


def said(response):
    return [message.message for message in get_messages(response.wsgi_request)]


@pytest.fixture
def nosy(db, client):
    """A client whose user sees the own records only, and has one of everything."""
    client.world = one_of_everything(salesperson("own"))
    client.force_login(client.world.user)
    return client


@pytest.fixture
def hidden(db):
    """One of everything that belongs to somebody else."""
    return one_of_everything(UserFactory(role="Administrator"), secretly)


@pytest.fixture
def untouched(hidden):
    """Asserts at the end that nothing of what is hidden has changed."""

    def state():
        return [
            list(model.objects.filter(pk=row.pk).values())
            for model, row in [
                (Contact, hidden.contact),
                (InteractionLogEntry, hidden.entry),
                (InteractionLogEntry, hidden.canceled),
                (InteractionDraft, hidden.draft),
                (InteractionDraft, hidden.writing),
            ]
        ]

    before = state()
    yield
    assert state() == before


@pytest.mark.usefixtures("untouched")
class TestGuessing:
    """Numbers and ids of rows that are there, but not for this person."""

    def test_every_address_with_a_number_is_asked(self, hidden):
        shell = {"password_reset_confirm", "undo", "crm:opt_out"}  # their signatures are the permission
        assert {name for name in ADDRESSES if ADDRESSES[name](hidden)} - shell == {*GUESSED, *KNOWN}

    def test_finds_nothing_behind_any_address(self, nosy, hidden):
        for name, statuses in GUESSED.items():
            url = address(name, hidden)
            answers = nosy.get(url), nosy.post(url)
            assert tuple(answer.status_code for answer in answers) == statuses, name
            assert not any(SECRET in text_of(answer) for answer in answers), name

    def test_cannot_tell_hidden_rows_from_none(self, nosy, hidden):
        for name in GUESSED:
            arguments = {
                key: NOWHERE.get("uuid" if name.startswith("crm:job") else key, value)
                for key, value in ADDRESSES[name](hidden).items()
            }
            for method in (nosy.get, nosy.post):
                there, nowhere = method(address(name, hidden)), method(reverse(name, kwargs=arguments))
                assert there.status_code == nowhere.status_code, name
                assert there.get("Location") == nowhere.get("Location"), name
                assert said(there)[-1:] == said(nowhere)[-1:], name

    def test_finds_nothing_behind_what_everybody_knows(self, nosy, hidden):
        for name in KNOWN:
            if name.startswith("interactions:template"):  # what templates and their files say is everybody's
                continue
            response = nosy.get(address(name, hidden))
            assert response.status_code == 200, name
            assert SECRET not in text_of(response), name
        figures = nosy.get(address("interactions:salesperson_statistics", hidden)).context["figures"]
        assert (figures.count, figures.minutes, figures.last_date) == ("0", "0 min", "")
        facts = nosy.get(address("crm:salesperson", hidden)).context["facts"]
        assert [text for _column, text in facts if text not in {"", "0"}] == []
        tab = nosy.get(address("crm:salesperson", hidden), {"tab": "contacts"})
        assert tab.context["page"].rows == []

    @pytest.mark.parametrize(
        ("name", "parameter"),
        [
            ("crm:contacts", "company"),
            ("crm:contact_new", "company"),
            ("interactions:entries", "contact"),
            ("interactions:entry_statistics", "contact"),
            ("interactions:export", "contact"),
            ("interactions:postponed", "contact"),
        ],
    )
    def test_finds_no_contact_by_number_in_the_address(self, nosy, hidden, name, parameter):
        for contact in (hidden.company, hidden.contact):
            response = nosy.get(reverse(name), {parameter: contact.no})
            assert response.status_code == 200
            assert SECRET not in text_of(response)
            unknown = nosy.get(reverse(name), {parameter: "NOWHERE"})
            assert text_of(response).count(contact.no) == text_of(unknown).count("NOWHERE")

    def test_starts_no_interaction_from_hidden_rows(self, nosy, hidden):
        new = reverse("interactions:new")
        for query in ({"contact": hidden.contact.no}, {"entry": hidden.entry.pk}):
            assert nosy.get(new, query).status_code == 404
            assert nosy.post(f"{new}?{next(iter(query))}={next(iter(query.values()))}").status_code == 404

    @pytest.mark.parametrize("words", ["lighthouse", "hidden number"])
    @pytest.mark.parametrize(
        "name",
        [
            "crm:contacts",
            "crm:contact_lookup",
            "crm:contact_export",
            "interactions:entries",
            "interactions:entry_statistics",
            "interactions:export",
        ],
    )
    def test_finds_nothing_by_searching(self, nosy, hidden, name, words):
        words = hidden.contact.no if words == "hidden number" else words
        response = nosy.get(reverse(name), {"q": words})
        assert response.status_code == 200
        assert SECRET not in text_of(response)
        match name:
            case "interactions:entries":
                assert response.context["page"].rows == []
                assert response.context["listing"].total.count == 0
            case "interactions:entry_statistics":
                assert response.context["figures"].count == "0"
            case "interactions:export":
                assert response.context["count"] == 0
            case "crm:contacts":
                assert response.context["page"].rows == []
            case "crm:contact_lookup":
                assert response.json() == {"results": []}

    def test_draws_no_hidden_row_again(self, nosy, hidden):
        rows = nosy.get(reverse("interactions:entry_rows"), {"id": [hidden.entry.pk, nosy.world.entry.pk]})
        assert SECRET not in text_of(rows)
        assert [row["id"] for row in rows.context["rows"]] == [nosy.world.entry.pk]

    @pytest.mark.parametrize("name", ["bulk_cancel", "bulk_reinstate", "bulk_evaluate"])
    def test_changes_nothing_by_ticking_hidden_rows(self, nosy, hidden, name):
        for entry in (hidden.entry, hidden.canceled):
            response = nosy.post(
                reverse(f"interactions:{name}"), {"entry": entry.pk, "confirm": "1", "evaluation": "2"}
            )
            assert response.status_code == 302
            assert SECRET not in text_of(nosy.get(response["Location"]))

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_exports_nothing_by_ticking_hidden_rows(self, nosy, hidden, kind):
        for entry in (hidden.entry, nosy.world.entry):
            response = nosy.post(reverse("interactions:export"), {"entry": entry.pk, "format": kind})
            assert response.status_code == 200
            assert SECRET not in text_of(response)

    def test_deletes_logs_and_takes_over_no_hidden_draft(self, nosy, hidden):
        response = nosy.post(reverse("interactions:drafts_delete"), {"draft": [hidden.draft.uuid]})
        assert said(response) == ["Nothing was deleted: these drafts are gone already."]
        for draft in (hidden.draft, hidden.writing):
            response = nosy.post(
                reverse("interactions:new"), {"draft": draft.uuid, "do": "keep", "description": "mine now"}
            )
            assert response.status_code == 422
            assert draft.description not in response.content.decode().replace("mine now", "")
            assert not InteractionDraft.objects.filter(description="mine now").exists()

    def test_writes_about_no_hidden_contact(self, nosy, hidden):
        sheet = {"contact": hidden.contact.no, "do": "log", "template": nosy.world.template.pk}
        response = nosy.post(nosy.world.draft.get_absolute_url(), sheet | {"description": "Guessed"})
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["contact"])
        person = {"number": "P1", "type": "PERSON", "name": "New", "company": hidden.company.no}
        response = nosy.post(reverse("crm:contact_new"), person)
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["company"])
        assert not Contact.objects.filter(name="New").exists()
        assert not InteractionLogEntry.objects.filter(description="Guessed").exists()


class TestTokens:
    """What the server signs is for one person, and an undo for one session."""

    def test_undo_of_somebody_else_does_nothing(self, nosy, hidden):
        entry = InteractionLogEntry.objects.filter(pk=hidden.entry.pk)
        theirs = type(nosy)()
        theirs.force_login(hidden.user)
        response = theirs.post(address("interactions:entry_cancel", hidden), {"reason": "DUPLICATE"})
        token = undo_of(response)

        again = type(nosy)()
        again.force_login(hidden.user)
        for other in (nosy, again):
            response = other.post(token)
            assert said(response)[-1] == undo.CannotUndo().for_user
            assert entry.get().is_canceled
        assert said(theirs.post(token))[-1] == "1 entry reinstated."
        assert not entry.get().is_canceled

    def test_selection_of_somebody_else_means_nothing(self, nosy, hidden):
        theirs = sign({"query": "", "highest": 10**9}, user=hidden.user)
        for name, more in [("export", {"format": "csv"}), ("bulk_cancel", {"confirm": "1"})]:
            response = nosy.post(reverse(f"interactions:{name}"), {"matching": theirs, **more})
            assert response.status_code == 302
        assert InteractionLogEntry.objects.canceled().count() == 2

    def test_selection_of_ones_own_holds_what_one_sees(self, nosy, hidden):
        mine = sign({"query": "", "highest": 10**9}, user=nosy.world.user)
        response = nosy.post(reverse("interactions:export"), {"matching": mine, "format": "csv"})
        assert SECRET not in text_of(response)
        nosy.post(reverse("interactions:bulk_cancel"), {"matching": mine, "confirm": "1"})
        assert not InteractionLogEntry.objects.get(pk=hidden.entry.pk).is_canceled
        assert InteractionLogEntry.objects.get(pk=nosy.world.entry.pk).is_canceled


def undo_of(response):
    """The address of the undo that the toast of *response* offers."""
    [message] = get_messages(response.wsgi_request)
    return reverse("undo", args=[json.loads(message.extra_tags)["undo"]])


ENTRIES = {
    "own": {"Mine"},
    "team": {"Mine", "My mate's"},
    "all": {"Mine", "My mate's", "The others'", "Nobody's"},
}
CONTACTS = {
    "own": {"Mine AG", "Peter of Mine", "Nobody's AG"},
    "team": {"Mine AG", "Peter of Mine", "Nobody's AG", "Mate AG"},
    "all": {"Mine AG", "Peter of Mine", "Nobody's AG", "Mate AG", "Others AG"},
}


@pytest.fixture(params=["own", "team", "all"])
def scoped(request, db, client):
    """A client with a scope: rows of mine, of a mate in my team, of another team, and of nobody."""
    client.scope = request.param
    user = client.user = salesperson(request.param)
    near, far = TeamFactory(), TeamFactory()
    me = SalespersonFactory(user=user, team=near)
    mate, other = SalespersonFactory(team=near), SalespersonFactory(team=far)
    mine = ContactFactory(name="Mine AG", salesperson=me)
    ContactFactory(name="Peter of Mine", person=True, company=mine, salesperson=other)
    nobodys = ContactFactory(name="Nobody's AG")
    theirs = ContactFactory(name="Others AG", salesperson=other)
    mates = ContactFactory(name="Mate AG", salesperson=mate)
    call = InteractionTemplateFactory()

    def log(description, contact, salesperson, team):
        return InteractionLogEntryFactory(
            description=description,
            contact=contact,
            salesperson=salesperson,
            team=team,
            template=call,
            subject="Lux",
            minutes=1,
            date=timezone.localdate(),
        )

    log("Mine", mates, me, near)
    log("My mate's", theirs, mate, near)
    client.others = log("The others'", mine, other, far)
    log("Nobody's", nobodys, None, None)
    client.force_login(user)
    return client


class TestScope:
    """The same rows in the list, in searches, in exports and in every count."""

    @pytest.fixture
    def entries(self, scoped):
        return ENTRIES[scoped.scope]

    @pytest.fixture
    def contacts(self, scoped):
        return CONTACTS[scoped.scope]

    @pytest.mark.parametrize("query", [{}, {"q": "lux"}, {"canceled": "no"}])
    def test_of_entries_in_the_list_and_its_counts(self, scoped, entries, query):
        response = scoped.get(reverse("interactions:entries"), query)
        assert {row["description"] for row in response.context["page"].rows} == entries
        assert response.context["listing"].total.count == len(entries)
        [current] = [label for _url, _view, label, current in response.context["tabs"] if current]
        assert current == str(len(entries))

    def test_of_entries_in_exports(self, scoped, entries):
        offer = scoped.get(reverse("interactions:export"), {"q": "lux"})
        assert offer.context["count"] == len(entries)
        [(name, token)] = offer.context["fields"]
        answer = scoped.post(reverse("interactions:export"), {name: token, "format": "csv"})
        rows = list(csv.DictReader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))
        assert {row["Description"] for row in rows} == entries

    def test_of_entries_in_figures(self, scoped, entries):
        figures = scoped.get(reverse("interactions:entry_statistics")).context["figures"]
        assert (figures.count, figures.minutes) == (str(len(entries)), f"{len(entries)} min")
        cues = scoped.get(reverse("home"), {"team": "1"}).context["cues"]
        [logged] = [reading.value for cue, reading in cues if str(cue.label) == "Logged this week"]
        assert logged == ("1" if scoped.scope == "own" else "2")

    def test_of_a_timeline_is_that_of_its_contact(self, scoped, entries):
        """Architecture 8: a contact that one sees shows its whole timeline, and what stands there opens."""
        timeline = scoped.get(reverse("interactions:contact_entries", args=[scoped.others.contact.no]))
        assert "The others&#x27;" in text_of(timeline)
        assert scoped.get(scoped.others.get_absolute_url()).status_code == 200

    @pytest.mark.parametrize("scope", ["own", "team"])
    def test_of_an_entry_without_a_contact_is_that_of_whoever_sees_all(self, client, db, scope):
        """Architecture 8: erased entries, and those without a contact, are for the scope "all" only."""
        user, team = salesperson(scope), TeamFactory()
        me = SalespersonFactory(user=user, team=team)
        entry = InteractionLogEntryFactory(contact=None, salesperson=me, team=team)
        client.force_login(user)
        assert client.get(entry.get_absolute_url()).status_code == 404
        assert client.get(reverse("interactions:entries")).context["page"].rows == []

    @pytest.mark.parametrize("query", [{}, {"q": "ag"}, {"view": "companies"}])
    def test_of_contacts_in_the_list_and_its_counts(self, scoped, contacts, query):
        response = scoped.get(reverse("crm:contacts"), query)
        expected = contacts - {"Peter of Mine"} if query.get("view") else contacts
        assert {contact.name for contact in response.context["page"].rows} == expected
        assert response.context["page"].total.count == len(expected)

    def test_of_contacts_in_exports_and_lookups(self, scoped, contacts):
        rows = text_of(scoped.get(reverse("crm:contact_export")))
        assert {name for name in CONTACTS["all"] if name in rows} == contacts
        found = scoped.get(reverse("crm:contact_lookup"), {"q": ""}).json()["results"]
        assert {row["text"] for row in found} == contacts
