"""Who may do what: every address, for everybody, by every method; and nobody finds what is not his or hers to see."""

from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import (
    UserFactory,
)
from tests.journeys.addresses import ADDRESSES, address, named_patterns
from tests.journeys.world import one_of_everything

PUBLIC = {
    "login",
    "password_reset",
    "password_reset_confirm",
    "crm:opt_out",
    "set_language",
    "livez",
    "readyz",
    "admin:login",
}
ROLES = ["anonymous", "reader", "own", "team", "manager", "administrator"]

# 302 stands for "to the sign-in page" where the person is anonymous, and after a POST for "done, go on there".
STATUSES = """
                                          anonymous  reader  own  team  manager  administrator
home                                GET         302     200  200   200      200            200
home                                POST        302     405  405   405      405            405
login                               GET         200     302  302   302      302            302
login                               POST        422     302  302   302      302            302
logout                              GET         302     405  405   405      405            405
logout                              POST        302     302  302   302      302            302
password_change                     GET         302     200  200   200      200            200
password_change                     POST        302     422  422   422      422            422
password_reset                      GET         200     200  200   200      200            200
password_reset                      POST        422     422  422   422      422            422
password_reset_confirm              GET         200     200  200   200      200            200
password_reset_confirm              POST        200     200  200   200      200            200
preferences                         GET         302     200  200   200      200            200
preferences                         POST        302     200  200   200      200            200
set_language                        GET         405     405  405   405      405            405
set_language                        POST        302     302  302   302      302            302
set_theme                           GET         302     405  405   405      405            405
set_theme                           POST        302     302  302   302      302            302
undo                                GET         302     405  405   405      405            405
undo                                POST        302     302  302   302      302            302
livez                               GET         200     200  200   200      200            200
livez                               POST        405     405  405   405      405            405
readyz                              GET         200     200  200   200      200            200
readyz                              POST        405     405  405   405      405            405
crm:contacts                        GET         302     200  200   200      200            200
crm:contacts                        POST        302     405  405   405      405            405
crm:contact_new                     GET         302     403  200   200      200            200
crm:contact_new                     POST        302     403  422   422      422            422
crm:contact_lookup                  GET         302     200  200   200      200            200
crm:contact_lookup                  POST        302     405  405   405      405            405
crm:contact_export                  GET         302     403  200   200      200            200
crm:contact_export                  POST        302     405  405   405      405            405
crm:contact                         GET         302     200  200   200      200            200
crm:contact                         POST        302     405  405   405      405            405
crm:contact_edit                    GET         302     403  200   200      200            200
crm:contact_edit                    POST        302     403  422   422      422            422
crm:contact_block                   GET         302     405  405   405      405            405
crm:contact_block                   POST        302     403  302   302      302            302
crm:contact_unblock                 GET         302     405  405   405      405            405
crm:contact_unblock                 POST        302     403  302   302      302            302
crm:jobs                            GET         302     200  200   200      200            200
crm:jobs                            POST        302     405  405   405      405            405
crm:job                             GET         302     200  200   200      200            200
crm:job                             POST        302     405  405   405      405            405
crm:job_file                        GET         302     200  200   200      200            200
crm:job_file                        POST        302     405  405   405      405            405
crm:opt_out                         GET         200     200  200   200      200            200
crm:opt_out                         POST        200     200  200   200      200            200
crm:salespeople                     GET         302     200  200   200      200            200
crm:salespeople                     POST        302     405  405   405      405            405
crm:salesperson                     GET         302     200  200   200      200            200
crm:salesperson                     POST        302     405  405   405      405            405
interactions:new                    GET         302     403  200   200      200            200
interactions:new                    POST        302     403  302   302      302            302
interactions:postponed              GET         302     403  200   200      200            200
interactions:postponed              POST        302     403  405   405      405            405
interactions:postponed_card         GET         302     403  200   200      200            200
interactions:postponed_card         POST        302     403  405   405      405            405
interactions:drafts_delete          GET         302     403  405   405      405            405
interactions:drafts_delete          POST        302     403  302   302      302            302
interactions:draft                  GET         302     403  200   200      200            200
interactions:draft                  POST        302     403  302   302      302            302
interactions:draft_log              GET         302     403  405   405      405            405
interactions:draft_log              POST        302     403  302   302      302            302
interactions:draft_file             GET         302     200  200   200      200            200
interactions:draft_file             POST        302     405  405   405      405            405
interactions:draft_preview          GET         302     403  200   200      200            200
interactions:draft_preview          POST        302     405  405   405      405            405
interactions:draft_letter           GET         302     403  200   200      200            200
interactions:draft_letter           POST        302     405  405   405      405            405
interactions:templates              GET         302     200  200   200      200            200
interactions:templates              POST        302     405  405   405      405            405
interactions:template_new           GET         302     403  403   403      200            200
interactions:template_new           POST        302     403  403   403      422            422
interactions:starter_file           GET         302     200  200   200      200            200
interactions:starter_file           POST        302     405  405   405      405            405
interactions:template               GET         302     200  200   200      200            200
interactions:template               POST        302     403  403   403      422            422
interactions:template_duplicate     GET         302     403  403   403      200            200
interactions:template_duplicate     POST        302     403  403   403      422            422
interactions:template_delete        GET         302     403  403   403      200            200
interactions:template_delete        POST        302     403  403   403      422            422
interactions:template_language      GET         302     405  405   405      405            405
interactions:template_language      POST        302     403  403   403      422            422
interactions:template_preview       GET         302     200  200   200      200            200
interactions:template_preview       POST        302     405  405   405      405            405
interactions:template_letter        GET         302     200  200   200      200            200
interactions:template_letter        POST        302     405  405   405      405            405
interactions:template_file          GET         302     200  200   200      200            200
interactions:template_file          POST        302     405  405   405      405            405
interactions:entries                GET         302     200  200   200      200            200
interactions:entries                POST        302     405  405   405      405            405
interactions:entry_rows             GET         302     200  200   200      200            200
interactions:entry_rows             POST        302     405  405   405      405            405
interactions:entry_statistics       GET         302     200  200   200      200            200
interactions:entry_statistics       POST        302     405  405   405      405            405
interactions:entry                  GET         302     200  200   200      200            200
interactions:entry                  POST        302     405  405   405      405            405
interactions:entry_cancel           GET         302     403  200   200      200            200
interactions:entry_cancel           POST        302     403  302   302      302            302
interactions:entry_reinstate        GET         302     405  405   405      405            405
interactions:entry_reinstate        POST        302     403  302   302      302            302
interactions:entry_evaluate         GET         302     405  405   405      405            405
interactions:entry_evaluate         POST        302     403  302   302      302            302
interactions:entry_comments         GET         302     405  405   405      405            405
interactions:entry_comments         POST        302     403  422   422      422            422
interactions:entry_message          GET         302     200  200   200      200            200
interactions:entry_message          POST        302     405  405   405      405            405
interactions:entry_attachment       GET         302     200  200   200      200            200
interactions:entry_attachment       POST        302     405  405   405      405            405
interactions:entry_source           GET         302     403  403   403      200            200
interactions:entry_source           POST        302     405  405   405      405            405
interactions:entry_resend           GET         302     403  200   200      200            200
interactions:entry_resend           POST        302     403  422   422      422            422
interactions:delivery_problems      GET         302     403  200   200      200            200
interactions:delivery_problems      POST        302     403  405   405      405            405
interactions:print_letters          GET         302     403  405   405      405            405
interactions:print_letters          POST        302     403  302   302      302            302
interactions:delivery_decide        GET         302     403  405   405      405            405
interactions:delivery_decide        POST        302     403  302   302      302            302
interactions:bulk_cancel            GET         302     405  405   405      405            405
interactions:bulk_cancel            POST        302     403  302   302      302            302
interactions:bulk_reinstate         GET         302     405  405   405      405            405
interactions:bulk_reinstate         POST        302     403  302   302      302            302
interactions:bulk_evaluate          GET         302     405  405   405      405            405
interactions:bulk_evaluate          POST        302     403  302   302      302            302
interactions:export                 GET         302     403  200   200      200            200
interactions:export                 POST        302     403  302   302      302            302
interactions:purge                  GET         302     403  403   403      200            200
interactions:purge                  POST        302     403  403   403      422            422
interactions:contact_entries        GET         302     200  200   200      200            200
interactions:contact_entries        POST        302     405  405   405      405            405
interactions:contact_statistics     GET         302     200  200   200      200            200
interactions:contact_statistics     POST        302     405  405   405      405            405
interactions:salesperson_entries    GET         302     200  200   200      200            200
interactions:salesperson_entries    POST        302     405  405   405      405            405
interactions:salesperson_statistics GET         302     200  200   200      200            200
interactions:salesperson_statistics POST        302     405  405   405      405            405
interactions:campaigns              GET        302     200  200  200   200            200
interactions:campaigns              POST       302     405  405  405   405            405
interactions:campaign_new           GET        302     403  403  403   200            200
interactions:campaign_new           POST       302     403  403  403   422            422
interactions:campaign               GET        302     200  200  200   200            200
interactions:campaign               POST       302     405  405  405   405            405
interactions:campaign_edit          GET        302     403  403  403   200            200
interactions:campaign_edit          POST       302     403  403  403   422            422
interactions:campaign_entry_cancel  GET        302     403  403  403   200            200
interactions:campaign_entry_cancel  POST       302     403  403  403   302            302
interactions:campaign_entry_reinstate GET        302     405  405  405   405            405
interactions:campaign_entry_reinstate POST       302     403  403  403   302            302
segments:segments                   GET        302     200  200  200   200            200
segments:segments                   POST       302     405  405  405   405            405
segments:segment_new                GET        302     403  200  200   200            200
segments:segment_new                POST       302     403  422  422   422            422
segments:segments_delete            GET        302     405  405  405   405            405
segments:segments_delete            POST       302     403  302  302   302            302
segments:segment                    GET        302     200  200  200   200            200
segments:segment                    POST       302     405  405  405   405            405
segments:segment_edit               GET        302     403  200  200   200            200
segments:segment_edit               POST       302     403  422  422   422            422
segments:segment_cells              GET        302     405  405  405   405            405
segments:segment_cells              POST       302     200  200  200   200            200
segments:segment_figures            GET        302     405  405  405   405            405
segments:segment_figures            POST       302     200  200  200   200            200
segments:letter                     GET        302     405  405  405   405            405
segments:letter                     POST       302     403  422  422   422            422
segments:export                     GET        302     403  200  200   200            200
segments:export                     POST       302     405  405  405   405            405
segments:line_add                   GET        302     405  405  405   405            405
segments:line_add                   POST       302     403  422  422   422            422
segments:lines_bulk                 GET        302     405  405  405   405            405
segments:lines_bulk                 POST       302     403  302  302   302            302
segments:lines_change               GET        302     405  405  405   405            405
segments:lines_change               POST       302     403  302  302   302            302
segments:line                       GET        302     403  200  200   200            200
segments:line                       POST       302     403  302  302   302            302
segments:line_row                   GET        302     403  200  200   200            200
segments:line_row                   POST       302     405  405  405   405            405
segments:line_file                  GET        302     403  200  200   200            200
segments:line_file                  POST       302     405  405  405   405            405
segments:line_exchange              GET        302     403  200  200   200            200
segments:line_exchange              POST       302     403  422  422   422            422
segments:line_cell                  GET        302     403  200  200   200            200
segments:line_cell                  POST       302     403  302  302   302            302
segments:add_chosen                 GET        302     405  405  405   405            405
segments:add_chosen                 POST       302     403  302  302   302            302
segments:lookup                     GET        302     200  200  200   200            200
segments:lookup                     POST       302     405  405  405   405            405
segments:choices                    GET        302     403  200  200   200            200
segments:choices                    POST       302     405  405  405   405            405
segments:add                        GET        302     403  200  200   200            200
segments:add                        POST       302     403  422  422   422            422
segments:reduce                     GET        302     403  200  200   200            200
segments:reduce                     POST       302     403  422  422   422            422
segments:refine                     GET        302     403  200  200   200            200
segments:refine                     POST       302     403  422  422   422            422
segments:condition                  GET        302     403  404  404   404            404
segments:condition                  POST       302     405  405  405   405            405
segments:count                      GET        302     405  405  405   405            405
segments:count                      POST       302     403  200  200   200            200
segments:matches                    GET        302     403  302  302   302            302
segments:matches                    POST       302     405  405  405   405            405
segments:paste                      GET        302     403  200  200   200            200
segments:paste                      POST       302     403  422  422   422            422
segments:go_back                    GET        302     405  405  405   405            405
segments:go_back                    POST       302     403  302  302   302            302
segments:history                    GET        302     200  200  200   200            200
segments:history                    POST       302     405  405  405   405            405
segments:clear_history              GET        302     403  200  200   200            200
segments:clear_history              POST       302     403  302  302   302            302
segments:saved                      GET        302     403  200  200   200            200
segments:saved                      POST       302     403  422  422   422            422
segments:saved_use                  GET        302     405  405  405   405            405
segments:saved_use                  POST       302     403  302  302   302            302
segments:saved_delete               GET        302     403  200  200   200            200
segments:saved_delete               POST       302     403  302  302   302            302
segments:saved_rename               GET        302     403  200  200   200            200
segments:saved_rename               POST       302     403  422  422   422            422
segments:reuse                      GET        302     403  200  200   200            200
segments:reuse                      POST       302     403  422  422   422            422
segments:mailing_group              GET        302     403  200  200   200            200
segments:mailing_group              POST       302     403  422  422   422            422
segments:log                        GET        302     403  200  200   200            200
segments:log                        POST       302     403  422  422   422            422
segments:log_fix                    GET        302     405  405  405   405            405
segments:log_fix                    POST       302     403  302  302   302            302
segments:entries                    GET        302     200  200  200   200            200
segments:entries                    POST       302     405  405  405   405            405
segments:logged_segments            GET        302     200  200  200   200            200
segments:logged_segments            POST       302     405  405  405   405            405
segments:logged_lookup              GET        302     200  200  200   200            200
segments:logged_lookup              POST       302     405  405  405   405            405
segments:logged_delete              GET        302     403  403  403   200            200
segments:logged_delete              POST       302     403  403  403   422            422
segments:logged                     GET        302     200  200  200   200            200
segments:logged                     POST       302     405  405  405   405            405
segments:logged_cancel              GET        302     403  403  403   200            200
segments:logged_cancel              POST       302     403  403  403   302            302
segments:logged_reinstate           GET        302     405  405  405   405            405
segments:logged_reinstate           POST       302     403  403  403   302            302
segments:logged_follow_up           GET        302     405  405  405   405            405
segments:logged_follow_up           POST       302     403  302  302   302            302
segments:logged_reuse               GET        302     405  405  405   405            405
segments:logged_reuse               POST       302     403  302  302   302            302
segments:of_campaign                GET        302     200  200  200   200            200
segments:of_campaign                POST       302     405  405  405   405            405
"""


