"""Home: what to do now. Cues and cards come from the apps (see `crm.navigation`)."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from crm import clock, formats, navigation
from crm.htmx import render_page
from crm.models import Contact


@require_safe
def home(request):
    """GET ?team=1: the figures of my team instead of my own."""
    user = request.user
    team = "team" in request.GET and bool(user.team_ids)
    cues = navigation.cues(request, team=team)
    return render_page(
        request,
        "crm/home.html",
        {
            "greeting": greeting(user),
            "sentence": sentence(cues),
            "cues": cues,
            "team": team,
            "has_team": bool(user.team_ids),
            "is_new": not Contact.objects.exists(),
        },
    )


def greeting(user):
    name, hour = user.first_name or user.display_name, clock.now().hour
    if hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    if hour < 18:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}


def sentence(cues):
    """The date, and what waits: the cues that are hot or bad, by name and number."""
    waiting = [f"{cue.label} ({reading.value})" for cue, reading in cues if reading.tone]
    values = {"day": formats.date_said(clock.today()), "things": ", ".join(waiting)}
    if not waiting:
        # Translators: under the greeting; %(day)s is "Friday, 20 November 2026".
        return _("%(day)s — nothing waits for you.") % values
    return (
        ngettext(
            # Translators: %(things)s is such as "Postponed by me (3)".
            "%(day)s — this waits for you: %(things)s.",
            "%(day)s — these wait for you: %(things)s.",
            len(waiting),
        )
        % values
    )
