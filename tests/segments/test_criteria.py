import datetime as dt
import json

import pytest
from django.contrib.auth.models import Permission
from django.utils import translation

from crm import clock
from crm.models import Channel, Contact, ContactType, User
from interactions.models import Evaluation
from segments.criteria import (
    ENTIRE_COMPANIES,
    EXPAND_COMPANIES,
    FIELDS,
    IGNORE_EXCLUSION,
    MOST_CONDITIONS,
    MOST_VALUES,
    RELATED_COMPANIES,
    BadCondition,
    Condition,
    Recipe,
    Sentences,
)
from tests.factories import (
    CampaignFactory,
    ContactBusinessRelationFactory,
    ContactFactory,
    ContactIndustryGroupFactory,
    ContactJobResponsibilityFactory,
    ContactMailingGroupFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    LoggedSegmentFactory,
    MailingGroupFactory,
    SalespersonFactory,
    SegmentFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def recipe(*conditions, options=()):
    return Recipe(tuple(Condition(*condition) for condition in conditions), frozenset(options))


def everybody():
    """Whoever may ask everything and sees all."""
    return UserFactory(is_superuser=True)


def found(*conditions, options=()):
    """Those whom an Add of these conditions would find, in the order they were made."""
    wanted = recipe(*conditions, options=options).checked(everybody())
    return list(wanted.found_in(Contact.objects.all()).filter(wanted.addable()).order_by("pk"))


class TestContactFields:
    @pytest.mark.parametrize(
        ("name", "value", "yes", "no"),
        [
            ("no", "CT1*", {"no": "CT100"}, {"no": "CT200"}),
            ("type", ["PERSON"], {"type": ContactType.PERSON}, {"type": ContactType.COMPANY}),
            ("name", "ferrer", {"name": "Ferrer Instruments"}, {"name": "Brisa"}),
            ("post_code", "08001..08099", {"post_code": "08013"}, {"post_code": "28001"}),
            ("city", "barcelona|girona", {"city": "Girona"}, {"city": "Madrid"}),
            ("country", ["ES", "PT"], {"country": "PT"}, {"country": "FR"}),
            ("language", ["fr"], {"language": "fr"}, {"language": "fr-CH"}),
            ("channel", ["EMAIL"], {"channel": Channel.EMAIL}, {"channel": ""}),
        ],
    )
    def test_match_what_they_ask_and_not_when_turned(self, name, value, yes, no):
        yes, no = ContactFactory(**yes), ContactFactory(**no)
        operator, *others = [operator.name for operator in FIELDS[name].operators]
        assert found((name, operator, value)) == [yes]
        if others == ["is_not"]:
            assert found((name, "is_not", value)) == [no]

    def test_name_takes_words_or_an_expression(self):
        ferrer, valls = ContactFactory(name="Ferrer Instruments"), ContactFactory(name="Valls")
        assert found(("name", "contains", "instr ferr")) == [ferrer]
        assert found(("name", "matches", "@valls|x*")) == [valls]
        assert found(("name", "matches", "<>*ferrer*")) == [valls]

    def test_salesperson_knows_those_that_nobody_has(self):
        ana = SalespersonFactory(code="ANA")
        SalespersonFactory(code="BEA")
        of_ana, of_nobody = ContactFactory(salesperson=ana), ContactFactory()
        assert found(("salesperson", "is", ["ANA"])) == [of_ana]
        assert found(("salesperson", "is", [""])) == [of_nobody]
        assert found(("salesperson", "is", ["", "ANA"])) == [of_ana, of_nobody]
        assert found(("salesperson", "is_not", ["ANA"])) == [of_nobody]
        assert found(("salesperson", "is_not", [""])) == [of_ana]
        assert found(("salesperson", "is_not", ["BEA"])) == [of_ana, of_nobody]

    def test_territory(self):
        north = TerritoryFactory(code="NORTH")
        there, elsewhere = ContactFactory(territory=north), ContactFactory()
        assert found(("territory", "is", ["NORTH"])) == [there]
        assert found(("territory", "is_not", ["NORTH"])) == [elsewhere]

    def test_no_conditions_find_everybody(self):
        assert len({ContactFactory(), ContactFactory()}) == len(found())


class TestLists:
    def test_mailing_group_and_job_responsibility_are_the_contacts_own(self):
        company = ContactFactory()
        person = ContactFactory(person=True, company=company)
        for link, name in (
            (ContactMailingGroupFactory(contact=company).mailing_group, "mailing_group"),
            (ContactJobResponsibilityFactory(contact=company).job_responsibility, "job_responsibility"),
        ):
            assert found((name, "is", [link.code])) == [company]
            assert found((name, "is_not", [link.code])) == [person]

    def test_industry_group_and_business_relation_are_the_companys(self):
        company, stranger = ContactFactory(), ContactFactory(person=True)
        person = ContactFactory(person=True, company=company)
        for link, name in (
            (ContactIndustryGroupFactory(contact=company).industry_group, "industry_group"),
            (ContactBusinessRelationFactory(contact=company).business_relation, "business_relation"),
        ):
            assert found((name, "is", [link.code])) == [company, person]
            assert found((name, "is_not", [link.code])) == [stranger]

    def test_several_values_of_a_list_find_a_contact_once(self):
        contact = ContactFactory()
        codes = [ContactMailingGroupFactory(contact=contact).mailing_group.code for _number in range(2)]
        assert found(("mailing_group", "is", codes)) == [contact]


class TestInteractions:
    @pytest.fixture
    def met(self):
        """(contact, entry of it), beside a contact with another entry."""
        InteractionLogEntryFactory(date=dt.date(2025, 1, 1))
        entry = InteractionLogEntryFactory(
            campaign=CampaignFactory(),
            evaluation=Evaluation.POSITIVE,
            segment_no="SM00007",
            date=dt.date(2026, 11, 10),
        )
        return entry.contact, entry

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("interaction_template", lambda entry: [entry.template.code]),
            ("interaction_group", lambda entry: [entry.group.code]),
            ("interaction_evaluation", lambda entry: [str(entry.evaluation)]),
            ("interaction_campaign", lambda entry: [entry.campaign.no]),
            ("interaction_segment", lambda entry: "sm00007"),
            ("interaction_salesperson", lambda entry: [entry.salesperson.code]),
        ],
    )
    def test_match_by_one_value(self, met, name, value):
        contact, entry = met
        operator, *others = [operator.name for operator in FIELDS[name].operators]
        assert found((name, operator, value(entry))) == [contact]
        if others:
            assert contact not in found((name, "is_not", value(entry)))
            assert len(found((name, "is_not", value(entry)))) == 1

    def test_match_by_day(self, met):
        contact, _entry = met
        assert found(("interaction_date", "since", "2026-11-10")) == [contact]
        assert found(("interaction_date", "since", "2026-11-11")) == []
        assert contact not in found(("interaction_date", "before", "2026-11-10"))
        days = (clock.today() - dt.date(2026, 11, 10)).days
        assert found(("interaction_date", "within", days)) == [contact]
        assert found(("interaction_date", "within", days - 1)) == []

    def test_one_interaction_must_meet_them_all(self):
        contact = ContactFactory()
        call, visit = InteractionTemplateFactory(), InteractionTemplateFactory()
        InteractionLogEntryFactory(contact=contact, template=call, date=dt.date(2026, 11, 10))
        InteractionLogEntryFactory(contact=contact, template=visit, date=dt.date(2025, 11, 10))
        in_november = ("interaction_date", "since", "2026-11-01")
        assert found(("interaction_template", "is", [call.code]), in_november) == [contact]
        assert found(("interaction_template", "is", [visit.code]), in_november) == []

    def test_canceled_ones_do_not_count(self):
        entry = InteractionLogEntryFactory(canceled=True)
        assert found(("interaction_template", "is", [entry.template.code])) == []
        assert found(("last_interaction", "not_within", 100)) == [entry.contact]

    def test_not_contacted_since_looks_at_a_company_and_its_people(self):
        company = ContactFactory()
        person = ContactFactory(person=True, company=company)
        colleague = ContactFactory(person=True, company=company)
        InteractionLogEntryFactory(contact=person, date=dt.date(2026, 11, 10))
        assert found(("last_interaction", "not_since", "2026-11-10")) == [colleague]
        assert found(("last_interaction", "not_since", "2026-11-11")) == [company, person, colleague]

    def test_an_attempt_that_failed_reached_nobody(self):
        entry = InteractionLogEntryFactory(attempt_failed=True)
        assert found(("last_interaction", "not_since", "2020-01-01")) == [entry.contact]

    def test_those_of_a_logged_segment_are_found_by_it(self):
        logged = LoggedSegmentFactory()
        entry = InteractionLogEntryFactory(logged_segment=logged)
        InteractionLogEntryFactory(logged_segment=logged, canceled=True)
        wanted = Recipe.of_logged_segment(logged).checked(everybody())
        assert list(wanted.found_in(Contact.objects.all())) == [entry.contact]


