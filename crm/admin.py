"""Setup in Django's admin: people and their access, teams, numbers, greetings, the settings of the firm."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .countries import country_choices
from .languages import language_choices
from .models import (
    MarketingSetup,
    NumberSeries,
    NumberSeriesLine,
    Salesperson,
    Salutation,
    Team,
    TeamMember,
    User,
)

# --- people -----------------------------------------------------------------------------------------------------------


class NewUserForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User


class UserForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
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

    @admin.display(description=_("salesperson"), ordering="salesperson__code")
    def salesperson_code(self, user):
        return user.own_salesperson.code if user.own_salesperson else ""


class MembershipInline(admin.TabularInline):
    model = TeamMember
    extra = 0
    autocomplete_fields = ["team"]


class MemberInline(admin.TabularInline):
    model = TeamMember
    extra = 0
    autocomplete_fields = ["salesperson"]


@admin.register(Salesperson)
class SalespersonAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "job_title", "email", "user", "blocked", "privacy_blocked"]
    list_select_related = ["user"]
    list_filter = ["blocked", "privacy_blocked"]
    search_fields = ["code", "name", "email"]
    autocomplete_fields = ["user"]
    ordering = ["name", "id"]
    inlines = [MembershipInline]


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    inlines = [MemberInline]


# --- numbers and greetings --------------------------------------------------------------------------------------------


class NumberSeriesLineInline(admin.TabularInline):
    model = NumberSeriesLine
    extra = 0


@admin.register(NumberSeries)
class NumberSeriesAdmin(admin.ModelAdmin):
    list_display = ["code", "description", "default_nos", "manual_nos", "date_order"]
    search_fields = ["code", "description"]
    ordering = ["code"]
    inlines = [NumberSeriesLineInline]


@admin.register(Salutation)
class SalutationAdmin(admin.ModelAdmin):
    list_display = ["code", "description"]
    search_fields = ["code", "description"]
    ordering = ["code"]


# --- the firm ---------------------------------------------------------------------------------------------------------


class MarketingSetupForm(forms.ModelForm):
    class Meta:
        model = MarketingSetup
        fields = forms.ALL_FIELDS

    default_country = forms.ChoiceField(label=_("country/region"), required=False)
    default_language = forms.ChoiceField(label=_("language"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        setup = self.instance
        self.fields["default_country"].choices = [("", "—"), *country_choices(setup.default_country)]
        self.fields["default_language"].choices = [("", "—"), *language_choices(setup.default_language)]


@admin.register(MarketingSetup)
class MarketingSetupAdmin(admin.ModelAdmin):
    """One row: its list is its form."""

    form = MarketingSetupForm
    autocomplete_fields = ["default_salesperson"]
    fieldsets = [
        (_("Our company"), {"fields": ["company_name", "company_line", "currency", "time_zone"]}),
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
