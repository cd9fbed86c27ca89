"""Every address of the product, by its name: what it needs from a world (`one_of_everything`).

Whoever adds an address adds it here, and what it answers to whom in tests/test_access.py.
"""

from urllib.parse import quote

from django.contrib.auth.models import Group
from django.urls import get_resolver, reverse

from crm.actions import opt_out_token


def nothing(world):
    return {}


def contact(world):
    return {"no": world.contact.no}


def salesperson(world):
    return {"code": world.salesperson.code}


def entry(world):
    return {"pk": world.entry.pk}


def draft(world):
    return {"uuid": world.draft.uuid}


def campaign(world):
    return {"no": world.campaign.no}


def campaign_entry(world):
    return {"no": world.campaign.no, "pk": world.campaign_entry.pk}


def template(world):
    return {"code": world.template.code}


def segment(world):
    return {"no": world.segment.no}


def line(world):
    return {"no": world.segment.no, "pk": world.line.pk}


def choosing(world):
    return {"no": world.segment.no, "verb": "add"}


def saved_criteria(world):
    return {"no": world.segment.no, "pk": world.saved_criteria.pk}


def logged_segment(world):
    return {"pk": world.logged_segment.pk}


ADDRESSES = {
    "home": nothing,
    "login": nothing,
    "logout": nothing,
    "password_change": nothing,
    "password_reset": nothing,
    "password_reset_confirm": lambda world: {"uidb64": "MQ", "token": "set-password"},
    "preferences": nothing,
    "set_language": nothing,
    "set_theme": nothing,
    "undo": lambda world: {"token": "forged:1:signature"},
    "livez": nothing,
    "readyz": nothing,
    "crm:contacts": nothing,
    "crm:contact_new": nothing,
    "crm:contact_lookup": nothing,
    "crm:contact_export": nothing,
    "crm:contact": contact,
    "crm:contact_edit": contact,
    "crm:contact_block": contact,
    "crm:contact_unblock": contact,
    "crm:opt_out": lambda world: {"token": opt_out_token(world.opt_out.contact_id, "EMAIL")},
    "crm:jobs": nothing,
    "crm:job": lambda world: {"pk": world.finished.pk},
    "crm:job_file": lambda world: {"pk": world.finished.pk},
    "crm:salespeople": nothing,
    "crm:salesperson": salesperson,
    "interactions:new": nothing,
    "interactions:postponed": nothing,
    "interactions:postponed_card": nothing,
    "interactions:drafts_delete": nothing,
    "interactions:draft": draft,
    "interactions:draft_log": draft,
    "interactions:draft_file": draft,
    "interactions:draft_preview": draft,
    "interactions:draft_letter": draft,
    "interactions:templates": nothing,
    "interactions:template_new": nothing,
    "interactions:starter_file": nothing,
    "interactions:template": template,
    "interactions:template_duplicate": template,
    "interactions:template_delete": template,
    "interactions:template_language": template,
    "interactions:template_preview": template,
    "interactions:template_letter": template,
    "interactions:template_file": lambda world: {"pk": world.template_language.pk},
    "interactions:entries": nothing,
    "interactions:entry_rows": nothing,
    "interactions:entry_statistics": nothing,
    "interactions:entry": entry,
    "interactions:entry_cancel": entry,
    "interactions:entry_reinstate": entry,
    "interactions:entry_evaluate": entry,
    "interactions:entry_comments": entry,
    "interactions:entry_attachment": entry,
    "interactions:entry_message": entry,
    "interactions:entry_source": entry,
    "interactions:entry_resend": entry,
    "interactions:delivery_problems": nothing,
    "interactions:delivery_decide": nothing,
    "interactions:print_letters": nothing,
    "interactions:bulk_cancel": nothing,
    "interactions:bulk_reinstate": nothing,
    "interactions:bulk_evaluate": nothing,
    "interactions:export": nothing,
    "interactions:purge": nothing,
    "interactions:contact_entries": contact,
    "interactions:contact_statistics": contact,
    "interactions:salesperson_entries": salesperson,
    "interactions:salesperson_statistics": salesperson,
    "interactions:campaigns": nothing,
    "interactions:campaign_new": nothing,
    "interactions:campaign": campaign,
    "interactions:campaign_edit": campaign,
    "interactions:campaign_entry_cancel": campaign_entry,
    "interactions:campaign_entry_reinstate": campaign_entry,
    "segments:segments": nothing,
    "segments:segment_new": nothing,
    "segments:segments_delete": nothing,
    "segments:segment": segment,
    "segments:segment_edit": segment,
    "segments:segment_cells": segment,
    "segments:segment_figures": segment,
    "segments:letter": segment,
    "segments:export": segment,
    "segments:line_add": segment,
    "segments:lines_bulk": segment,
    "segments:lines_change": segment,
    "segments:line": line,
    "segments:line_row": line,
    "segments:line_file": line,
    "segments:line_exchange": line,
    "segments:line_cell": lambda world: line(world) | {"name": "channel"},
    "segments:add_chosen": nothing,
    "segments:lookup": nothing,
    "segments:choices": lambda world: {"field": "salesperson"},
    "segments:add": segment,
    "segments:reduce": segment,
    "segments:refine": segment,
    "segments:condition": segment,
    "segments:count": choosing,
    "segments:matches": choosing,
    "segments:paste": segment,
    "segments:go_back": segment,
    "segments:history": segment,
    "segments:clear_history": segment,
    "segments:saved": segment,
    "segments:saved_use": saved_criteria,
    "segments:saved_delete": saved_criteria,
    "segments:saved_rename": saved_criteria,
    "segments:reuse": segment,
    "segments:mailing_group": segment,
    "segments:log": segment,
    "segments:log_fix": segment,
    "segments:entries": segment,
    "segments:logged_segments": nothing,
    "segments:logged_lookup": nothing,
    "segments:logged_delete": nothing,
    "segments:logged": logged_segment,
    "segments:logged_cancel": logged_segment,
    "segments:logged_reinstate": logged_segment,
    "segments:logged_follow_up": logged_segment,
    "segments:logged_reuse": logged_segment,
    "segments:of_campaign": campaign,
}


