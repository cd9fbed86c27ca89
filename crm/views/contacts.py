from functools import cache
from typing import NamedTuple

from django.contrib.auth.decorators import permission_required
from django.contrib.messages import ERROR, WARNING
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import actions, dependents, selection, undo
from crm.countries import country_name
from crm.csv_stream import batches, csv_response
from crm.errors import Refusal
from crm.filters import ALL, ContactFilter, in_view, views_of
from crm.forms import PERSONS_ONLY, SECTIONS, ContactForm, EditContactForm
from crm.htmx import redirect, render_page, way_back
from crm.keyset import capped_count
from crm.languages import language_name
from crm.lookup import detail
from crm.models import Contact, ContactType
from crm.templatetags.components import initials, tone_of
from crm.toasts import toast
from crm.views.paging import CONTACTS, contact_page

LOOKUP_ROWS = 20
EXPORTED = (
    "no",
    "type",
    "name",
    "name_2",
    "company_name",
    "job_title",
    "address",
    "address_2",
    "post_code",
    "city",
    "county",
    "country",
    "phone_no",
    "mobile_phone_no",
    "email",
    "email_2",
    "home_page",
    "language",
    "channel",
    "privacy_blocked",
)

may_see = permission_required("crm.view_contact", raise_exception=True)
may_add = permission_required(["crm.view_contact", "crm.add_contact"], raise_exception=True)
may_export = permission_required(["crm.view_contact", "crm.export_contacts"], raise_exception=True)
may_change = permission_required(["crm.view_contact", "crm.change_contact"], raise_exception=True)


def find(user, no, contacts=Contact.objects):
    """The contact that *user* may see under that number, or 404."""
    return get_object_or_404(contacts.visible_to(user), no=no)


# --- list -------------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def contact_list(request):
    user = request.user
    contacts = Contact.objects.visible_to(user)
    filters = ContactFilter(request.GET, contacts, request=request, full="filters" in request.GET)
    views = cache(lambda: views_with_counts(contacts, filters, user))

    def count():
        counted = [number for _url, _label, number, current in views() if current]
        # The tab has counted them when nothing else is chosen.
        return counted[0] if counted and set(filters.chosen) <= {"view"} else capped_count(filters.rows)

    page = contact_page(request, filters.rows, count=count)
    return render_page(
        request,
        "crm/contact_list.html",
        {
            "filters": filters,
            "page": page,
            "cells": dependents.Cells(dependents.contacts, user, page.rows),
            "views": views,
            "bulk_actions": dependents.contacts.bulk_actions(user),
            "matching": lambda: selection.sign({"query": filters.query}, page.total, user=user),
            "elsewhere": cache(lambda: capped_count(contacts.search(filters.words))),
        },
        partial={"results": "answer", "rows": "results", "filter-form": "filter_form"},
    )


def views_with_counts(contacts, filters, user):
    """[(address, label, Capped count, whether it is this one), …] of the tabs."""
    current = filters.chosen.get("view", ALL)
    return [
        (
            f"{reverse('crm:contacts')}{f'?view={name}' if name else ''}",
            label,
            capped_count(in_view(contacts, name, user)),
            name == current,
        )
        for name, label in views_of(user)
    ]


@require_safe
@may_export
def contact_export(request):
    """The whole filter as CSV, in the order of the list; a filter that makes no sense leads back to the list."""
    filters = ContactFilter(request.GET, Contact.objects.visible_to(request.user), request=request)
    if filters.problems:
        return redirect(request, f"{reverse('crm:contacts')}?{filters.query}")
    header = [
        *(Contact._meta.get_field(name).verbose_name for name in EXPORTED),
        _("Salesperson"),
        *(column.label for column in dependents.contacts.columns(request.user)),
    ]
    rows = filters.rows.for_list().order_by(*CONTACTS)
    return csv_response(f"{_('Contacts')}.csv", header, exported(rows, request.user))


def exported(contacts, user):
    for batch in batches(contacts):
        cells = dependents.Cells(dependents.contacts, user, batch)
        for contact in batch:
            yield [
                *(getattr(contact, name) for name in EXPORTED),
                contact.salesperson.code if contact.salesperson else "",
                *(cells.value(column, contact) for column in cells.columns),
            ]


