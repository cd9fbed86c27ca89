from django.urls import include, path

from crm import converters  # noqa: F401  registers <code:…>

from .views import (
    campaigns,
    canceling,
    deliveries,
    drafts,
    entries,
    exporting,
    files,
    letters,
    postponed,
    purging,
    statistics,
    template_files,
    templates,
    timeline,
)

app_name = "interactions"

draft_urls = [
    path("new/", drafts.new, name="new"),
    path("postponed/", postponed.postponed, name="postponed"),
    path("postponed/card/", postponed.postponed_card, name="postponed_card"),
    path("postponed/delete/", postponed.drafts_delete, name="drafts_delete"),
    path("drafts/<uuid:uuid>/", drafts.draft, name="draft"),
    path("drafts/<uuid:uuid>/log/", postponed.draft_log, name="draft_log"),
    path("drafts/<uuid:uuid>/file/", drafts.draft_file, name="draft_file"),
    path("drafts/<uuid:uuid>/preview/", letters.draft_preview, name="draft_preview"),
    path("drafts/<uuid:uuid>/letter/", letters.draft_letter, name="draft_letter"),
]

entry_urls = [
    path("", entries.entries, name="entries"),
    path("rows/", entries.entry_rows, name="entry_rows"),
    path("statistics/", statistics.entry_statistics, name="entry_statistics"),
    path("<int:pk>/", entries.entry, name="entry"),
    path("<int:pk>/cancel/", canceling.entry_cancel, name="entry_cancel"),
    path("<int:pk>/reinstate/", canceling.entry_reinstate, name="entry_reinstate"),
    path("<int:pk>/evaluate/", canceling.entry_evaluate, name="entry_evaluate"),
    path("<int:pk>/comments/", canceling.entry_comments, name="entry_comments"),
    path("<int:pk>/message/", letters.entry_message, name="entry_message"),
    path("<int:pk>/attachment/", entries.entry_attachment, name="entry_attachment"),
    path("<int:pk>/resend/", deliveries.entry_resend, name="entry_resend"),
    path("deliveries/", deliveries.problems, name="delivery_problems"),
    path("deliveries/print/", deliveries.print_letters, name="print_letters"),
    path("deliveries/decide/", deliveries.decide, name="delivery_decide"),
    path("<int:pk>/attachment/source/", entries.entry_source, name="entry_source"),
]

bulk_urls = [
    path("bulk/cancel/", canceling.bulk_cancel, name="bulk_cancel"),
    path("bulk/reinstate/", canceling.bulk_reinstate, name="bulk_reinstate"),
    path("bulk/evaluate/", canceling.bulk_evaluate, name="bulk_evaluate"),
    path("export/", exporting.export, name="export"),
    path("canceled/delete/", purging.purge, name="purge"),
]

about_urls = [
    path("contacts/<code:no>/", timeline.contact_entries, name="contact_entries"),
    path("contacts/<code:no>/statistics/", statistics.contact_statistics, name="contact_statistics"),
    path("salespeople/<code:code>/", timeline.salesperson_entries, name="salesperson_entries"),
    path(
        "salespeople/<code:code>/statistics/",
        statistics.salesperson_statistics,
        name="salesperson_statistics",
    ),
]

template_urls = [
    path("templates/files/<int:pk>/", files.template_file, name="template_file"),
]

letter_urls = [
    path("", templates.templates, name="templates"),
    path("new/", templates.template_new, name="template_new"),
    path("starter/", letters.starter_file, name="starter_file"),
    path("<code:code>/", templates.template, name="template"),
    path("<code:code>/duplicate/", templates.template_duplicate, name="template_duplicate"),
    path("<code:code>/delete/", templates.template_delete, name="template_delete"),
    path("<code:code>/language/", template_files.template_language, name="template_language"),
    path("<code:code>/preview/", letters.template_preview, name="template_preview"),
    path("<code:code>/letter/", letters.template_letter, name="template_letter"),
]

campaign_urls = [
    path("", campaigns.campaigns, name="campaigns"),
    path("new/", campaigns.campaign_new, name="campaign_new"),
    path("<code:no>/", campaigns.campaign, name="campaign"),
    path("<code:no>/edit/", campaigns.campaign_edit, name="campaign_edit"),
    path("<code:no>/entries/<int:pk>/cancel/", campaigns.campaign_entry_cancel, name="campaign_entry_cancel"),
    path(
        "<code:no>/entries/<int:pk>/reinstate/",
        campaigns.campaign_entry_reinstate,
        name="campaign_entry_reinstate",
    ),
]

urlpatterns = [
    path(
        "interactions/",
        include(
            [
                *draft_urls,
                *template_urls,
                *entry_urls,
                *bulk_urls,
                *about_urls,
            ]
        ),
    ),
    path("campaigns/", include(campaign_urls)),
    path("templates/", include(letter_urls)),
]
