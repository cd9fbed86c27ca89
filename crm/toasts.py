"""Short sentences about what just happened, carried by Django's messages to the next page or htmx answer."""

import json
from dataclasses import dataclass

from django.contrib import messages
from django.urls import reverse

ICONS = {"success": "check", "info": "info", "warning": "warn", "error": "warn"}


@dataclass(frozen=True, kw_only=True)
class Toast:
    """level: success, info, warning or error.  undo: URL to POST to, or "".  link: (URL, words), or ()."""

    text: str
    level: str = "success"
    undo: str = ""
    link: tuple = ()

    @property
    def icon(self):
        return ICONS[self.level]

    def payload(self):
        """The toast for the script of the page."""
        return {"text": self.text, "level": self.level, "undo": self.undo, "link": list(self.link)}


def toast(request, text, *, undo=None, link=None, level=messages.SUCCESS):
    """Shows *text* once. undo: a token of `crm.undo.offer`.  link: (URL, words) of the next step."""
    extra = {"undo": undo, "link": link}
    extra = {
        name: str(value) if name == "undo" else [str(part) for part in value]
        for name, value in extra.items()
        if value
    }
    messages.add_message(request, level, text, extra_tags=json.dumps(extra) if extra else "")


def pending(request):
    """The toasts that wait for *request*; from now on they count as shown."""
    return [_read(message) for message in messages.get_messages(request)]


def _read(message):
    try:
        extra = json.loads(message.extra_tags or "{}")
    except ValueError:  # tags of another program, such as an admin action
        extra = {}
    return Toast(
        text=str(message.message),
        level=message.level_tag if message.level_tag in ICONS else "info",
        undo=reverse("undo", args=[extra["undo"]]) if extra.get("undo") else "",
        link=tuple(extra.get("link", ())),
    )
