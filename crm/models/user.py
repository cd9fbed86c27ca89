import zoneinfo

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from .fields import LanguageField


def time_zone_exists(name):
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Enter it like Europe/Madrid."), params={"name": name}
        )


class Theme(models.TextChoices):
    SYSTEM = "system", _("Same as the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    NORMAL = "normal", _("Normal")
    COMPACT = "compact", _("Compact")


class Scope(models.TextChoices):
    """How far a user sees (architecture 8)."""

    OWN = "own", _("Own records")
    TEAM = "team", _("Records of the team")
    ALL = "all", _("All records")


class User(AbstractUser):
    """A member of staff who signs in. The salesperson he or she may be is `user.salesperson`."""

    language = LanguageField(
        _("language"), max_length=10, blank=True, help_text=_("Used for pages, never for letters.")
    )
    region = models.CharField(
        _("region"), max_length=10, blank=True, help_text=_("Decides how dates and numbers look.")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[time_zone_exists])
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(_("density"), max_length=11, choices=Density, default=Density.NORMAL)
    shortcuts = models.BooleanField(
        _("single-key shortcuts"),
        default=True,
        help_text=_("Keys such as N and / act while no field has the focus."),
    )

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [
            ("scope_team", _("Can see the records of their teams")),
            ("scope_all", _("Can see all records")),
        ]

    @property
    def display_name(self):
        return self.get_full_name() or self.username

    # Queries, each asked once per request

    @cached_property
    def own_salesperson(self):
        """The Salesperson this user is, or None."""
        return getattr(self, "salesperson", None)

    @cached_property
    def scope(self):
        if self.has_perm("crm.scope_all"):
            return Scope.ALL
        if self.has_perm("crm.scope_team"):
            return Scope.TEAM
        return Scope.OWN

    @cached_property
    def team_ids(self):
        """Ids of the teams this user belongs to, as a list."""
        if self.own_salesperson is None:
            return []
        return list(self.own_salesperson.memberships.values_list("team_id", flat=True))

    @cached_property
    def led_team_ids(self):
        """Ids of the teams this user leads, as a list."""
        if self.own_salesperson is None:
            return []
        return list(self.own_salesperson.memberships.filter(is_lead=True).values_list("team_id", flat=True))
