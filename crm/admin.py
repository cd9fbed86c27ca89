"""Setup in Django's admin: people and their access, teams, numbers, greetings, the settings of the firm."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.db.models import PROTECT, Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from . import formats
from .countries import country_choices
from .languages import language_choices, language_name
from .models import (
    BusinessRelation,
    Contact,
    ContactBusinessRelation,
    ContactIndustryGroup,
    ContactJobResponsibility,
    ContactMailingGroup,
    IndustryGroup,
    JobResponsibility,
    MailingGroup,
    MarketingSetup,
    NumberSeries,
    NumberSeriesLine,
    Salesperson,
    Salutation,
    SalutationFormula,
    Scope,
    Team,
    TeamMember,
    Territory,
    User,
)

admin.site.index_title = _("Setup")


def users_of(row):
    """Plural names of the models that have rows pointing at *row* for good, sorted."""
    relations = (
        field
        for field in row._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete
    )
    return sorted(
        {
            str(relation.related_model._meta.verbose_name_plural)
            for relation in relations
            if getattr(relation, "on_delete", None) is PROTECT
            and relation.related_model._base_manager.filter(**{relation.field.name: row}).exists()
        }
    )


class KeepsUsed(admin.ModelAdmin):
    """What others point at is not deleted: one sentence says who they are, and what to do instead."""

    used = _("%(row)s is used by %(users)s and cannot be deleted.")
    actions = ["delete_unused"]

    def refusal(self, row):
        """The sentence why *row* stays, or "" if it may go."""
        users = users_of(row)
        if not users:
            return ""
        return self.used % {"row": row, "users": get_text_list(users, gettext("and"))}

    def delete_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, object_id)
        refusal = row is not None and self.has_delete_permission(request, row) and self.refusal(row)
        if not refusal:
            return super().delete_view(request, object_id, extra_context)
        self.message_user(request, refusal, messages.ERROR)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[row.pk]))

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(permissions=["delete"], description=_("Delete the selected rows"))
    def delete_unused(self, request, queryset):
        refusals = {row.pk: refusal for row in queryset if (refusal := self.refusal(row))}
        for refusal in refusals.values():
            self.message_user(request, refusal, messages.ERROR)
        unused = queryset.exclude(pk__in=refusals)
        return delete_selected(self, request, unused) if unused.exists() else None


# --- people -----------------------------------------------------------------------------------------------------------


class NewUserForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User


class UserForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


SUPERUSERS_ONLY = {"is_superuser", "user_permissions"}
USED_ACTIVE = _("%(row)s is used by %(users)s; make it inactive instead.")


def may_touch(user, row):
    return user.is_superuser or row is None or not row.is_superuser


@admin.register(User)
class UserAdmin(KeepsUsed, DjangoUserAdmin):
    add_form, form = NewUserForm, UserForm
    list_display = [
        "username",
        "first_name",
        "last_name",
        "email",
        "salesperson_code",
        "is_staff",
        "is_active",
    ]
    list_select_related = ["salesperson"]
    fieldsets = [
        *DjangoUserAdmin.fieldsets,
        (_("Preferences"), {"fields": ["language", "region", "time_zone", "theme", "density", "shortcuts"]}),
    ]

    used = USED_ACTIVE

    def get_fieldsets(self, request, obj=None):
        """Who is no superuser makes none, and grants by groups, which hold no more than the work needs."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [
            (title, options | {"fields": [name for name in options["fields"] if name not in SUPERUSERS_ONLY]})
            for title, options in fieldsets
        ]

    def has_change_permission(self, request, obj=None):
        """A superuser's password is a superuser's business."""
        return may_touch(request.user, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return may_touch(request.user, obj) and super().has_delete_permission(request, obj)

    @admin.display(description=_("salesperson"), ordering="salesperson__code")
    def salesperson_code(self, user):
        return user.own_salesperson.code if user.own_salesperson else ""


OUR_APPS = ["crm", "interactions", "segments"]
SCOPES = {Scope.ALL: "scope_all", Scope.TEAM: "scope_team"}  # the widest first


class GroupForm(forms.ModelForm):
    """A group's permissions are those of our own apps; how far they reach is one choice instead of two ticks."""

    scope = forms.ChoiceField(
        label=_("Access scope"),
        choices=Scope.choices,
        help_text=_(
            "Whose contacts and interactions the people of this group see. The widest of their groups counts."
        ),
    )

    class Meta:
        model = Group
        fields = ["name"]

    permissions = forms.ModelMultipleChoiceField(
        label=_("permissions"),
        queryset=Permission.objects.none(),
        required=False,
        widget=FilteredSelectMultiple(_("permissions"), is_stacked=False),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        ours = Permission.objects.filter(content_type__app_label__in=OUR_APPS).exclude(
            codename__in=SCOPES.values()
        )
        self.fields["permissions"].queryset = ours.select_related("content_type")
        if self.instance.pk:
            granted = self.instance.permissions.all()
            self.initial["permissions"] = [permission.pk for permission in granted]
            names = {permission.codename for permission in granted}
            self.initial["scope"] = next(
                (scope for scope, name in SCOPES.items() if name in names), Scope.OWN
            )


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(KeepsUsed):
    form = GroupForm
    fields = ["name", "scope", "permissions"]
    list_display = ["name", "scope"]
    search_fields = ["name"]
    ordering = ["name"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("permissions")

    @admin.display(description=_("Access scope"))
    def scope(self, group):
        names = {permission.codename for permission in group.permissions.all()}
        return next((scope for scope, name in SCOPES.items() if name in names), Scope.OWN).label

    def refusal(self, row):
        if not row.user_set.exists():
            return ""
        return self.used % {"row": row, "users": User._meta.verbose_name_plural}

    def save_related(self, request, form, formsets, change):
        """What the form does not offer stays: a superuser may have granted it elsewhere."""
        group, offered = form.instance, form.fields["permissions"].queryset
        scopes = Permission.objects.filter(content_type__app_label="crm", codename__in=SCOPES.values())
        group.permissions.remove(*offered, *scopes)
        group.permissions.add(
            *form.cleaned_data["permissions"],
            *scopes.filter(codename=SCOPES.get(form.cleaned_data["scope"])),
        )


class MembershipInline(admin.TabularInline):
    model = TeamMember
    extra = 0
    autocomplete_fields = ["team"]


class MemberInline(admin.TabularInline):
    model = TeamMember
    extra = 0
    autocomplete_fields = ["salesperson"]


@admin.register(Salesperson)
class SalespersonAdmin(KeepsUsed):
    list_display = ["code", "name", "job_title", "email", "user", "blocked", "privacy_blocked"]
    list_select_related = ["user"]
    list_filter = ["blocked", "privacy_blocked"]
    search_fields = ["code", "name", "email"]
    autocomplete_fields = ["user"]
    ordering = ["name", "id"]
    inlines = [MembershipInline]
    used = _("%(row)s is used by %(users)s; block this salesperson instead.")


@admin.register(Team)
class TeamAdmin(KeepsUsed):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    inlines = [MemberInline]


# --- numbers and greetings --------------------------------------------------------------------------------------------


class NumberSeriesLineInline(admin.TabularInline):
    model = NumberSeriesLine
    extra = 0


@admin.register(NumberSeries)
class NumberSeriesAdmin(KeepsUsed):
    list_display = ["code", "description", "default_nos", "manual_nos", "date_order"]
    search_fields = ["code", "description"]
    ordering = ["code"]
    inlines = [NumberSeriesLineInline]


class SalutationFormulaForm(forms.ModelForm):
    class Meta:
        model = SalutationFormula
        fields = forms.ALL_FIELDS

    language = forms.ChoiceField(label=pgettext_lazy("of a letter", "language"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", language_name("")), *language_choices(self.instance.language)]


class SalutationFormulaInline(admin.TabularInline):
    model = SalutationFormula
    form = SalutationFormulaForm
    extra = 0
    ordering = ["language", "type"]


@admin.register(Salutation)
class SalutationAdmin(KeepsUsed):
    list_display = ["code", "description"]
    search_fields = ["code", "description"]
    ordering = ["code"]
    inlines = [SalutationFormulaInline]


# --- the firm ---------------------------------------------------------------------------------------------------------


class MarketingSetupForm(forms.ModelForm):
    class Meta:
        model = MarketingSetup
        fields = forms.ALL_FIELDS

    company_country = forms.ChoiceField(label=_("country/region"), required=False)
    default_country = forms.ChoiceField(label=_("country/region"), required=False)
    default_language = forms.ChoiceField(label=_("language"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        setup = self.instance
        for name in ("company_country", "default_country"):
            self.fields[name].choices = [("", "—"), *country_choices(getattr(setup, name))]
        self.fields["default_language"].choices = [("", "—"), *language_choices(setup.default_language)]


@admin.register(MarketingSetup)
class MarketingSetupAdmin(admin.ModelAdmin):
    """One row: its list is its form."""

    form = MarketingSetupForm
    autocomplete_fields = ["default_salesperson"]
    fieldsets = [
        (_("Our company"), {"fields": ["company_name", "company_line", "currency", "time_zone"]}),
        (
            _("Our company in letters"),
            {
                "fields": [
                    "company_name_2",
                    "company_address",
                    "company_address_2",
                    "company_post_code",
                    "company_city",
                    "company_county",
                    "company_country",
                    "company_phone_no",
                    "company_fax_no",
                    "company_email",
                    "company_home_page",
                    "company_vat_no",
                    "company_registration_no",
                    "company_bank_name",
                    "company_bank_branch_no",
                    "company_bank_account_no",
                    "company_iban",
                    "company_swift_code",
                    "company_giro_no",
                ]
            },
        ),
        (_("Numbering"), {"fields": ["contact_nos", "campaign_nos", "segment_nos"]}),
        (
            _("A person takes over from its company"),
            {
                "fields": [
                    "inherit_salesperson",
                    "inherit_country",
                    "inherit_language",
                    "inherit_address",
                    "inherit_communication",
                ]
            },
        ),
        (
            _("Defaults of a new contact"),
            {
                "description": _("Applies to new contacts only."),
                "fields": [
                    "default_salesperson",
                    "default_country",
                    "default_language",
                    "default_channel",
                    "default_company_salutation",
                    "default_person_salutation",
                ],
            },
        ),
        (pgettext_lazy("crm", "Interactions"), {"fields": ["future_dates_allowed"]}),
    ]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        return HttpResponseRedirect(reverse("admin:crm_marketingsetup_change", args=[1]))


# --- how contacts are classified --------------------------------------------------------------------------------------


class ListValueAdmin(admin.ModelAdmin):
    """A setup list, with how many contacts are under each value. A value in use cannot be deleted."""

    list_display = ["code", "description", "contacts"]
    search_fields = ["code", "description"]
    ordering = ["code"]
    links = None  # (model with a row for each contact, its foreign key to the value)

    def get_queryset(self, request):
        model, name = self.links
        rows = model._base_manager.filter(**{name: OuterRef("pk")}).order_by().values(name)
        count = Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)
        return super().get_queryset(request).annotate(contact_count=count)

    @admin.display(description=pgettext_lazy("crm", "contacts"), ordering="contact_count")
    def contacts(self, value):
        return formats.integer(value.contact_count)


@admin.register(MailingGroup)
class MailingGroupAdmin(ListValueAdmin):
    links = (ContactMailingGroup, "mailing_group")


@admin.register(IndustryGroup)
class IndustryGroupAdmin(ListValueAdmin):
    links = (ContactIndustryGroup, "industry_group")


@admin.register(BusinessRelation)
class BusinessRelationAdmin(ListValueAdmin):
    links = (ContactBusinessRelation, "business_relation")


@admin.register(JobResponsibility)
class JobResponsibilityAdmin(ListValueAdmin):
    links = (ContactJobResponsibility, "job_responsibility")


@admin.register(Territory)
class TerritoryAdmin(ListValueAdmin):
    links = (Contact, "territory")