def address(name, world):
    return reverse(name, kwargs=ADDRESSES[name](world))


def named_patterns(resolver=None, namespace=""):
    """(name with its namespace, or "" for one without a name; URLPattern) of every address, the admin's included."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            below = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_patterns(pattern, below)
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else "", pattern


# Parameters of the pages that read any.
PAGING = ("after", "before", "loaded", "filters")
OF_ENTRIES = (
    *("q", "view", "contact", "salesperson", "template", "group", "date_after", "date_before", "canceled"),
    *("evaluation", "campaign", "segment", "logged_segment", "document_kind", "document_no", "delivery"),
)
OF_CONTACTS = (
    *("q", "view", "type", "company", "salesperson", "city", "country", "language", "channel"),
    *("privacy_blocked", "quiet_since"),
)
PARAMETERS = {
    "home": ("team",),
    "login": ("next",),
    "crm:contacts": OF_CONTACTS + PAGING,
    "crm:contact_new": ("company", "type"),
    "crm:contact_lookup": ("q", "type"),
    "crm:contact_export": OF_CONTACTS,
    "crm:contact": ("tab", *PAGING),
    "crm:jobs": PAGING,
    "crm:salespeople": ("q", "blocked", *PAGING),
    "crm:salesperson": ("tab", *PAGING),
    "interactions:new": ("contact", "salesperson", "entry", "campaign", "template"),
    "interactions:postponed": ("v", "contact", "salesperson", *PAGING),
    "interactions:entries": (*OF_ENTRIES, "jump", *PAGING),
    "interactions:entry_rows": ("id",),
    "interactions:delivery_problems": PAGING,
    "interactions:entry_statistics": OF_ENTRIES,
    "interactions:export": OF_ENTRIES,
    "interactions:purge": (
        *("entry_min", "entry_max", "contact", "date_after", "date_before", "campaign", "group", "template"),
        "salesperson",
    ),
    "interactions:contact_entries": ("kind", "canceled", "after", "month"),
    "interactions:salesperson_entries": ("kind", "canceled", "after", "month"),
    "interactions:campaigns": ("q", "view", *PAGING),
    "interactions:templates": ("q", "view", *PAGING),
    "interactions:template": ("language", "contact", "tab"),
    "interactions:template_preview": ("language", "contact"),
    "interactions:template_letter": ("language", "contact"),
    "interactions:campaign": PAGING,
    "segments:segments": ("q", "view", "contact", *PAGING),
    "segments:segment": ("check", "language", *PAGING),
    "segments:history": PAGING,
    "segments:saved": ("after", "before"),
    "segments:lookup": ("q",),
    "segments:choices": ("q",),
    "segments:logged_lookup": ("q",),
    "segments:log": ("follow_up", "deliver"),
    "segments:entries": PAGING,
    "segments:logged_segments": ("q", "view", *PAGING),
    "segments:logged": ("done",),
}

WITHOUT_NUMBERS = """
    home home?team=1 password_change preferences
    crm:contacts crm:contacts?filters=1 crm:contacts?view=companies crm:contacts?q=nothing+like+it
    crm:contact_new crm:contact_new?type=PERSON
    crm:salespeople crm:salespeople?filters=1 crm:salespeople?q=nobody crm:jobs
    interactions:new interactions:postponed interactions:postponed?v=team interactions:postponed?v=old
    interactions:postponed_card interactions:entries?jump=2020-01-01
    interactions:delivery_problems interactions:entries?delivery=problem
    interactions:entries interactions:entries?filters=1 interactions:entries?view=canceled
    interactions:entries?view=awaiting interactions:entries?q=nothing+like+it&canceled=no interactions:entry_statistics
    interactions:export interactions:purge interactions:purge?entry_min=999999999
    interactions:campaigns interactions:campaigns?q=nothing+like+it interactions:campaign_new
    interactions:templates interactions:templates?view=all interactions:templates?q=nothing+like+it
    interactions:template_new
    segments:segments segments:segments?view=empty segments:segments?q=nothing+like+it segments:segment_new
    segments:logged_segments segments:logged_segments?view=canceled segments:logged_delete
