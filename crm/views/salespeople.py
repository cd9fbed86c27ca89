from django.contrib.auth.decorators import permission_required
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from crm import dependents
from crm.filters import SalespersonFilter
from crm.htmx import render_page
from crm.models import Contact, Salesperson, TeamMember
from crm.views.paging import ListPage, contact_page

may_see = permission_required("crm.view_salesperson", raise_exception=True)


def with_teams(salespeople):
    members = TeamMember.objects.select_related("team").order_by("-is_home", "team__name")
    return salespeople.prefetch_related(Prefetch("memberships", queryset=members))


@require_safe
@may_see
def salesperson_list(request):
    salespeople = Salesperson.objects.visible_to(request.user)
    filters = SalespersonFilter(request.GET, salespeople, request=request, full="filters" in request.GET)
    page = ListPage(request, with_teams(filters.rows), ("name", "id"))
    context = {
        "filters": filters,
        "page": page,
        "cells": dependents.Cells(dependents.salespeople, request.user, page.rows),
    }
    return render_page(
        request,
        "crm/salesperson_list.html",
        context,
        partial={"results": "answer", "rows": "results", "filter-form": "filter_form"},
    )


@require_safe
@may_see
def salesperson_detail(request, code):
    user = request.user
    salesperson = get_object_or_404(
        with_teams(Salesperson.objects.visible_to(user).select_related("user")), code=code
    )
    tab = request.GET.get("tab")
    context = {
        "salesperson": salesperson,
        "tab": tab if tab in {"contacts", "details"} else "timeline",
        "answers": f"{pgettext('answer', 'Yes')},{pgettext('answer', 'No')}",
        "facts": dependents.Cells(dependents.salespeople, user, [salesperson]).of(salesperson),
    }
    if context["tab"] == "contacts":
        page = contact_page(request, Contact.objects.visible_to(user).filter(salesperson=salesperson))
        context["is_beyond"] = lambda: not Salesperson.objects.in_scope_of(user).filter(code=code).exists()
        context |= {"page": page, "cells": dependents.Cells(dependents.contacts, user, page.rows)}
    return render_page(request, "crm/salesperson_detail.html", context, partial={"rows": "contacts"})
