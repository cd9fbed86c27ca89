import pytest

from crm import dependents
from crm.dependents import Cells, Column, Dependent, ListFilter, ListProviders
from crm.models import Contact, Salesperson
from crm.phones import dialed
from tests.factories import ContactFactory, FollowUpFactory, InteractionLogEntryFactory, UserFactory


def column(name="shoes", **values):
    return Column(**{"name": name, "label": name, "values": lambda ids, user: {}} | values)


class TestDependents:
    def test_are_registered_once_under_a_name(self):
        shoes = Dependent(name="shoes", of=Contact, rows=lambda contacts: contacts)
        dependents.register(shoes, shoes)
        try:
            with pytest.raises(ValueError, match="shoes is registered twice"):
                dependents.register(Dependent(name="shoes", of=Contact, rows=list))
        finally:
            dependents.unregister(shoes)

    @pytest.mark.django_db
    def test_fix_the_type_only_where_they_say_so(self):
        contact = ContactFactory()
        itself = Contact.objects.filter(pk=contact.pk)
        loose = Dependent(name="loose", of=Contact, rows=lambda contacts: contacts)
        dependents.register(loose)
        try:
            assert dependents.fixing_type_of(itself) is None
        finally:
            dependents.unregister(loose)

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("make", "name"),
        [
            (lambda contact: InteractionLogEntryFactory(contact=contact), "entries"),
            (
                lambda contact: InteractionLogEntryFactory(
                    contact=ContactFactory(person=True, company=contact)
                ),
                "company_entries",
            ),
            (lambda contact: FollowUpFactory(contact=contact), "follow_ups"),
        ],
    )
    def test_of_interactions_fix_the_type(self, make, name):
        contact = ContactFactory()
        make(contact)

        assert dependents.fixing_type_of(Contact.objects.filter(pk=contact.pk)).name == name


class TestForeignKeys:
    """Every foreign key to a contact or a salesperson has a dependent, or is named here with the reason."""

    OPEN = {
        # A draft without its contact is still its author's; merging and erasing contacts will move and empty it.
        "interactions.InteractionDraft.contact",
        # Salespeople are blocked, never merged or erased: whoever points at one keeps it (PROTECT).
        "crm.Contact.salesperson",
        "crm.MarketingSetup.default_salesperson",
        "crm.TeamMember.salesperson",
        "interactions.Campaign.salesperson",
        "interactions.CampaignEntry.salesperson",
        "interactions.FollowUp.salesperson",
        "interactions.InteractionDraft.salesperson",
        "interactions.InteractionLogEntry.salesperson",
        "segments.EditedLine.own_salesperson",
        "segments.RemovedLine.own_salesperson",
        "segments.Segment.salesperson",
        "segments.SegmentLine.own_salesperson",
        # The people of a company, and what contacts are classified by: contacts know that themselves.
        "crm.Contact.company",
        "crm.ContactBusinessRelation.contact",
        "crm.ContactIndustryGroup.contact",
        "crm.ContactJobResponsibility.contact",
        "crm.ContactMailingGroup.contact",
        # A contact in an open segment is kept (PROTECT); merging and erasing contacts will move and remove its lines.
        "segments.EditedLine.contact",
        "segments.RemovedLine.contact",
        "segments.SegmentLine.contact",
    }
    COVERED = {
        "entries": "interactions.InteractionLogEntry.contact",
        "company_entries": "interactions.InteractionLogEntry.contact_company",
        "follow_ups": "interactions.FollowUp.contact",
        "opt_outs": "crm.OptOut.contact",
    }
    THROUGH_ENTRIES = {"deliveries", "documents"}

    def test_are_covered_or_named(self):
        pointing = {
            f"{relation.related_model._meta.label}.{relation.field.name}"
            for model in (Contact, Salesperson)
            for relation in model._meta.get_fields(include_hidden=True)
            if (relation.one_to_many or relation.one_to_one)
            and relation.auto_created
            and not relation.related_model._meta.auto_created
        }
        assert pointing == self.OPEN | set(self.COVERED.values())
        assert set(dependents._dependents) == set(self.COVERED) | self.THROUGH_ENTRIES


@pytest.mark.django_db
class TestListProviders:
    def test_hold_each_name_once(self):
        providers = ListProviders()
        providers.add(column())

        with pytest.raises(ValueError, match="shoes is registered twice"):
            providers.add(column())

    def test_give_columns_in_order_and_by_permission(self):
        providers = ListProviders()
        providers.add(
            column("late", order=20),
            column("early", order=10),
            column("secret", permission="crm.delete_contact"),
            ListFilter(name="filter", filter=object()),
        )

        assert [each.name for each in providers.columns(UserFactory())] == ["early", "late"]
        assert [each.name for each in providers.columns(UserFactory(is_superuser=True))] == [
            "early",
            "late",
            "secret",
        ]

    def test_give_filters_that_nobody_else_has(self):
        providers, shared = ListProviders(), {"choices": []}
        providers.add(ListFilter(name="filter", filter=shared))

        copy = providers.filters(UserFactory())["filter"]
        copy["choices"].append(1)

        assert shared == {"choices": []}


@pytest.mark.django_db
class TestCells:
    def test_ask_once_for_all_rows_and_only_when_read(self):
        asked = []
        providers = ListProviders()
        providers.add(
            column(values=lambda ids, user: asked.append(ids) or {ids[0]: 44}, show="size {}".format)
        )
        rows = [ContactFactory(), ContactFactory()]

        cells = Cells(providers, UserFactory(), rows)
        assert asked == []

        assert [[text for _column, text in provided] for _row, provided in cells] == [["size 44"], [""]]
        assert asked == [[row.pk for row in rows]]

    def test_ask_nothing_for_an_empty_page(self):
        providers = ListProviders()
        providers.add(column(values=None))

        assert list(Cells(providers, UserFactory(), [])) == []


class TestDialed:
    @pytest.mark.parametrize(
        ("number", "digits"),
        [
            ("+33 6 99 00 42 17", "+33699004217"),
            ("+44 (0) 1632 960-064", "+441632960064"),
            ("(0) 812 555", "0812555"),
            ("*21#", "*21#"),
            ("", ""),
        ],
    )
    def test_is_what_a_telephone_takes(self, number, digits):
        assert dialed(number) == digits