"""
FOR_STRANGERS = "login password_reset"


def pages_without_numbers(names=WITHOUT_NUMBERS):
    """The addresses of pages that there are before there is any row."""
    for each in names.split():
        name, _mark, query = each.partition("?")
        yield f"{reverse(name)}?{query}" if query else reverse(name)


def pages(world):
    """The addresses of all pages, in all their states, for a person who may see them all."""
    yield from pages_without_numbers()
    for contact in (world.company, world.contact, world.minor):
        url = contact.get_absolute_url()
        yield from (
            url,
            f"{url}?tab=details",
            f"{url}?tab=people",
            reverse("crm:contact_edit", args=[contact.no]),
        )
        timeline = reverse("interactions:contact_entries", args=[contact.no])
        yield from (timeline, f"{timeline}?canceled=show", f"{timeline}?kind=MEETING")
        yield reverse("interactions:contact_statistics", args=[contact.no])
    yield f"{reverse('crm:contact_new')}?company={world.company.no}"
    url = world.salesperson.get_absolute_url()
    yield from (url, f"{url}?tab=contacts", f"{url}?tab=details")
    yield reverse("interactions:salesperson_entries", args=[world.salesperson.code])
    yield reverse("interactions:salesperson_statistics", args=[world.salesperson.code])
    new = reverse("interactions:new")
    yield from (
        f"{new}?entry={world.entry.pk}",
        f"{new}?contact={quote(world.contact.no)}&template={quote(world.template.code)}",
        f"{new}?salesperson={quote(world.salesperson.code)}&campaign={quote(world.campaign.no)}",
    )
    for draft in (world.draft, world.writing, world.of_team):
        yield draft.get_absolute_url()
    yield f"{reverse('interactions:postponed')}?contact={quote(world.company.no)}"
    for entry in (world.entry, world.canceled, world.document, world.failed, world.bare):
        yield entry.get_absolute_url()
        yield reverse("interactions:entry_cancel", args=[entry.pk])
    yield f"{reverse('interactions:entry_rows')}?id={world.entry.pk}&id={world.canceled.pk}"
    yield f"{reverse('interactions:entries')}?contact={quote(world.contact.no)}&campaign={quote(world.campaign.no)}"
    yield address("interactions:entry_message", world)
    for name in ("template", "template_duplicate", "template_delete", "template_preview", "draft_preview"):
        yield address(f"interactions:{name}", world)
    card = address("interactions:template", world)
    yield from (
        f"{card}?language=ru&tab=settings",
        f"{card}?language=fr&contact={quote(world.contact.no)}&tab=fields",
    )
    for name in ("campaign", "campaign_edit", "campaign_entry_cancel"):
        yield address(f"interactions:{name}", world)
    for name in (
        "segment",
        "segment_edit",
        "line",
        "add",
        "history",
        "saved",
        "reuse",
        "mailing_group",
        "log",
        "entries",
    ):
        yield address(f"segments:{name}", world)
    yield f"{address('segments:segment', world)}?check=any"
    for name in ("logged", "logged_cancel", "of_campaign"):
        yield address(f"segments:{name}", world)
    for job in (world.job, world.finished, world.broken):
        yield job.get_absolute_url()


def admin_pages(world):
    rows = {
        "auth_group": Group.objects.get(name="Salesperson"),
        "crm_user": world.user,
        "crm_salesperson": world.salesperson,
        "crm_team": world.team,
        "crm_numberseries": world.series,
        "crm_salutation": world.salutation,
        "interactions_interactiongroup": world.group,
        "interactions_interactiontemplate": world.template,
        "interactions_campaign": world.campaign,
        "interactions_documentkind": world.document_kind,
        "interactions_interactionlogentry": world.entry,
    }
    yield reverse("admin:index")
    for name, row in rows.items():
        yield reverse(f"admin:{name}_changelist")
        yield reverse(f"admin:{name}_change", args=[row.pk])
        yield reverse(f"admin:{name}_history", args=[row.pk])
        if name != "interactions_interactionlogentry":
            yield reverse(f"admin:{name}_add")
    yield reverse("admin:crm_marketingsetup_change", args=[1])