@pytest.fixture
def group():
    return MailingGroupFactory(code="VIP")


IN_GROUP = ("mailing_group", "is", ["VIP"])


def member(group, **contact):
    return ContactMailingGroupFactory(mailing_group=group, contact=ContactFactory(**contact)).contact


class TestOptionsOfAdd:
    @pytest.mark.case("CS-030", "CS-031")
    @pytest.mark.parametrize("options", [[RELATED_COMPANIES], []])
    def test_a_company_that_is_a_member_itself_comes_once(self, group, options):
        a = member(group)
        b, c = member(group, person=True), member(group, person=True, company=a)
        assert found(IN_GROUP, options=options) == [a, b, c]

    @pytest.mark.case("CS-032")
    def test_unrelated_members_come_without_any_option(self, group):
        three = [member(group), member(group, person=True), member(group, person=True)]
        assert found(IN_GROUP) == three

    @pytest.mark.case("CS-034")
    def test_a_company_that_nobody_belongs_to_stays_out(self, group):
        ContactFactory()
        b, c = member(group, person=True), member(group, person=True)
        assert found(IN_GROUP, options=[RELATED_COMPANIES]) == [b, c]

    @pytest.mark.case("CS-035")
    def test_the_company_of_a_member_comes_when_related_companies_are_wanted(self, group):
        a = ContactFactory()
        b, c = member(group, person=True), member(group, person=True, company=a)
        assert found(IN_GROUP) == [b, c]
        assert found(IN_GROUP, options=[RELATED_COMPANIES]) == [a, b, c]

    def test_everyone_in_the_companies_found(self, group):
        a = ContactFactory()
        b, colleague = member(group, person=True, company=a), ContactFactory(person=True, company=a)
        loner = member(group, person=True)
        ContactFactory(person=True)
        assert found(IN_GROUP, options=[EXPAND_COMPANIES]) == [a, b, colleague, loner]

    def test_exclusion_comes_last(self, group):
        a = ContactFactory(exclude_from_segment=True)
        b = member(group, person=True, company=a)
        both = [EXPAND_COMPANIES, RELATED_COMPANIES]
        assert found(IN_GROUP, options=both) == [b]
        assert found(IN_GROUP, options=[*both, IGNORE_EXCLUSION]) == [a, b]

    def test_blocked_contacts_never_come(self, group):
        member(group, privacy_blocked=True)
        assert found(IN_GROUP, options=[IGNORE_EXCLUSION]) == []


