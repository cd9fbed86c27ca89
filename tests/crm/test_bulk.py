import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import CharField, DateField, Value
from django.db.models.functions import Concat

from crm.bulk import Among, insert_from_select
from crm.models import Contact, Salesperson
from interactions.models import EntryComment, FollowUp, InteractionLogEntry
from tests.factories import (
    DAY,
    MORNING,
    ContactFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def follow_ups(contacts, by):
    """The columns of one follow-up for each contact."""
    return insert_from_select(
        FollowUp,
        contacts,
        contact="pk",
        salesperson="salesperson",
        description=Concat(Value("Call "), "name", output_field=CharField()),
        due_date=Value(DAY, output_field=DateField()),
        created_by=Value(by.pk),
        created_at=Value(MORNING),
    )


class TestInsertFromSelect:
    def test_writes_one_row_for_each_row_of_the_queryset(self):
        marta, by = SalespersonFactory(), UserFactory()
        ferrer = ContactFactory(name="Ferrer Logística", salesperson=marta)
        sever = ContactFactory(name="ООО «Северный свет»", salesperson=marta)
        ContactFactory(name="Nobody's")

        assert follow_ups(Contact.objects.filter(salesperson__isnull=False), by) == 2
        written = FollowUp.objects.order_by("contact").values_list(
            "contact", "salesperson", "description", "due_date", "created_at", "done_at"
        )
        assert list(written) == [
            (ferrer.pk, marta.pk, "Call Ferrer Logística", DAY, MORNING, None),
            (sever.pk, marta.pk, "Call ООО «Северный свет»", DAY, MORNING, None),
        ]

    def test_gives_ids_in_the_order_of_the_queryset(self):
        for name in ("B", "C", "A"):
            ContactFactory(name=name, salesperson=SalespersonFactory())
        follow_ups(Contact.objects.order_by("-name"), UserFactory())
        written = FollowUp.objects.order_by("pk").values_list("description", flat=True)
        assert list(written) == ["Call C", "Call B", "Call A"]

    def test_keeps_the_order_of_the_columns_when_names_and_expressions_are_mixed(self):
        entry = InteractionLogEntryFactory(description="Site survey")
        insert_from_select(
            EntryComment,
            InteractionLogEntry.objects.all(),
            created_by="logged_by",
            text=Concat(Value("About: "), "description"),
            created_at="logged_at",
            entry="pk",
            date="date",
        )
        comment = EntryComment.objects.get()
        assert (comment.entry, comment.text) == (entry, "About: Site survey")
        assert (comment.date, comment.created_at) == (entry.date, entry.logged_at)
        assert comment.created_by == entry.logged_by

    def test_takes_one_statement_however_many_rows(self, django_assert_num_queries):
        salesperson, by = SalespersonFactory(), UserFactory()
        ContactFactory.create_batch(30, salesperson=salesperson)
        with django_assert_num_queries(1):
            assert follow_ups(Contact.objects.all(), by) == 30

    def test_writes_nothing_from_an_empty_queryset(self):
        assert follow_ups(Contact.objects.none(), UserFactory()) == 0
        assert follow_ups(Contact.objects.filter(name="nobody"), UserFactory()) == 0
        assert not FollowUp.objects.exists()

    def test_leaves_constraints_to_the_database(self):
        ContactFactory(salesperson=None)  # a follow-up needs a salesperson
        with pytest.raises(IntegrityError), transaction.atomic():
            follow_ups(Contact.objects.all(), UserFactory())

    def test_refuses_a_field_that_the_model_does_not_have(self):
        with pytest.raises(FieldDoesNotExist):
            insert_from_select(Salesperson, Contact.objects.all(), nickname="name")


class TestAmong:
    MANY = 100_000  # more than a query may have parameters

    def test_holds_more_texts_than_a_query_has_parameters(self, django_assert_num_queries):
        there = {ContactFactory(no=no).no for no in ("CT900001", "ÑÉ'\"\\{1}")}
        ContactFactory(no="CT900003")
        texts = [*there, *(f"X{number}" for number in range(self.MANY))]
        with django_assert_num_queries(1):
            found = set(Contact.objects.filter(no__in=Among(texts)).values_list("no", flat=True))
        assert found == there
        assert Contact.objects.exclude(no__in=Among(texts)).get().no == "CT900003"

    def test_of_nothing_finds_nothing(self):
        ContactFactory()
        assert not Contact.objects.filter(no__in=Among([])).exists()
