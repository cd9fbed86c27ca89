"""How contacts are classified: setup lists, and the rows that put a contact into one of their values (domain 2.16)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .fields import CodeField


class ListValue(models.Model):
    """One value of a setup list. A value in use is not deleted: what points at it protects it."""

    code = CodeField(_("code"), max_length=10, unique=True)
    description = models.CharField(_("description"), max_length=100, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.description or self.code


class MailingGroup(ListValue):
    """Contacts that get the same mailings, companies and persons."""

    class Meta:
        verbose_name = _("mailing group")
        verbose_name_plural = _("mailing groups")


class IndustryGroup(ListValue):
    """A line of business of companies."""

    class Meta:
        verbose_name = _("industry group")
        verbose_name_plural = _("industry groups")


class BusinessRelation(ListValue):
    """What a company is to us: customer, vendor, press…"""

    class Meta:
        verbose_name = _("business relation")
        verbose_name_plural = _("business relations")


class JobResponsibility(ListValue):
    """What a person decides about at work."""

    class Meta:
        verbose_name = _("job responsibility")
        verbose_name_plural = _("job responsibilities")


class Territory(ListValue):
    """A sales area."""

    class Meta:
        verbose_name = pgettext_lazy("sales", "territory")
        verbose_name_plural = pgettext_lazy("sales", "territories")


class Membership(models.Model):
    """A contact under one value of a list, once."""

    contact = models.ForeignKey(
        "crm.Contact",
        models.CASCADE,
        related_name="+",
        verbose_name=pgettext_lazy("crm", "contact"),
        db_index=False,
    )

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.contact} · {self.value}"


def once(value, name):
    """The constraint that a contact is under a *value* once; it leads by contact, the foreign key index by value."""
    return models.UniqueConstraint(fields=["contact", value], name=name)


class ContactMailingGroup(Membership):
    mailing_group = models.ForeignKey(
        MailingGroup, models.PROTECT, related_name="+", verbose_name=_("mailing group")
    )

    class Meta:
        verbose_name = _("mailing group of a contact")
        verbose_name_plural = _("mailing groups of contacts")
        constraints = [once("mailing_group", "contact_mailing_group_once")]

    @property
    def value(self):
        return self.mailing_group


class ContactIndustryGroup(Membership):
    industry_group = models.ForeignKey(
        IndustryGroup, models.PROTECT, related_name="+", verbose_name=_("industry group")
    )

    class Meta:
        verbose_name = _("industry group of a company")
        verbose_name_plural = _("industry groups of companies")
        constraints = [once("industry_group", "contact_industry_group_once")]

    @property
    def value(self):
        return self.industry_group


class ContactBusinessRelation(Membership):
    business_relation = models.ForeignKey(
        BusinessRelation, models.PROTECT, related_name="+", verbose_name=_("business relation")
    )

    class Meta:
        verbose_name = _("business relation of a company")
        verbose_name_plural = _("business relations of companies")
        constraints = [once("business_relation", "contact_business_relation_once")]

    @property
    def value(self):
        return self.business_relation


class ContactJobResponsibility(Membership):
    job_responsibility = models.ForeignKey(
        JobResponsibility, models.PROTECT, related_name="+", verbose_name=_("job responsibility")
    )

    class Meta:
        verbose_name = _("job responsibility of a person")
        verbose_name_plural = _("job responsibilities of persons")
        constraints = [once("job_responsibility", "contact_job_responsibility_once")]

    @property
    def value(self):
        return self.job_responsibility
