"""How contacts are greeted: the formulas of a salutation in each language (domain 2.19, R-85)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .fields import LanguageField
from .setup import Salutation


class SalutationType(models.TextChoices):
    FORMAL = "FORMAL", pgettext_lazy("salutation", "Formal")
    INFORMAL = "INFORMAL", pgettext_lazy("salutation", "Informal")


class NamePart(models.TextChoices):
    """What a placeholder of a formula stands for: a field of the contact, by its name in capitals."""

    JOB_TITLE = "JOB_TITLE", _("Job title")
    FIRST_NAME = "FIRST_NAME", _("First name")
    MIDDLE_NAME = "MIDDLE_NAME", _("Middle name")
    SURNAME = "SURNAME", _("Surname")
    INITIALS = "INITIALS", _("Initials")
    COMPANY_NAME = "COMPANY_NAME", _("Company name")


def name_part(number):
    return models.CharField(
        f"%{number}",
        max_length=12,
        blank=True,
        choices=NamePart,
    )


class SalutationFormula(models.Model):
    """The words of a salutation in one language, with places for parts of the name: "Dear Ms %1,". '' is neutral."""

    PARTS = ("name_1", "name_2", "name_3", "name_4", "name_5")

    salutation = models.ForeignKey(
        Salutation,
        models.CASCADE,
        related_name="formulas",
        verbose_name=_("salutation"),
        db_index=False,
    )
    language = LanguageField(
        pgettext_lazy("of a letter", "language"),
        max_length=15,
        blank=True,
        help_text=_("Without a language: for letters in all languages that have no formula."),
    )
    type = models.CharField(_("type"), max_length=8, choices=SalutationType, default=SalutationType.FORMAL)
    pattern = models.CharField(
        _("salutation text"),
        max_length=100,
        blank=True,
        help_text=_("%1 to %5 stand for the parts of the name that are chosen beside it: Dear Ms %1,"),
    )
    name_1 = name_part(1)
    name_2 = name_part(2)
    name_3 = name_part(3)
    name_4 = name_part(4)
    name_5 = name_part(5)

    class Meta:
        verbose_name = _("salutation formula")
        verbose_name_plural = _("salutation formulas")
        constraints = [
            models.UniqueConstraint(
                name="salutation_formula_once",
                fields=["salutation", "language", "type"],
                violation_error_message=_(
                    "The salutation has a formula of this type in this language already."
                ),
            ),
            models.CheckConstraint(
                name="salutation_formula_type_is_known", condition=Q(type__in=SalutationType.values)
            ),
        ]

    def __str__(self):
        return self.pattern

    @property
    def parts(self):
        """The names of the contact's fields behind %1 to %5, '' for those that stand for nothing."""
        return [getattr(self, name).lower() for name in self.PARTS]
