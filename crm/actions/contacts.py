import copy

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm import dependents
from crm.errors import Refusal
from crm.models import Contact, MarketingSetup

from .inheritance import default_salutation, fill_defaults, pass_on, take_over
from .names import keep_names_together

# What only a person has; emptied in a company.
PERSON_ONLY = {
    "first_name": "",
    "middle_name": "",
    "surname": "",
    "initials": "",
    "job_title": "",
    "company": None,
    "minor": False,
    "parental_consent_received": False,
}


class ContactRefused(Refusal):
    """A contact cannot be made or changed like this. field: the one it is about, or None."""

    field = None


class NumberIsTaken(ContactRefused):
    field = "number"
    sentence = _("There is a contact with the number %(number)s already.")


class NoContactNumbers(ContactRefused):
    sentence = _("There is no number series for contacts. Choose the contact numbers in Marketing setup.")


class OnlyPersonsHaveACompany(ContactRefused):
    field = "company"
    sentence = _("Only a person belongs to a company.")


class CompanyIsNoCompany(ContactRefused):
    field = "company"
    sentence = _("%(name)s is a person. Choose a company.")


class SalespersonGetsNoContacts(ContactRefused):
    field = "salesperson"
    sentence = _("%(name)s is blocked and gets no new contacts. Choose another salesperson.")


class MinorWithoutConsent(ContactRefused):
    field = "privacy_blocked"
    sentence = _("A minor stays blocked for privacy until the parents have consented.")


class TypeIsFixed(ContactRefused):
    field = "type"
    sentence = _("%(name)s has interactions or follow-ups, so its type cannot change.")


class CompanyHasPeople(ContactRefused):
    field = "type"
    sentence = _("%(name)s has people, so it cannot become a person. Move them to another company first.")


class ChangedMeanwhile(ContactRefused):
    """Somebody saved the contact after it was read; `contact` is the present one."""

    sentence = _("%(name)s was changed by somebody else in the meantime.")

    def __init__(self, contact):
        super().__init__(name=contact.name)
        self.contact = contact


@transaction.atomic
def create_contact(*, by, number="", **fields):
    """Make a contact. What is left out or blank comes from its company (R-82), then from the setup (R-83).

    number: blank takes the next one of the series; a typed one must be allowed by it (R-84).
    Raises ContactRefused and NumberSeriesProblem.
    """
    contact = Contact(**fields)
    if contact.company is not None:
        contact.company = locked(contact.company)
    given = {name for name, value in fields.items() if value not in (None, "")}
    refuse_wrong_partners(contact, given)
    if contact.is_company:
        empty_what_persons_have(contact)
    else:
        keep_names_together(contact, typed=given)
        if contact.company is not None:
            take_over(contact, None, typed=given)
    fill_defaults(contact, by=by)
    contact.search_name = contact.search_name or search_name_of(contact)
    contact.privacy_blocked = contact.privacy_blocked or contact.minor
    contact.parental_consent_received = contact.parental_consent_received and contact.minor
    insert(contact, typed=str(number).strip().upper())
    return contact


@transaction.atomic
def update_contact(contact, *, by, seen=None, **fields):
    """Change *fields* of a contact, and with them what follows: names, company data, people of a company.

    The number is no such field.
    seen: `modified_at` as the editor read it, or None for whatever is there now.
    Raises ContactRefused; ChangedMeanwhile when somebody saved after *seen*.
    """
    # A company is locked before its people, here and when it passes its name on.
    if fields.get("company"):
        fields["company"] = locked(fields["company"])
    contact = locked(contact)
    old = copy.copy(contact)
    if seen is not None and contact.modified_at != seen:
        raise ChangedMeanwhile(contact)
    for name, value in fields.items():
        setattr(contact, name, value)
    changed = {name for name in fields if getattr(contact, name) != getattr(old, name)}
    if not changed:
        return contact
    refuse_wrong_partners(contact, changed)
    if "type" in changed:
        change_type(contact, old, changed)
    if contact.is_company:
        empty_what_persons_have(contact)
    else:
        keep_names_together(contact, typed=changed)
        if contact.company_id != old.company_id:
            if contact.company is None:
                contact.company_name = ""
            else:
                take_over(contact, old.company, typed=changed)
    protect_minor(contact, old, changed)
    if contact.search_name in ("", search_name_of(old)) and "search_name" not in changed:
        contact.search_name = search_name_of(contact)
    contact.save()
    if contact.is_company:
        pass_on(contact, old)
    return contact