def expected(role):
    """{(name, method): status} of a column of STATUSES."""
    rows = [line.split() for line in STATUSES.strip().splitlines()[1:]]
    return {(name, method): int(row[ROLES.index(role)]) for name, method, *row in rows}


def person(role):
    """A user with a role of the table; None is anonymous. A salesperson of "own" sees no further than that."""
    if role == "anonymous":
        return None
    groups = {"reader": "Reader", "manager": "Marketing manager", "administrator": "Administrator"}
    group = Group.objects.get(name=groups.get(role, "Salesperson"))
    if role == "own":
        group.permissions.remove(Permission.objects.get(codename="scope_team"))
    user = UserFactory(is_staff=role == "administrator")
    user.groups.add(group)
    return user


def browser_of(user, **options):
    client = Client(**options)
    if user is not None:
        client.force_login(user)
    return client


def ask(client, method, url):
    """The answer, read to its end."""
    response = getattr(client, method.lower())(url)
    if response.streaming:
        b"".join(response)
    return response


class Rows:
    """How many rows there are of every model, asked in one statement."""

    models = sorted(
        (model for model in apps.get_models(include_auto_created=True) if model._meta.managed),
        key=lambda model: model._meta.db_table,
    )

    @classmethod
    def count(cls):
        counts = ", ".join(
            f"(SELECT COUNT(*) FROM {connection.ops.quote_name(model._meta.db_table)})"
            for model in cls.models
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {counts}")
            return dict(zip((model._meta.label for model in cls.models), cursor.fetchone(), strict=True))

    @classmethod
    def changed(cls, before):
        """{model: number now} where it is another one than *before*."""
        return {label: count for label, count in cls.count().items() if count != before[label]}


def writes_in(queries):
    return [
        query["sql"]
        for query in queries
        if query["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE"))
    ]