class TestOptionsOfReduce:
    def hits(self, contacts, *conditions, options=()):
        lines = SegmentFactory(contacts=contacts).lines.all()
        wanted = recipe(*conditions, options=options).checked(everybody())
        return [line.contact for line in wanted.hits(lines).order_by("pk")]

    def test_a_hit_is_the_line_of_that_contact(self):
        a, b = ContactFactory(country="ES"), ContactFactory()
        assert self.hits([a, b], ("country", "is", ["ES"])) == [a]
        assert self.hits([a, b]) == [a, b]

    @pytest.mark.case("XS-034")
    def test_entire_companies_cover_everyone_there(self):
        a = ContactFactory()
        p1, p2 = (ContactFactory(person=True, company=a) for _number in range(2))
        loner = ContactFactory(person=True)
        only_p1 = ("no", "matches", p1.no)
        assert self.hits([a, p1, p2, loner], only_p1) == [p1]
        assert self.hits([a, p1, p2, loner], only_p1, options=[ENTIRE_COMPANIES]) == [a, p1, p2]

    def test_entire_companies_are_asked_beyond_the_lines(self):
        a = ContactFactory()
        here, absent = (ContactFactory(person=True, company=a) for _number in range(2))
        only_absent = ("no", "matches", absent.no)
        assert self.hits([here], only_absent) == []
        assert self.hits([here], only_absent, options=[ENTIRE_COMPANIES]) == [here]

    def test_a_person_without_a_company_is_hit_alone(self):
        one, other = (ContactFactory(person=True) for _number in range(2))
        assert self.hits([one, other], ("no", "matches", one.no), options=[ENTIRE_COMPANIES]) == [one]


