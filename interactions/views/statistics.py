"""Figures of a contact, of a salesperson and of any filter of the list: read live, nothing is stored (domain 2.15)."""

import datetime as dt

from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import clock, formats, htmx
from crm.limits import TakesTooLong
from crm.models import Contact, MarketingSetup, Salesperson
from interactions.models import InteractionLogEntry
from interactions.views.listing import Listing, limited_time
from interactions.views.timeline import is_beyond

may_see = permission_required("interactions.view_interactionlogentry", raise_exception=True)


@require_safe
@may_see
def contact_statistics(request, no):
    """This year with a contact, a company's people included."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), no=no)
    return show_year(request, InteractionLogEntry.objects.of_contact(contact), about=contact)


@require_safe
@may_see
def salesperson_statistics(request, code):
    """This year of a salesperson, as far as the user finds the entries."""
    salesperson = get_object_or_404(Salesperson.objects.visible_to(request.user), code=code)
    entries = InteractionLogEntry.objects.visible_to(request.user).filter(salesperson=salesperson)
    return show_year(request, entries, about=salesperson, beyond=is_beyond(request.user, salesperson))


def show_year(request, entries, *, about, beyond=False):
    """beyond: as `Timeline.is_beyond`."""
    year = clock.today().year
    last = entries.counting().filter(evaluation__isnull=False).newest_first()
    context = {
        "about": about,
        "is_beyond": beyond and not entries.exists(),
        "figures": Figures(
            entries.filter(date__gte=dt.date(year, 1, 1), date__lte=dt.date(year, 12, 31)), request.user
        ),
        "last_evaluation": last.values_list("evaluation", flat=True).first(),
    }
    return htmx.render_page(request, "interactions/statistics.html", context, partial="figures")


@require_safe
@may_see
def entry_statistics(request):
    """Of everything that the list would show: of a template, a group, a campaign, a period (domain 2.1, 2.2)."""
    listing = Listing(request)
    context = {
        "filters": listing.filterset,
        "back": f"{reverse('interactions:entries')}?{listing.filterset.query}",
    }
    try:
        with limited_time():
            context["figures"] = Figures(listing.entries, request.user)
    except TakesTooLong as problem:
        context["problem"] = problem.for_user
    return htmx.render_page(
        request, "interactions/entry_statistics.html", context, partial={"dialog": "dialog"}
    )


class Figures:
    """Number, time, cost and last day of those of *entries* that count, in words; the cost only for whom it is."""

    def __init__(self, entries, user):
        figures = entries.order_by().statistics()
        self.count = formats.integer(figures["count"])
        self.minutes = formats.minutes(figures["minutes"])
        self.last_date = formats.date_table(figures["last_date"])
        self.sees_costs = user.has_perm("interactions.see_costs")
        currency = MarketingSetup.current().currency
        self.cost = formats.money(figures["cost"], currency)
        each = figures["count"] or 1
        self.average_cost = formats.money(figures["cost"] / each, currency)
        self.average_minutes = formats.minutes(round(figures["minutes"] / each))

    @property
    def facts(self):
        """[(label, value), …] of everything."""
        facts = [(_("Interactions"), self.count), (_("Time spent"), self.minutes)]
        if self.sees_costs:
            facts.append((_("Cost"), self.cost))
        facts.append((_("Time for each"), self.average_minutes))
        if self.sees_costs:
            facts.append((_("Cost of each"), self.average_cost))
        return [*facts, (_("Last interaction"), self.last_date)]
