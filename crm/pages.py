"""What this app itself puts into the menu and into its lists (see `crm.navigation`, `crm.dependents`)."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import dependents, formats
from .models import Contact, OptOut
from .navigation import Action, Item, register

register(
    Item(
        name="home",
        label=pgettext_lazy("page", "Home"),
        icon="home",
        order=10,
        tab=pgettext_lazy("page", "Home"),
        keys="g>h",
        synonyms=(_("Role center"),),
    ),
    Item(
        name="crm:contacts",
        label=_("Contacts"),
        icon="users",
        order=20,
        permission="crm.view_contact",
        tab=_("Contacts"),
        keys="g>c",
    ),
    Item(
        name="crm:salespeople",
        label=_("Salespeople"),
        icon="brief",
        order=30,
        permission="crm.view_salesperson",
        synonyms=(_("Salespeople/Purchasers"),),
    ),
    Item(
        name="admin:crm_marketingsetup_changelist",
        label=_("Marketing setup"),
        icon="sliders",
        section=_("Setup"),
        order=90,
        permission="crm.view_marketingsetup",
        staff=True,
    ),
    Action(
        name="crm:contact_new",
        label=_("New contact"),
        icon="user",
        order=50,
        permission="crm.add_contact",
        sheet=False,
    ),
)


def contacts_of_salespeople(ids, user):
    """{salesperson id: number of contacts that *user* sees}"""
    contacts = Contact.objects.visible_to(user).filter(salesperson__in=ids)
    return dict(contacts.order_by().values_list("salesperson").annotate(Count("pk")))


dependents.salespeople.add(
    dependents.Column(
        name="contacts",
        label=_("Contacts"),
        values=contacts_of_salespeople,
        show=formats.integer,
        numeric=True,
        permission="crm.view_contact",
        order=10,
    )
)

dependents.register(
    dependents.Dependent(
        name="opt_outs", of=Contact, rows=lambda contacts: OptOut.objects.filter(contact__in=contacts)
    ),
)
