"""What every request goes through: text that every database takes, and the language, time zone and region of the person."""

import zoneinfo
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.http import FileResponse, QueryDict
from django.utils import timezone, translation

from . import formats
from .models import MarketingSetup


@dataclass(frozen=True)
class Preferences:
    """language: a code of LANGUAGES.  zone: tzinfo, None for the server's.  region: tag like en-GB, "" by language."""

    language: str
    zone: zoneinfo.ZoneInfo | None
    region: str

    @contextmanager
    def active(self):
        with ExitStack() as stack:
            stack.enter_context(translation.override(self.language))
            stack.enter_context(timezone.override(self.zone))
            stack.enter_context(formats.override(self.region))
            yield

    def throughout(self, parts):
        """Makes streamed *parts* under the same preferences: the stream is read after the middleware has left."""
        with self.active():
            yield from parts

    @classmethod
    def now(cls):
        """The Preferences that are active at this moment."""
        return cls(
            translation.get_language() or settings.LANGUAGE_CODE,
            timezone.get_current_timezone(),
            formats.active(),
        )

    def as_json(self):
        return {"language": self.language, "zone": str(self.zone or ""), "region": self.region}

    @classmethod
    def from_json(cls, values):
        return cls(values["language"], find_zone(values["zone"]), values["region"])


class PlainTextMiddleware:
    """Puts U+FFFD for NUL, as HTML does, in what views read of the address and of a form: PostgreSQL stores no NUL.

    In `process_view`, so strangers are sent away and forms are checked before a body is read here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        for name in ("GET", "POST"):
            data = getattr(request, name)
            if any("\0" in text for key, values in data.lists() for text in (key, *values)):
                setattr(request, name, without_nul(data))


def without_nul(data):
    """A QueryDict like *data* with U+FFFD for every NUL."""
    clean = QueryDict(mutable=True, encoding=data.encoding)
    for key, values in data.lists():
        clean.setlist(key.replace("\0", "\ufffd"), [value.replace("\0", "\ufffd") for value in values])
    clean._mutable = False
    return clean


class PreferencesMiddleware:
    """Needs `request.user`. A person who has chosen nothing gets what LocaleMiddleware found and the company's zone.

    Sets `request.preferences`, and `request.region`, the tag that dates and numbers follow.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        preferences = request.preferences = preferences_of(request.user)
        with preferences.active():
            request.LANGUAGE_CODE = preferences.language
            request.region = formats.active()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", preferences.language)
        if response.streaming and not isinstance(response, FileResponse):
            response.streaming_content = preferences.throughout(response.streaming_content)
        return response


def preferences_of(user):
    """The Preferences of *user*; of an anonymous one without asking the database."""
    language = translation.get_language()
    if not user.is_authenticated:
        return Preferences(language, None, "")
    if user.language in dict(settings.LANGUAGES):
        language = user.language
    return Preferences(language, find_zone(user.time_zone or MarketingSetup.current().time_zone), user.region)


def find_zone(name):
    """The time zone called *name*, or None: a zone that the system has lost must not lock anybody out."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError):
        return None
