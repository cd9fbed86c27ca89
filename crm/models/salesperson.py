from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .fields import CodeField, PhoneField
from .user import Scope


class Team(models.Model):
    code = CodeField(_("code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=50)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self):
        return self.name


class SalespersonQuerySet(models.QuerySet):
    def active(self):
        """Those who may be given new work."""
        return self.filter(blocked=False, privacy_blocked=False)

    def of_teams(self, team_ids):
        return self.filter(pk__in=TeamMember.objects.filter(team__in=team_ids).values("salesperson"))

    def visible_to(self, user):
        """Colleagues are known to everybody; only their records have a scope."""
        return self if user.has_perm("crm.view_salesperson") else self.none()

    def in_scope_of(self, user):
        """The salespeople whose records *user* sees in lists."""
        match user.scope:
            case Scope.ALL:
                return self
            case Scope.TEAM if user.team_ids:
                return self.of_teams(user.team_ids)
        return self.filter(user=user)

    def for_list(self):
        return self.select_related("user").order_by("name", "id")


class Salesperson(models.Model):
    """Our employee who is responsible for contacts and interactions."""

    code = CodeField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=50)
    job_title = models.CharField(_("job title"), max_length=30, blank=True)
    phone_no = PhoneField(_("phone no."))
    email = models.EmailField(_("e-mail"), max_length=80, blank=True)
    email_2 = models.EmailField(_("second e-mail"), max_length=80, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("user"),
        related_name="salesperson",
    )
    teams = models.ManyToManyField(
        Team, through="TeamMember", related_name="salespeople", verbose_name=_("teams")
    )
    blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("Gets no new contacts or interactions.")
    )
    privacy_blocked = models.BooleanField(_("blocked for privacy"), default=False)

    objects = SalespersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("salesperson")
        verbose_name_plural = _("salespeople")
        indexes = [
            # The salespeople list.
            models.Index(name="salesperson_by_name", fields=["name", "id"]),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("crm:salesperson", args=[self.code])

    # Properties

    @property
    def is_available(self):
        """Whether new work may be given to this salesperson."""
        return not self.blocked and not self.privacy_blocked

    # Queries

    def home_team_id(self):
        """Id of the team that this salesperson's new entries are recorded under, or None."""
        return self.memberships.filter(is_home=True).values_list("team_id", flat=True).first()


class TeamMember(models.Model):
    """A salesperson in a team. One of a salesperson's teams is home: its entries are recorded under it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="members", verbose_name=_("team"))
    salesperson = models.ForeignKey(
        Salesperson, models.CASCADE, related_name="memberships", verbose_name=_("salesperson"), db_index=False
    )
    is_lead = models.BooleanField(_("leads the team"), default=False)
    is_home = models.BooleanField(_("home team"), default=True)

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [
            models.UniqueConstraint(
                name="team_member_once",
                fields=["salesperson", "team"],
                violation_error_message=_("This salesperson is already in the team."),
            ),
            models.UniqueConstraint(
                name="team_member_one_home",
                fields=["salesperson"],
                condition=Q(is_home=True),
                violation_error_message=_("This salesperson has another home team."),
            ),
        ]

    def __str__(self):
        return f"{self.team} · {self.salesperson}"