@transaction.atomic
def block_contact(contact, *, by):
    """Let nothing new reach the contact (R-81); return whether that is new."""
    blocked_before = locked(contact).privacy_blocked
    update_contact(contact, by=by, privacy_blocked=True)
    return not blocked_before


def unblock_contact(contact, *, by):
    """Raises MinorWithoutConsent."""
    return update_contact(contact, by=by, privacy_blocked=False)


def contact_numbers_run_low():
    """Whether the series has reached its warning number (R-84)."""
    series = MarketingSetup.current().contact_nos
    return series is not None and any(line.is_near_its_end for line in series.lines.filter(is_open=True))


# --- rules ------------------------------------------------------------------------------------------------------------


def locked(contact):
    """The contact as it is stored now, its row locked until commit.

    Without joins: after a wait PostgreSQL reads the locked row anew, but what it joined is still that of before.
    """
    return Contact.objects.select_for_update().get(pk=contact.pk)


def search_name_of(contact):
    return contact.name.strip().upper()[: Contact._meta.get_field("search_name").max_length]


def refuse_wrong_partners(contact, changed):
    company, salesperson = contact.company, contact.salesperson
    if company is not None and "company" in changed:
        if contact.is_company:
            raise OnlyPersonsHaveACompany
        if not company.is_company:
            raise CompanyIsNoCompany(name=company.name)
    if salesperson is not None and "salesperson" in changed and not salesperson.is_available:
        raise SalespersonGetsNoContacts(name=salesperson.name)


def change_type(contact, old, changed):
    """Company to person or back, while nothing hangs on it (R-74)."""
    itself = Contact.objects.filter(pk=contact.pk)
    if dependents.fixing_type_of(itself):
        raise TypeIsFixed(name=old.name)
    if old.is_company:
        if old.people.exists():
            raise CompanyHasPeople(name=old.name)
        contact.company_name = ""
        changed.add("name")  # its parts are filled for the first time
    if "salutation" not in changed and contact.salutation in (None, default_salutation(old.type)):
        contact.salutation = default_salutation(contact.type)


def empty_what_persons_have(contact):
    for field, blank in PERSON_ONLY.items():
        setattr(contact, field, blank)


def protect_minor(contact, old, changed):
    """A minor is blocked when it becomes one, and again whenever the consent changes (R-81)."""
    if not contact.minor:
        contact.parental_consent_received = False
        return
    unblocked = "privacy_blocked" in changed and not contact.privacy_blocked
    if unblocked and not contact.parental_consent_received:
        raise MinorWithoutConsent
    if changed.intersection({"minor", "parental_consent_received"}) and not unblocked:
        contact.privacy_blocked = True


def insert(contact, *, typed):
    """Save a new contact under the *typed* number, or under the next one of the series that nobody has (R-84)."""
    series = MarketingSetup.current().contact_nos
    if not typed and series is None:
        raise NoContactNumbers
    if typed and series is not None:
        series.accept(typed)
    while True:
        contact.no = typed or series.take(taken=lambda number: Contact.objects.filter(no=number).exists())
        try:
            with transaction.atomic():
                contact.save(force_insert=True)
            return
        except IntegrityError as error:
            if not Contact.objects.filter(no=contact.no).exists():
                raise
            if typed:
                raise NumberIsTaken(number=typed) from error
