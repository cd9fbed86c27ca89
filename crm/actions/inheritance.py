"""What a person takes over from its company, at once and later (R-82), and what a new contact starts with (R-83)."""

from functools import reduce
from operator import or_

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from crm.models import Contact, ContactType, MarketingSetup

ADDRESS = ("address", "address_2", "post_code", "city", "county")
SAME_ADDRESS = ("address", "address_2", "post_code", "city")  # what makes two addresses the same one
COMMUNICATION = ("phone_no", "mobile_phone_no", "email", "email_2", "home_page", "channel")
INHERITABLE = ("salesperson", "country", "language", *ADDRESS, *COMMUNICATION)
SEARCHED = (
    "name",
    "email",
    "email_2",
    "phone_no",
    "mobile_phone_no",
)  # company fields in a person's search text
BATCH = 500


def inherited_fields(setup):
    """The fields, each for itself, that a person takes over whatever it had before."""
    switches = {
        "salesperson": setup.inherit_salesperson,
        "country": setup.inherit_country,
        "language": setup.inherit_language,
    }
    return tuple(field for field, switched_on in switches.items() if switched_on)


def take_over(person, old_company, *, typed=()):
    """Fill *person* from its company; *old_company* is the one before, or None. Fields in *typed* stay.

    Ours: what the company leaves blank takes nothing away, what was typed in the same step is kept, and nobody is given
    a blocked salesperson.
    """
    company, setup = person.company, MarketingSetup.current()
    for field in inherited_fields(setup):
        if field not in typed and may_be_given(company, field):
            setattr(person, field, getattr(company, field))
    if setup.inherit_address and not set(ADDRESS) & set(typed):
        blank = not any(getattr(person, field) for field in SAME_ADDRESS)
        if blank or (old_company and same_address(person, old_company)):
            copy(company, person, ADDRESS)
    if setup.inherit_communication:
        for field in COMMUNICATION:
            own = getattr(person, field)
            follows = not own or (old_company and own == getattr(old_company, field))
            if field not in typed and follows:
                setattr(person, field, getattr(company, field))


def fill_defaults(contact, *, by):
    """Fill what is still blank in a new *contact*: the user's own salesperson first, then the setup's."""
    setup = MarketingSetup.current()
    if contact.salesperson is None:
        candidates = (by.own_salesperson, setup.default_salesperson)
        contact.salesperson = next((one for one in candidates if one and one.is_available), None)
    for field, default in (
        ("country", setup.default_country),
        ("language", setup.default_language),
        ("channel", setup.default_channel),
    ):
        if not getattr(contact, field):
            setattr(contact, field, default)
    if contact.salutation is None:
        contact.salutation = default_salutation(contact.type)


def default_salutation(contact_type):
    setup = MarketingSetup.current()
    if contact_type == ContactType.PERSON:
        return setup.default_person_salutation
    return setup.default_company_salutation


def pass_on(company, old):
    """Bring the people of *company*, which was *old* (a Contact) before, up to date; return how many changed.

    The name always; another field only where the person's value was the company's old one, if the setup says so. One
    UPDATE, then the search text of the people in batches when something searched has changed.
    """
    setup = MarketingSetup.current()
    changes, followers = {}, []

    def let_follow(condition, fields):
        followers.append(condition)
        changes.update({field: where(condition, field, getattr(company, field)) for field in fields})

    changed = {field for field in INHERITABLE if getattr(company, field) != getattr(old, field)}
    alone = inherited_fields(setup) + (COMMUNICATION if setup.inherit_communication else ())
    for field in changed.intersection(alone):
        if field == "salesperson" and company.salesperson and not company.salesperson.is_available:
            continue
        let_follow(having(field, getattr(old, field)), [field])
    if setup.inherit_address and changed.intersection(ADDRESS):
        let_follow(Q(**{field: getattr(old, field) for field in SAME_ADDRESS}), ADDRESS)

    people = Contact.objects.people_of(company)
    if company.name != old.name:
        changes["company_name"] = Value(company.name)
        to_change = people
    elif followers:
        to_change = people.filter(reduce(or_, followers))
    else:
        return 0
    count = to_change.update(**changes, modified_at=timezone.now())
    if any(getattr(company, field) != getattr(old, field) for field in SEARCHED):
        refill_search_text(people)
    return count


def refill_search_text(contacts):
    """Write the search text of *contacts* (a queryset) again, in batches of ids, so memory stays flat."""
    last = 0
    while batch := list(contacts.filter(pk__gt=last).select_related("company").order_by("pk")[:BATCH]):
        for contact in batch:
            contact.fill_derived()
        Contact.objects.bulk_update(batch, ["search_text"])
        last = batch[-1].pk


# --- helpers ----------------------------------------------------------------------------------------------------------


def may_be_given(company, field):
    value = getattr(company, field)
    return value.is_available if field == "salesperson" and value else bool(value)


def same_address(person, company):
    return all(getattr(person, field) == getattr(company, field) for field in SAME_ADDRESS)


def copy(source, target, fields):
    for field in fields:
        setattr(target, field, getattr(source, field))


def having(field, value):
    return Q(**{f"{field}__isnull": True}) if value is None else Q(**{field: value})


def where(condition, field, value):
    """*value* where *condition* holds, else what the column has."""
    column = Contact._meta.get_field(field)
    return Case(
        When(condition, then=Value(getattr(value, "pk", value))), default=F(field), output_field=column
    )
