from django.urls import path

from crm import converters  # noqa: F401  registers <code:…>

from .views import drafts

app_name = "interactions"

draft_urls = [
    path("new/", drafts.new, name="new"),
    path("postponed/", drafts.postponed, name="postponed"),
    path("postponed/delete/", drafts.drafts_delete, name="drafts_delete"),
    path("drafts/<uuid:uuid>/", drafts.draft, name="draft"),
    path("drafts/<uuid:uuid>/log/", drafts.draft_log, name="draft_log"),
    path("drafts/<uuid:uuid>/file/", drafts.draft_file, name="draft_file"),
]

urlpatterns = [
    *draft_urls,
]