class TestPublicAddresses:
    def test_are_these_and_no_others(self):
        public = {
            name
            for name, pattern in named_patterns()
            if not getattr(pattern.callback, "login_required", True)
        }
        assert public == PUBLIC

    def test_are_the_only_ones_that_answer_strangers(self, db, client):
        answered = set()
        for name, pattern in named_patterns():
            arguments = dict.fromkeys(pattern.pattern.converters, "1") | dict.fromkeys(
                (key for key, other in pattern.pattern.converters.items() if "UUID" in type(other).__name__),
                UUID(int=1),
            )
            if not name or name == "admin:app_list":
                continue  # the admin's own rest: /admin/… is asked below
            url = reverse(name, kwargs=arguments)
            for method in (client.get, client.post):
                response = method(url)
                asked_to_sign_in = response.status_code == 302 and (
                    urlsplit(response["Location"]).path in {reverse("login"), reverse("admin:login")}
                )
                if not asked_to_sign_in:
                    answered.add(name)
        assert answered == PUBLIC
        for url in ("/admin/crm/", "/admin/no/such/page/"):
            assert urlsplit(client.get(url)["Location"]).path == reverse("admin:login")

    def test_say_nothing_about_addresses_that_do_not_exist(self, db, client):
        response = client.get("/contacts/CT000001/no/such/page/")
        assert response.status_code == 404
        assert client.get("/contacts/CT000001/").status_code == 302


