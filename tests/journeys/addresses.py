"""Every address of the product, by its name: what it needs from a world (`one_of_everything`).

Whoever adds an address adds it here, and what it answers to whom in tests/test_access.py.
"""

from django.urls import get_resolver, reverse


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
    "interactions:bulk_cancel": nothing,
    "interactions:bulk_reinstate": nothing,
    "interactions:bulk_evaluate": nothing,
    "interactions:export": nothing,
    "interactions:purge": nothing,
    "interactions:contact_entries": contact,
    "interactions:contact_statistics": contact,
    "interactions:salesperson_entries": salesperson,
    "interactions:salesperson_statistics": salesperson,
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
