from django.core.cache import cache
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .choices import Channel
from .fields import CodeField, LanguageField, PhoneField, WebField
from .numbers import NumberSeries
from .user import time_zone_exists

CACHE_KEY = "crm.marketing_setup"
CACHE_SECONDS = 10


class Salutation(models.Model):
    """A class of greeting: how a contact is addressed. Its formulas per language decide the words."""

    code = CodeField(_("code"), max_length=10, unique=True)
    description = models.CharField(_("description"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("salutation")
        verbose_name_plural = _("salutations")

    def __str__(self):
        return self.description or self.code


class MarketingSetup(models.Model):
    """The settings of the firm: one row. Read it with `MarketingSetup.current()`."""

    # Our company
    company_name = models.CharField(_("company name"), max_length=100, blank=True)
    company_line = models.CharField(
        _("line of business"),
        max_length=50,
        blank=True,
        help_text=_("Shown below the company name in the menu."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", help_text=_("ISO code, such as EUR.")
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[time_zone_exists],
        help_text=_("For automatic recording and for people who have not chosen one."),
    )

    # Our company in letters
    company_name_2 = models.CharField(_("company name 2"), max_length=50, blank=True)
    company_address = models.CharField(_("address"), max_length=100, blank=True)
    company_address_2 = models.CharField(_("address 2"), max_length=50, blank=True)
    company_post_code = models.CharField(_("post code"), max_length=20, blank=True)
    company_city = models.CharField(_("city"), max_length=30, blank=True)
    company_county = models.CharField(_("county"), max_length=30, blank=True)
    company_country = models.CharField(_("country/region"), max_length=2, blank=True)
    company_phone_no = PhoneField(_("phone no."))
    company_fax_no = PhoneField(_("fax no."))
    company_email = models.EmailField(_("e-mail"), max_length=80, blank=True)
    company_home_page = WebField(pgettext_lazy("web site", "home page"), max_length=255, blank=True)
    company_vat_no = models.CharField(_("VAT registration no."), max_length=20, blank=True)
    company_registration_no = models.CharField(_("registration no."), max_length=20, blank=True)
    company_bank_name = models.CharField(_("bank name"), max_length=100, blank=True)
    company_bank_branch_no = models.CharField(_("bank branch no."), max_length=20, blank=True)
    company_bank_account_no = models.CharField(_("bank account no."), max_length=30, blank=True)
    company_iban = models.CharField(_("IBAN"), max_length=50, blank=True)
    company_swift_code = models.CharField(_("SWIFT code"), max_length=20, blank=True)
    company_giro_no = models.CharField(_("giro no."), max_length=20, blank=True)

    # Numbering
    contact_nos = models.ForeignKey(
        NumberSeries,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact numbers"),
    )
    campaign_nos = models.ForeignKey(
        NumberSeries,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("campaign numbers"),
    )
    segment_nos = models.ForeignKey(
        NumberSeries,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("segment numbers"),
    )

    # What a person takes over from the company
    inherit_salesperson = models.BooleanField(_("inherit the salesperson"), default=True)
    inherit_country = models.BooleanField(_("inherit the country/region"), default=True)
    inherit_language = models.BooleanField(_("inherit the language"), default=True)
    inherit_address = models.BooleanField(_("inherit the address"), default=True)
    inherit_communication = models.BooleanField(_("inherit phone and e-mail"), default=True)

    # Defaults of a new contact
    default_salesperson = models.ForeignKey(
        "crm.Salesperson",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("salesperson"),
    )
    default_country = models.CharField(_("country/region"), max_length=2, blank=True)
    default_language = LanguageField(_("language"), max_length=15, blank=True)
    default_channel = models.CharField(_("correspondence"), max_length=10, blank=True, choices=Channel)
    default_company_salutation = models.ForeignKey(
        Salutation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("salutation of companies"),
    )
    default_person_salutation = models.ForeignKey(
        Salutation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("salutation of persons"),
    )

    # Interactions
    future_dates_allowed = models.BooleanField(
        _("interactions may be dated in the future"),
        default=False,
        help_text=_("Otherwise they are refused when logged."),
    )

    class Meta:
        verbose_name = _("marketing setup")
        verbose_name_plural = _("marketing setup")
        constraints = [models.CheckConstraint(name="marketing_setup_is_one_row", condition=Q(pk=1))]

    def __str__(self):
        return self.company_name or str(_("Marketing setup"))

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)
        cache.delete(CACHE_KEY)

    # Factories

    @classmethod
    def current(cls):
        """The one row, or its defaults while nobody has saved it; at most CACHE_SECONDS old."""
        setup = cache.get(CACHE_KEY)
        if setup is None:
            numbered = cls.objects.select_related("contact_nos", "campaign_nos", "segment_nos")
            setup = numbered.filter(pk=1).first() or cls(pk=1)
            cache.set(CACHE_KEY, setup, CACHE_SECONDS)
        return setup
