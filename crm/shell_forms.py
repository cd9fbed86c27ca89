"""What people type into the shell: sign-in and my settings."""

import zoneinfo
from functools import cache

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from .formats import REGIONS
from .models import Density, Theme, User


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("User name or password is not right."),
        "inactive": _("This account is switched off."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")


class PreferencesForm(forms.ModelForm):
    """A person's own settings. A blank value means: as the browser, the language or the company says."""

    optional_marks = False

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("Same as the browser")), *settings.LANGUAGES],
        help_text=_("Used for pages, never for letters."),
    )
    region = forms.ChoiceField(
        label=_("Region"),
        required=False,
        choices=[("", _("By language")), *REGIONS],
        help_text=_("Decides how dates and numbers look."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, widget=forms.Select(attrs={"data-combobox": True})
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme, widget=forms.RadioSelect)
    density = forms.ChoiceField(label=_("Height of rows"), choices=Density, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ["language", "region", "time_zone", "theme", "density", "shortcuts"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [("", _("Same as the company")), *continents()]
        if (chosen := self.instance.region) and chosen not in dict(REGIONS):
            self.fields["region"].choices += [(chosen, chosen)]


@cache
def continents():
    """[(continent, [(zone, city), …]), …] of all places; the old names without a place are left out."""
    groups = {}
    for zone in sorted(zoneinfo.available_timezones()):
        continent, _slash, place = zone.partition("/")
        if place and continent not in {"Etc", "SystemV", "US", "posix", "right"}:
            groups.setdefault(continent, []).append((zone, f"{place.replace('_', ' ')} ({continent})"))
    return [*groups.items(), ("UTC", [("UTC", "UTC")])]