class TestBadConditions:
    @pytest.mark.parametrize(
        ("condition", "sentence"),
        [
            (("nonsense", "is", ["ES"]), "There is no condition “nonsense”."),
            ((["country"], "is", ["ES"]), "There is no condition"),
            (("country", "matches", "ES"), "Choose how to compare “Country/region”."),
            (("country", {}, "ES"), "Choose how to compare"),
            (("country", "is", []), "Choose a value for “Country/region”."),
            (("country", "is", None), "Choose a value"),
            (("country", "is", ["XX"]), "“Country/region” knows no “XX” any more. Choose another value."),
            (("mailing_group", "is", ["GONE"]), "“Mailing group” knows no “GONE” any more."),
            (("city", "matches", "  "), "Enter what “City” is to be."),
            (("city", "matches", ["A"]), "Enter what “City” is to be."),
            (("no", "matches", "A||B"), "has an empty part. Write for example"),
            (("last_interaction", "not_within", "x"), "Enter a number of days for “Last interaction”"),
            (("last_interaction", "not_within", -1), "Enter a number of days"),
            (("last_interaction", "not_within", 99_999_999), "Enter a number of days"),
            (("last_interaction", "not_within", float("inf")), "Enter a number of days"),
            (("last_interaction", "not_since", "2026-02-30"), "Enter a date for “Last interaction”."),
            (("last_interaction", "not_since", None), "Enter a date"),
            (("country", "is", ["ES"] + [f"X{n}" for n in range(MOST_VALUES)]), "Take fewer."),
        ],
    )
    def test_are_refused_in_one_sentence_with_their_place(self, condition, sentence):
        with pytest.raises(BadCondition) as refusal:
            recipe(("country", "is", ["ES"]), condition).checked(everybody())
        assert sentence in str(refusal.value)
        assert refusal.value.position == 1

    def test_are_refused_when_they_are_too_many(self):
        with pytest.raises(BadCondition, match=f"at most {MOST_CONDITIONS}"):
            recipe(*[("country", "is", ["ES"])] * (MOST_CONDITIONS + 1)).checked(everybody())


