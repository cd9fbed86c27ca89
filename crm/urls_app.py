from django.urls import path

from . import converters  # noqa: F401  # registers <code:…>
from .views import contacts, jobs, opt_outs, salespeople

app_name = "crm"

urlpatterns = [
    path("contacts/", contacts.contact_list, name="contacts"),
    path("contacts/new/", contacts.contact_new, name="contact_new"),
    path("contacts/lookup/", contacts.contact_lookup, name="contact_lookup"),
    path("contacts/export/", contacts.contact_export, name="contact_export"),
    path("contacts/<code:no>/", contacts.contact_detail, name="contact"),
    path("contacts/<code:no>/edit/", contacts.contact_edit, name="contact_edit"),
    path("contacts/<code:no>/block/", contacts.contact_block, name="contact_block"),
    path("contacts/<code:no>/unblock/", contacts.contact_unblock, name="contact_unblock"),
    path("salespeople/", salespeople.salesperson_list, name="salespeople"),
    path("salespeople/<code:code>/", salespeople.salesperson_detail, name="salesperson"),
    path("opt-out/<str:token>/", opt_outs.opt_out_page, name="opt_out"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("jobs/<uuid:pk>/file/", jobs.job_file, name="job_file"),
]