class TestEveryAddress:
    def test_is_in_the_table(self):
        own = {name for name, _pattern in named_patterns() if name and not name.startswith("admin:")}
        assert own == set(ADDRESSES)
        assert {name for name, _method in expected("reader")} == own

    @pytest.mark.parametrize("role", ROLES)
    def test_answers_get_as_the_table_says_and_writes_nothing(self, db, role):
        user = person(role)
        world = one_of_everything(user or UserFactory())
        client = browser_of(user)
        wrong, before = {}, Rows.count()
        for (name, method), status in expected(role).items():
            if method != "GET":
                continue
            with CaptureQueriesContext(connection) as queries:
                response = ask(client, method, address(name, world))
            if response.status_code != status:
                wrong[name] = response.status_code
            if writes_in(queries):
                wrong[f"{name} writes"] = writes_in(queries)
            if Rows.changed(before):
                wrong[f"{name} changes rows"] = Rows.changed(before)
        assert wrong == {}

    @pytest.mark.parametrize("role", ROLES)
    def test_answers_post_as_the_table_says(self, db, role):
        user = person(role)
        world = one_of_everything(user or UserFactory())
        wrong = {}
        for (name, method), status in expected(role).items():
            if method != "POST":
                continue
            with transaction.atomic():
                client = browser_of(user)
                before = Rows.count()
                response = ask(client, method, address(name, world))
                if response.status_code != status:
                    wrong[name] = response.status_code
                if response.status_code in {403, 405} and Rows.changed(before):
                    wrong[f"{name} changes rows"] = Rows.changed(before)
                transaction.set_rollback(True)
        assert wrong == {}

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_changes_nothing_by_other_methods(self, db, method):
        user = person("administrator")
        world = one_of_everything(user)
        client = browser_of(user)
        wrong, before = {}, Rows.count()
        for name in ADDRESSES:
            with CaptureQueriesContext(connection) as queries:
                response = ask(client, method, address(name, world))
            if response.status_code >= 500 or writes_in(queries) or Rows.changed(before):
                wrong[name] = response.status_code
        assert wrong == {}

    @pytest.mark.parametrize("role", ["anonymous", "administrator"])
    def test_refuses_a_post_without_a_token(self, db, role):
        user = person(role)
        world = one_of_everything(user or UserFactory())
        client = browser_of(user, enforce_csrf_checks=True)
        before = Rows.count()
        answers = {name: client.post(address(name, world)).status_code for name in ADDRESSES}
        # Programs that read e-mail press that button, and have no token but the one in its address.
        assert answers == dict.fromkeys(ADDRESSES, 403) | {"crm:opt_out": 200}
        assert not Rows.changed(before)