class TestWhoMayAsk:
    """Criteria that somebody else kept are run with the eyes of whoever runs them."""

    def asker(self, *codenames):
        user = UserFactory()
        user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
        return user

    @pytest.mark.parametrize(
        ("condition", "permission"),
        [
            (("interaction_date", "within", 30), "view_interactionlogentry"),
            (("last_interaction", "not_within", 30), "view_interactionlogentry"),
            (("logged_segment", "is", ["SM1"]), "view_loggedsegment"),
        ],
    )
    def test_needs_the_permission_of_the_field(self, condition, permission):
        LoggedSegmentFactory(segment_no="SM1", logged_by=(may := self.asker("view_segment", permission)))
        with pytest.raises(BadCondition, match="You may not ask about"):
            recipe(condition).checked(self.asker("view_segment"))
        assert recipe(condition).checked(may) == recipe(condition)

    @pytest.mark.parametrize("name", ["interaction_campaign", "logged_segment"])
    def test_names_only_what_one_sees(self, name):
        mine, other = (SalespersonFactory(user=UserFactory(role="Salesperson")) for _number in range(2))
        seen, unseen = (
            LoggedSegmentFactory(logged_by=each.user).segment_no
            if name == "logged_segment"
            else CampaignFactory(salesperson=each).no
            for each in (mine, other)
        )
        me = User.objects.get(pk=mine.user_id)
        recipe((name, "is", [seen])).checked(me)
        with pytest.raises(BadCondition, match=f"knows no “{unseen}” any more"):
            recipe((name, "is", [unseen])).checked(me)


class TestStored:
    def test_comes_back_from_json_as_it_was(self):
        wanted = recipe(
            ("country", "is", ["ES"]), ("last_interaction", "not_within", "180"), options=[EXPAND_COMPANIES]
        ).checked(everybody())
        assert Recipe.read(json.loads(json.dumps(wanted.as_json()))) == Recipe(
            (Condition("country", "is", ["ES"]), Condition("last_interaction", "not_within", 180)),
            frozenset([EXPAND_COMPANIES]),
        )

    def test_leaves_out_options_that_do_not_exist(self):
        assert Recipe.read({"options": ["nonsense"]}) == Recipe()


class TestSentences:
    @pytest.mark.parametrize(
        ("condition", "sentence"),
        [
            (("country", "is", ["ES", "PT"]), "Country/region: Spain, Portugal"),
            (("country", "is_not", ["ES"]), "Country/region is not: Spain"),
            (("no", "matches", "CT1*"), "Contact no.: CT1*"),
            (("name", "contains", "100%"), "Name contains 100%"),
            (("last_interaction", "not_within", 180), "Last interaction: none in the last 180 days"),
            (("country", "is", ["ES", "PT", "FR", "DE"]), "Country/region: Spain, Portugal, France, 1 more"),
        ],
    )
    def test_say_what_was_asked(self, condition, sentence):
        assert Sentences().of(Condition(*condition)) == sentence

    def test_name_a_value_that_is_gone_by_its_code(self):
        assert Sentences().of(Condition("mailing_group", "is", ["GONE"])) == "Mailing group: GONE"

    @pytest.mark.parametrize(
        "condition",
        [
            ("shoe_size", "is", ["44"]),
            ("country", "rhymes_with", ["ES"]),
            ("country", "is", None),
            ("country", "is", "ES"),
            ("last_interaction", "not_since", "soon"),
            (None, None, None),
        ],
    )
    def test_name_a_condition_that_there_is_no_longer(self, condition):
        sentences = Sentences()
        sentences.learn([recipe(condition)])
        assert sentences.of(Condition(*condition)) == f"Unknown condition “{condition[0]}”"

    def test_every_field_and_operator_has_one(self):
        values = {"choices": ["X"], "text": "x", "day": "2026-11-20", "days": 3}
        for field in FIELDS.values():
            for operator in field.operators:
                condition = Condition(field.name, operator.name, values[operator.kind])
                with translation.override("es"):
                    assert str(field.label) in Sentences().of(condition)
