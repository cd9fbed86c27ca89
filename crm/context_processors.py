"""What base.html needs beside the page itself. Nothing is asked before a template asks it."""

from django.conf import settings
from django.urls import get_script_prefix
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import navigation, toasts
from .models import Density, MarketingSetup, Theme

THEME_COOKIE = "theme"
SIDE_COOKIE = "side"


def shell(request):
    return {"shell": Shell(request)}


class Shell:
    """The surroundings of one page, for one person."""

    languages = settings.LANGUAGES
    themes = [(Theme.SYSTEM, "screen"), (Theme.LIGHT, "sun"), (Theme.DARK, "moon")]

    def __init__(self, request):
        self.request = request

    @cached_property
    def user(self):
        """The signed-in User, or None."""
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    # --- what <html> says

    @cached_property
    def language(self):
        return get_language()

    @cached_property
    def theme(self):
        """system, light or dark."""
        chosen = self.user.theme if self.user else self.request.COOKIES.get(THEME_COOKIE)
        return chosen if chosen in Theme.values else Theme.SYSTEM.value

    @property
    def bs_theme(self):
        """The theme to draw first; for "system" a line of script corrects it before anything is drawn."""
        return "dark" if self.theme == Theme.DARK else "light"

    @property
    def density(self):
        return self.user.density if self.user else Density.NORMAL.value

    @property
    def shortcuts(self):
        return "on" if self.user and self.user.shortcuts else "off"

    @property
    def side(self):
        """narrow, wide, or "" for: by the width of the window."""
        chosen = self.request.COOKIES.get(SIDE_COOKIE)
        return chosen if chosen in {"narrow", "wide"} else ""

    # --- who and where

    @property
    def home_url(self):
        return get_script_prefix()

    @property
    def company(self):
        return MarketingSetup.current().company_name or "Bitácora"

    @property
    def company_line(self):
        setup = MarketingSetup.current()
        return (
            " · ".join(part for part in (setup.company_line, setup.currency) if part)
            if setup.company_name
            else ""
        )

    @property
    def person_line(self):
        salesperson = self.user.own_salesperson
        if salesperson is None:
            return self.user.username
        # Translators: under a person's name in the menu; %(code)s is the salesperson code.
        return _("Salesperson · %(code)s") % {"code": salesperson.code}

    @cached_property
    def language_name(self):
        return dict(self.languages).get(self.language, self.language)

    @property
    def toasts(self):
        return toasts.pending(self.request)

    # --- the menu

    @cached_property
    def sections(self):
        return navigation.menu(self.request)

    @cached_property
    def tabs(self):
        """The links of the phone bar, at most three."""
        return [link for _label, links in self.sections for link in links if link.tab][:3]

    @cached_property
    def create(self):
        return navigation.create_action(self.request)
