from django.urls import path

from crm import converters  # noqa: F401  registers <code:…>

from .views import (
    choosing,
    chosen,
    counting,
    exporting,
    history,
    lines,
    logging,
    recipes,
    registers,
    worksheets,
)

app_name = "segments"

worksheet_urls = [
    path("", worksheets.segment_list, name="segments"),
    path("new/", worksheets.segment_new, name="segment_new"),
    path("delete/", worksheets.segments_delete, name="segments_delete"),
    path("<code:no>/", worksheets.segment_card, name="segment"),
    path("<code:no>/edit/", worksheets.segment_edit, name="segment_edit"),
    path("<code:no>/figures/", worksheets.segment_figures, name="segment_figures"),
    path("<code:no>/cells/", worksheets.segment_cells, name="segment_cells"),
    path("<code:no>/letter/", worksheets.letter, name="letter"),
    path("<code:no>/export/", exporting.export, name="export"),
]

line_urls = [
    path("<code:no>/lines/add/", worksheets.line_add, name="line_add"),
    path("<code:no>/lines/bulk/", lines.lines_bulk, name="lines_bulk"),
    path("<code:no>/lines/change/", lines.lines_change, name="lines_change"),
    path("<code:no>/lines/<int:pk>/", lines.line, name="line"),
    path("<code:no>/lines/<int:pk>/row/", lines.line_row, name="line_row"),
    path("<code:no>/lines/<int:pk>/file/", lines.line_file, name="line_file"),
    path("<code:no>/lines/<int:pk>/exchange/", lines.line_exchange, name="line_exchange"),
    path("<code:no>/lines/<int:pk>/<slug:name>/", lines.line_cell, name="line_cell"),
]

choosing_urls = [
    path("add-contacts/", chosen.add_chosen, name="add_chosen"),
    path("lookup/", chosen.lookup, name="lookup"),
    path("choices/<slug:field>/", choosing.choices, name="choices"),
    path("<code:no>/add/", choosing.choose, {"verb": "add"}, name="add"),
    path("<code:no>/reduce/", choosing.choose, {"verb": "reduce"}, name="reduce"),
    path("<code:no>/refine/", choosing.choose, {"verb": "refine"}, name="refine"),
    path("<code:no>/condition/", choosing.condition, name="condition"),
    path("<code:no>/count/<slug:verb>/", counting.count, name="count"),
    path("<code:no>/matches/<slug:verb>/", counting.matches, name="matches"),
    path("<code:no>/paste/", chosen.paste, name="paste"),
    path("<code:no>/go-back/", history.go_back, name="go_back"),
    path("<code:no>/history/", history.history, name="history"),
    path("<code:no>/history/clear/", history.clear_history, name="clear_history"),
    path("<code:no>/criteria/", recipes.saved, name="saved"),
    path("<code:no>/criteria/<int:pk>/use/", recipes.saved_use, name="saved_use"),
    path("<code:no>/criteria/<int:pk>/rename/", recipes.saved_rename, name="saved_rename"),
    path("<code:no>/criteria/<int:pk>/delete/", recipes.saved_delete, name="saved_delete"),
    path("<code:no>/reuse/", recipes.reuse, name="reuse"),
    path("<code:no>/mailing-group/", recipes.mailing_group, name="mailing_group"),
]

logging_urls = [
    path("<code:no>/log/", logging.log, name="log"),
    path("<code:no>/log/fix/", logging.log_fix, name="log_fix"),
    path("<code:no>/entries/", logging.entries, name="entries"),
]

register_urls = [
    path("logged/", registers.logged_segments, name="logged_segments"),
    path("logged/lookup/", recipes.logged_lookup, name="logged_lookup"),
    path("logged/delete/", registers.logged_delete, name="logged_delete"),
    path("logged/<int:pk>/", registers.logged, name="logged"),
    path("logged/<int:pk>/cancel/", registers.logged_cancel, name="logged_cancel"),
    path("logged/<int:pk>/reinstate/", registers.logged_reinstate, name="logged_reinstate"),
    path("logged/<int:pk>/follow-up/", registers.logged_follow_up, name="logged_follow_up"),
    path("logged/<int:pk>/reuse/", registers.logged_reuse, name="logged_reuse"),
    path("of-campaign/<code:no>/", registers.of_campaign, name="of_campaign"),
]

urlpatterns = [*register_urls, *logging_urls, *worksheet_urls, *line_urls, *choosing_urls]