@require_safe
@may_see
def contact_lookup(request):
    """{"results": [{value, text, detail, initials, tone, blocked}]} for ?q=: up to 20; type=COMPANY: companies only."""
    contacts = Contact.objects.visible_to(request.user)
    if request.GET.get("type") in ContactType.values:
        contacts = contacts.filter(type=request.GET["type"])
    words = request.GET.get("q", "").strip()
    found = [*contacts.filter(no=words)] if words else []
    # Without words in the order that has an index.
    matches = contacts.search(words).order_by(*(["name", "id"] if words else CONTACTS))
    found += [contact for contact in matches[:LOOKUP_ROWS] if contact not in found]
    return JsonResponse({"results": [lookup_row(contact) for contact in found[:LOOKUP_ROWS]]})


def lookup_row(contact):
    line = detail(contact)
    if contact.privacy_blocked:
        # Translators: second line of a contact in a look-up; %(detail)s is its company and number.
        line = _("Blocked for privacy · %(detail)s") % {"detail": line}
    return {
        "value": contact.no,
        "text": contact.name,
        "detail": line,
        "initials": initials(contact.name),
        "tone": tone_of(contact.name),
        "blocked": contact.privacy_blocked,
    }


# --- card -------------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def contact_detail(request, no):
    user = request.user
    contact = find(user, no, Contact.objects.select_related("company", "salesperson", "salutation"))
    people = people_around(contact, user)
    company_url = url_of_company(contact, user)
    tab = request.GET.get("tab")
    context = {
        "contact": contact,
        "tab": tab if tab == "details" or (tab == "people" and people is not None) else "timeline",
        "facts": dependents.Cells(dependents.contacts, user, [contact]).of(contact),
        "language": language_name(contact.language) if contact.language else "",
        "company_url": company_url,
        "phones": phones_of(contact, company_url),
        "address": address_of(contact),
        "people_count": None if people is None else capped_count(people),
    }
    if context["tab"] == "details":
        context["sections"] = sections_of(contact)
    elif context["tab"] == "people":
        page = contact_page(request, people, count=lambda: context["people_count"])
        context |= {"page": page, "cells": dependents.Cells(dependents.contacts, user, page.rows)}
    return render_page(request, "crm/contact_detail.html", context, partial={"rows": "people"})


def people_around(contact, user):
    """The people of a company, or the colleagues of a person; None of a person without a company."""
    if contact.company_key is None:
        return None
    return Contact.objects.visible_to(user).people_of(contact.company_key).exclude(pk=contact.pk)


def url_of_company(contact, user):
    """Address of the company's card, or "" when there is none or *user* may not see it."""
    if contact.company is None:
        return ""
    visible = Contact.objects.visible_to(user).filter(pk=contact.company_id)
    return contact.company.get_absolute_url() if visible.exists() else ""


class Phone(NamedTuple):
    whose: str
    number: str


def phones_of(contact, company_url):
    """The Phones to call: own phone and mobile, then those of the company if its card may be opened."""
    phone, mobile = pgettext("phone", "Phone"), pgettext("phone", "Mobile")
    found = [Phone(phone, contact.phone_no), Phone(mobile, contact.mobile_phone_no)]
    if company_url:
        found += [
            Phone(_("Phone of the company"), contact.company.phone_no),
            Phone(_("Mobile of the company"), contact.company.mobile_phone_no),
        ]
    return [phone for phone in found if phone.number]


def address_of(contact):
    """The lines of the address."""
    place = " ".join(filter(None, (contact.post_code, contact.city)))
    country = country_name(contact.country)
    return [*filter(None, (contact.address, contact.address_2, place, contact.county, country))]


def sections_of(contact):
    """[(title, [(label, text), …]), …] of all fields, in the order of the form."""
    return [
        (
            title,
            [
                (Contact._meta.get_field(name).verbose_name, text_of(contact, name))
                for name, _width in places
                if name != "number" and not (contact.is_company and name in PERSONS_ONLY)
            ],
        )
        for _id, title, places in SECTIONS
    ]