class TestAdmin:
    """/admin/ is for staff, and shows them no more than their permissions."""

    def pages(self, world):
        rows = {
            "crm_salesperson": world.salesperson,
            "auth_group": world.user.groups.first() or Group.objects.first(),
            "crm_team": world.team,
            "crm_user": world.user,
            "crm_numberseries": world.series,
            "crm_salutation": world.salutation,
            "interactions_interactiongroup": world.group,
            "interactions_interactiontemplate": world.template,
            "interactions_campaign": world.campaign,
            "interactions_documentkind": world.document_kind,
            "interactions_interactionlogentry": world.entry,
        }
        for name, row in rows.items():
            yield name, "changelist", reverse(f"admin:{name}_changelist")
            yield name, "add", reverse(f"admin:{name}_add")
            yield name, "change", reverse(f"admin:{name}_change", args=[row.pk])
            yield name, "delete", reverse(f"admin:{name}_delete", args=[row.pk])
            yield name, "history", reverse(f"admin:{name}_history", args=[row.pk])

    @pytest.mark.parametrize("role", ["reader", "own", "team", "manager"])
    def test_is_closed_to_whoever_is_no_staff(self, db, role):
        world = one_of_everything(person(role))
        client = browser_of(world.user)
        for name, page, url in self.pages(world):
            for method in (client.get, client.post):
                response = method(url)
                assert response.status_code == 302, (name, page)
                assert urlsplit(response["Location"]).path == reverse("admin:login"), (name, page)

    def test_opens_setup_to_an_administrator_and_writes_nothing_meanwhile(self, db):
        world = one_of_everything(person("administrator"))
        client = browser_of(world.user)
        before = Rows.count()
        answers = {(name, page): client.get(url).status_code for name, page, url in self.pages(world)}
        ledger = "interactions_interactionlogentry"
        assert {key for key, status in answers.items() if status == 403} == {
            (ledger, "add"),
            (ledger, "delete"),
        }
        # In use, so they stay, and the page of the row says why.
        assert {key for key, status in answers.items() if status == 302} == {
            ("crm_salesperson", "delete"),
            ("crm_team", "delete"),
            ("crm_user", "delete"),
            ("crm_numberseries", "delete"),
            ("crm_salutation", "delete"),
            ("auth_group", "delete"),
            ("interactions_interactiongroup", "delete"),
            ("interactions_interactiontemplate", "delete"),
            ("interactions_campaign", "delete"),
            ("interactions_documentkind", "delete"),
        }
        assert set(answers.values()) == {200, 302, 403}
        assert not Rows.changed(before)

    def test_shows_staff_no_entry_outside_their_scope(self, db):
        stranger = one_of_everything(UserFactory())
        user = person("own")
        user.is_staff = True
        user.save()
        mine = one_of_everything(user)
        client = browser_of(user)
        listed = client.get(reverse("admin:interactions_interactionlogentry_changelist"))
        shown = {entry.pk for entry in listed.context["cl"].result_list}
        assert mine.entry.pk in shown
        assert stranger.entry.pk not in shown
        url = reverse("admin:interactions_interactionlogentry_change", args=[stranger.entry.pk])
        assert client.get(url).status_code in {302, 403, 404}
