"""Setup of templates in Django's admin. The ledger is glass: it can be looked at, nothing more."""

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.admin import USED_ACTIVE, KeepsUsed
from crm.errors import Refusal
from crm.keyset import capped_count

from .actions.attachments import check_upload
from .actions.templates import (
    LanguageChange,
    delete_template,
    save_template_languages,
)
from .gate import Refused
from .models import (
    Campaign,
    DocumentKind,
    InteractionGroup,
    InteractionLogEntry,
    InteractionTemplate,
    InteractionTemplateLanguage,
)


class CappedPaginator(Paginator):
    """Counts to ten thousand and no further."""

    @cached_property
    def count(self):
        return capped_count(self.object_list).count


@admin.register(InteractionGroup)
class InteractionGroupAdmin(KeepsUsed):
    list_display = ["code", "description"]
    search_fields = ["code", "description"]
    ordering = ["code"]


class TemplateLanguageForm(forms.ModelForm):
    upload = forms.FileField(label=_("New file"), required=False)
    remove_file = forms.BooleanField(label=_("Remove the file"), required=False)

    class Meta:
        model = InteractionTemplateLanguage
        fields = ["language", "description", "subject"]

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if not upload:
            return None
        try:
            return check_upload(upload)
        except Refused as refused:
            raise forms.ValidationError(refused.for_user, code=refused.code) from refused


class TemplateLanguageInline(admin.TabularInline):
    model = InteractionTemplateLanguage
    form = TemplateLanguageForm
    extra = 0
    fields = ["language", "description", "subject", "stored_file", "upload", "remove_file"]
    readonly_fields = ["stored_file"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("attachment")

    @admin.display(description=_("File"))
    def stored_file(self, row):
        if row.attachment is None:
            return "—"
        return format_html(
            '<a href="{}">{}</a> {}',
            reverse("interactions:template_file", args=[row.pk]),
            row.attachment.name,
            formats.file_size(row.attachment.size),
        )


@admin.register(InteractionTemplate)
class InteractionTemplateAdmin(KeepsUsed):
    list_display = [
        "code",
        "description",
        "group",
        "kind",
        "channel",
        "cost",
        "minutes",
        "last_used",
        "active",
    ]
    list_filter = ["active", "group", "kind", "channel"]
    list_select_related = ["group"]
    search_fields = ["code", "description"]
    ordering = ["code"]
    used = USED_ACTIVE
    view_on_site = False  # its page is this one
    inlines = [TemplateLanguageInline]
    autocomplete_fields = ["group", "campaign"]
    fieldsets = [
        (None, {"fields": ["code", "description", "group", "kind", "quick_key", "active"]}),
        (
            _("What a new interaction starts with"),
            {"fields": ["cost", "minutes", "direction", "initiated_by", "channel", "ignore_contact"]},
        ),
        (_("File"), {"fields": ["wizard_action", "language"]}),
        (_("Campaign"), {"fields": ["campaign", "campaign_target", "campaign_response"]}),
    ]

    def get_queryset(self, request):
        latest = InteractionLogEntry.objects.filter(template=OuterRef("pk")).newest_first()
        return super().get_queryset(request).annotate(last_date=Subquery(latest.values("date")[:1]))

    @admin.display(description=_("Last used"))
    def last_used(self, template):
        return formats.date_table(template.last_date) if template.last_date else "—"

    def delete_model(self, request, obj):
        delete_template(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for template in queryset:
            try:
                delete_template(template, by=request.user)
            except Refusal as refusal:
                self.message_user(request, refusal.for_user, messages.ERROR)

    def save_formset(self, request, form, formset, change):
        formset.save(commit=False)
        changed = [each for each in formset.forms if each.has_changed() and each not in formset.deleted_forms]
        save_template_languages(
            [
                LanguageChange(
                    row=each.instance,
                    file=each.cleaned_data["upload"],
                    remove_file=each.cleaned_data["remove_file"],
                )
                for each in changed
            ],
            gone=[row.pk for row in formset.deleted_objects],
            by=request.user,
        )


@admin.register(Campaign)
class CampaignAdmin(KeepsUsed):
    list_display = ["no", "description", "starting_date", "ending_date", "salesperson"]
    list_select_related = ["salesperson"]
    search_fields = ["no", "description"]
    ordering = ["-starting_date", "no"]


@admin.register(DocumentKind)
class DocumentKindAdmin(KeepsUsed):
    list_display = ["code", "name", "template"]
    list_select_related = ["template"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["template"]
    ordering = ["code"]


@admin.register(InteractionLogEntry)
class InteractionLogEntryAdmin(admin.ModelAdmin):
    """View only: entries change through their verbs, and no count walks ten million rows."""

    list_display = ["id", "date", "time", "contact", "description", "template", "salesperson", "canceled_at"]
    list_select_related = ["contact", "template", "salesperson"]
    ordering = ["-date", "-time", "-id"]
    readonly_fields = ["canceled_at", "canceled_by", "canceled_reason", "canceled_with"]
    show_full_result_count = False
    list_per_page = 50
    paginator = CappedPaginator

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    def get_exclude(self, request, obj=None):
        return () if request.user.has_perm("interactions.see_costs") else ("cost",)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