def text_of(contact, name):
    value = getattr(contact, name)
    if isinstance(value, bool):
        return pgettext("answer", "Yes") if value else pgettext("answer", "No")
    if name == "country":
        return country_name(value)
    if name == "language":
        return language_name(value) if value else ""
    display = getattr(contact, f"get_{name}_display", None)
    return display() if display else value


# --- change -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@may_add
def contact_new(request):
    """GET ?company=: a person of that company."""
    if request.method == "GET":
        form = ContactForm(user=request.user, initial=beginning(request))
        return render_page(request, "crm/contact_form.html", {"form": form})
    form = ContactForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            contact = actions.create_contact(by=request.user, **form.values)
        except Refusal as problem:
            form.refuse(problem)
        else:
            toast(request, _("Contact created."))
            if actions.contact_numbers_run_low():
                toast(
                    request,
                    _("The numbers for contacts are running out. Add a line to their series."),
                    level=WARNING,
                )
            return redirect(request, contact_or_list(contact, request.user))
    return render_page(request, "crm/contact_form.html", {"form": form}, status=422)


def beginning(request):
    """What the empty form starts with: a person where a company is given, else what `type` says."""
    company = (
        Contact.objects.visible_to(request.user).companies().filter(no=request.GET.get("company", "")).first()
    )
    if company is not None:
        return {"type": ContactType.PERSON, "company": company}
    kind = request.GET.get("type")
    return {"type": kind if kind in ContactType.values else ContactType.COMPANY}


@require_http_methods(["GET", "POST"])
@may_change
def contact_edit(request, no):
    contact = find(request.user, no, Contact.objects.select_related("company", "salesperson"))
    if request.method == "GET":
        form = EditContactForm(user=request.user, contact=contact)
        return render_page(request, "crm/contact_form.html", {"form": form, "contact": contact})
    form = EditContactForm(request.POST, user=request.user, contact=contact)
    conflicts = form.is_valid() and form.conflicts
    if form.is_valid() and not conflicts:
        try:
            contact = actions.update_contact(
                contact, by=request.user, seen=contact.modified_at, **form.changes
            )
        except actions.ChangedMeanwhile:
            return contact_edit(request, no)  # look again: who has changed what?
        except Refusal as problem:
            form.refuse(problem)
        else:
            toast(request, _("Contact saved."))
            return redirect(request, contact_or_list(contact, request.user))
    context = {"form": form.merged() if conflicts else form, "contact": contact, "conflicts": conflicts}
    return render_page(request, "crm/contact_form.html", context, status=422)


def contact_or_list(contact, user):
    """The card, or the list when the contact has just left what *user* may see."""
    visible = Contact.objects.visible_to(user).filter(pk=contact.pk).exists()
    return contact if visible else reverse("crm:contacts")


@require_POST
@may_change
def contact_block(request, no):
    contact = find(request.user, no)
    # Who blocks once more has nothing to take back: it is somebody else's.
    is_new = actions.block_contact(contact, by=request.user)
    token = undo.offer(request, "contact_block", contact=contact.pk) if is_new else None
    toast(request, _("%(name)s is blocked for privacy.") % {"name": contact.name}, undo=token)
    return redirect(request, way_back(request, contact.get_absolute_url()))


@require_POST
@may_change
def contact_unblock(request, no):
    contact = find(request.user, no)
    try:
        actions.unblock_contact(contact, by=request.user)
    except Refusal as problem:
        toast(request, problem.for_user, level=ERROR)
    else:
        toast(request, _("%(name)s may be contacted again.") % {"name": contact.name})
    return redirect(request, way_back(request, contact.get_absolute_url()))


def take_back_block(user, *, contact):
    found = Contact.objects.visible_to(user).filter(pk=contact).first()
    if found is None:
        raise undo.CannotUndo
    actions.unblock_contact(found, by=user)
    return _("%(name)s may be contacted again.") % {"name": found.name}


undo.register("contact_block", take_back_block, permission="crm.change_contact")
