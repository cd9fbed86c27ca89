from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.fields import CodeField
from interactions.models import LoggedSegment

from .segment import Segment


class StepAction(models.TextChoices):
    ADD = "ADD", pgettext_lazy("criteria", "Add")
    REDUCE = "REDUCE", pgettext_lazy("criteria", "Reduce")
    REFINE = "REFINE", pgettext_lazy("criteria", "Refine")


class StepOrigin(models.TextChoices):
    """Where a step comes from; its sentence begins with that."""

    CRITERIA = "CRITERIA", pgettext_lazy("criteria", "Criteria")
    MANUAL = "MANUAL", pgettext_lazy("criteria", "By hand")
    SAVED = "SAVED", pgettext_lazy("criteria", "Saved criteria")
    LOGGED = "LOGGED", pgettext_lazy("criteria", "Logged segment")


VALUES_SAID = 3  # of a condition, where a step is said in words


def outline(recipe):
    """*recipe* as JSON with no more values than are said, and `more` for how many others there are."""
    conditions = []
    for condition in recipe.get("conditions", ()):
        values = condition.get("value")
        if isinstance(values, list) and len(values) > VALUES_SAID:
            rest = {"value": values[:VALUES_SAID], "more": len(values) - VALUES_SAID}
            condition = condition | rest
        conditions.append(condition)
    return {"conditions": conditions, "options": recipe.get("options", [])}


class CriteriaStepQuerySet(models.QuerySet):
    def done(self):
        """Steps that are in force; those taken back wait behind them to be done again."""
        return self.filter(undone_at=None)

    def newest_first(self):
        return self.order_by("-number")


class CriteriaSteps(models.Manager.from_queryset(CriteriaStepQuerySet)):
    """Leaves recipes in the database, where one may name a hundred thousand contacts; `outline` says enough."""

    def get_queryset(self):
        return super().get_queryset().defer("recipe")


class CriteriaStep(models.Model):
    """One step of choosing contacts: what was asked, and how many lines came or went (R-56).

    recipe: {"conditions": [{"field", "operator", "value"}, …], "options": […]} (see `segments.criteria`).
    """

    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="steps", verbose_name=_("segment"), db_index=False
    )
    number = models.PositiveIntegerField(_("step"))
    action = models.CharField(_("action"), max_length=6, choices=StepAction)
    origin = models.CharField(_("origin"), max_length=8, choices=StepOrigin, default=StepOrigin.CRITERIA)
    recipe = models.JSONField(_("criteria"), default=dict)
    outline = models.JSONField(default=dict, editable=False)  # of the recipe, see `outline`
    logged_segment = models.ForeignKey(
        LoggedSegment,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("logged segment"),
    )
    changed = models.PositiveIntegerField(_("lines added or removed"), default=0)
    lines_after = models.PositiveIntegerField(_("lines afterwards"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), db_index=False
    )
    created_at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(_("taken back at"), null=True, editable=False)

    objects = CriteriaSteps()

    class Meta:
        verbose_name = _("criteria step")
        verbose_name_plural = _("criteria steps")
        constraints = [
            models.UniqueConstraint(name="criteria_step_number_once", fields=["segment", "number"]),
            models.CheckConstraint(
                name="criteria_step_action_is_known", condition=Q(action__in=StepAction.values)
            ),
        ]

    def __str__(self):
        return f"{self.segment} {self.number}"

    def save(self, *args, **kwargs):
        if self._state.adding:
            self.ask(self.recipe)
        super().save(*args, **kwargs)

    # Mutators

    def ask(self, recipe):
        """Record *recipe* (JSON); the caller saves."""
        self.recipe, self.outline = recipe, outline(recipe)


class SavedCriteriaManager(models.Manager):
    """Leaves the steps in the database until somebody uses them."""

    def get_queryset(self):
        return super().get_queryset().defer("steps")


class SavedCriteria(models.Model):
    """A recipe of steps under a code, without the contacts (R-58).

    steps: [{"action", "origin", "recipe"}, …] in order.
    """

    code = CodeField(_("code"), max_length=10, unique=True)
    description = models.CharField(_("description"), max_length=100, blank=True)
    steps = models.JSONField(_("steps"), default=list, editable=False)
    step_count = models.PositiveIntegerField(_("number of steps"), default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name=_("saved by")
    )
    created_at = models.DateTimeField(_("saved"), auto_now_add=True)

    objects = SavedCriteriaManager()

    class Meta:
        verbose_name = _("saved criteria")
        verbose_name_plural = pgettext_lazy("plural", "saved criteria")

    def __str__(self):
        return f"{self.code} · {self.description}" if self.description else self.code

    def save(self, *args, **kwargs):
        if self._state.adding:
            self.step_count = len(self.steps)
        super().save(*args, **kwargs)
