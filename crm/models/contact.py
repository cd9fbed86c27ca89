from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.folding import fold, words

from .choices import Channel
from .classification import Territory
from .fields import CodeField, LanguageField, PhoneField, WebField
from .salesperson import Salesperson
from .setup import Salutation
from .user import Scope


class ContactType(models.TextChoices):
    COMPANY = "COMPANY", pgettext_lazy("contact type", "Company")
    PERSON = "PERSON", pgettext_lazy("contact type", "Person")


class ContactQuerySet(models.QuerySet):
    def companies(self):
        return self.filter(type=ContactType.COMPANY)

    def persons(self):
        return self.filter(type=ContactType.PERSON)

    def people_of(self, company):
        return self.filter(company=company)

    def of_salespeople(self, salespeople):
        """Contacts of these salespeople, the people of their companies, and contacts that nobody has (architecture 8)."""
        return self.filter(
            Q(salesperson__in=salespeople)
            | Q(company__in=Contact.objects.filter(salesperson__in=salespeople).values("pk"))
            | Q(salesperson=None)
        )

    def visible_to(self, user):
        if not user.has_perm("crm.view_contact"):
            return self.none()
        if user.scope == Scope.ALL:
            return self
        return self.of_salespeople(Salesperson.objects.in_scope_of(user).values("pk"))

    def may_be_contacted(self):
        return self.filter(privacy_blocked=False)

    def search(self, text):
        """Contacts in which every word of *text* occurs: name, company, number, e-mail or phone, folded.

        All of them for a blank text, none for one without a word.
        """
        asked = words(text)
        if text.strip() and not asked:
            return self.none()
        for word in asked:
            self = self.filter(search_text__contains=word)
        return self

    def for_list(self):
        return self.select_related("salesperson").order_by("company_name", "name", "id")

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for contact in objs:
            contact.fill_derived()
        return super().bulk_create(objs, *args, **kwargs)


class Contact(models.Model):
    """An external company or person we communicate with. A person may point to its company."""

    no = CodeField(_("no."), max_length=20, unique=True)
    type = models.CharField(_("type"), max_length=7, choices=ContactType, default=ContactType.COMPANY)
    name = models.CharField(pgettext_lazy("person or company", "name"), max_length=100)
    name_2 = models.CharField(_("name 2"), max_length=50, blank=True)
    search_name = CodeField(_("search name"), max_length=100, blank=True)
    first_name = models.CharField(_("first name"), max_length=30, blank=True)
    middle_name = models.CharField(_("middle name"), max_length=30, blank=True)
    surname = models.CharField(_("surname"), max_length=30, blank=True)
    initials = models.CharField(_("initials"), max_length=30, blank=True)
    job_title = models.CharField(_("job title"), max_length=30, blank=True)
    company = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("company")
    )
    company_name = models.CharField(_("company name"), max_length=100, blank=True)

    address = models.CharField(_("address"), max_length=100, blank=True)
    address_2 = models.CharField(_("address 2"), max_length=50, blank=True)
    post_code = models.CharField(_("post code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=30, blank=True)
    county = models.CharField(_("county"), max_length=30, blank=True)
    country = models.CharField(_("country/region"), max_length=2, blank=True)

    phone_no = PhoneField(_("phone no."))
    mobile_phone_no = PhoneField(_("mobile phone no."))
    email = models.EmailField(_("e-mail"), max_length=80, blank=True)
    email_2 = models.EmailField(_("second e-mail"), max_length=80, blank=True)
    home_page = WebField(pgettext_lazy("web site", "home page"), max_length=255, blank=True)

    salesperson = models.ForeignKey(
        Salesperson,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("salesperson"),
    )
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=pgettext_lazy("sales", "territory"),
    )
    language = LanguageField(
        _("language"), max_length=15, blank=True, help_text=_("Used for letters and e-mails.")
    )
    channel = models.CharField(_("correspondence"), max_length=10, blank=True, choices=Channel)
    salutation = models.ForeignKey(
        Salutation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("salutation"),
    )
    exclude_from_segment = models.BooleanField(_("exclude from segments"), default=False)
    privacy_blocked = models.BooleanField(_("blocked for privacy"), default=False)
    minor = models.BooleanField(_("minor"), default=False)
    parental_consent_received = models.BooleanField(_("parental consent received"), default=False)

    # Name, company, number, e-mail, phones, folded: what search looks into. Filled on save and by bulk_create.
    search_text = models.TextField(editable=False, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    modified_at = models.DateTimeField(_("last modified"), auto_now=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("crm", "contact")
        verbose_name_plural = pgettext_lazy("crm", "contacts")
        permissions = [("export_contacts", _("Can export contacts"))]
        constraints = [
            models.CheckConstraint(name="contact_type_is_known", condition=Q(type__in=ContactType.values)),
            models.CheckConstraint(
                name="contact_company_belongs_to_person",
                condition=Q(type=ContactType.PERSON) | Q(company__isnull=True),
                violation_error_message=_("Only a person belongs to a company."),
            ),
            models.CheckConstraint(
                name="contact_is_not_its_own_company",
                condition=Q(company__isnull=True) | ~Q(company=F("id")),
                violation_error_message=_("A contact cannot be its own company."),
            ),
            models.CheckConstraint(
                name="contact_minor_is_blocked_without_consent",
                condition=Q(minor=False) | Q(privacy_blocked=True) | Q(parental_consent_received=True),
                violation_error_message=_(
                    "A minor stays blocked for privacy until the parents have consented."
                ),
            ),
        ]
        indexes = [
            # The contacts list, in its default order, and its pages.
            models.Index(name="contact_by_company_and_name", fields=["company_name", "name", "id"]),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.fill_derived()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {
                *kwargs["update_fields"],
                "search_text",
                "search_name",
                "company_name",
                "modified_at",
            }
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("crm:contact", args=[self.no])

    # Mutators

    def fill_derived(self):
        """Fill the columns that follow from others: company name of a company, search name, search text."""
        if self.type == ContactType.COMPANY:
            self.company_name = self.name
        elif self.company_id:
            self.company_name = self.company.name
        if not self.search_name:
            # Capitals may be more letters than the name has: ß becomes SS.
            self.search_name = self.name.upper()[: self._meta.get_field("search_name").max_length]
        self.search_text = fold(
            " ".join(
                filter(
                    None,
                    (
                        self.no,
                        self.name,
                        self.name_2,
                        self.company_name if self.company_name != self.name else "",
                        self.email,
                        self.email_2,
                        self.phone_no,
                        self.mobile_phone_no,
                        "".join(filter(str.isdigit, self.phone_no)),
                        "".join(filter(str.isdigit, self.mobile_phone_no)),
                    ),
                )
            )
        )

    # Properties

    @property
    def is_company(self):
        return self.type == ContactType.COMPANY

    @property
    def company_key(self):
        """Id of the company that this contact's interactions count for; a company's own (domain 2.15)."""
        return self.pk if self.is_company else self.company_id

    @property
    def phone(self):
        return self.mobile_phone_no or self.phone_no
