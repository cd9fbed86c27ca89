"""What interactions add to contacts and salespeople (see `crm.dependents`)."""

from crm import dependents
from crm.models import Contact

from .models import FollowUp, InteractionLogEntry

dependents.register(
    dependents.Dependent(
        name="entries",
        of=Contact,
        rows=lambda contacts: InteractionLogEntry.objects.filter(contact__in=contacts),
        fixes_type=True,
    ),
    dependents.Dependent(
        name="company_entries",
        of=Contact,
        rows=lambda contacts: InteractionLogEntry.objects.filter(contact_company__in=contacts),
        fixes_type=True,
    ),
    dependents.Dependent(
        name="follow_ups",
        of=Contact,
        rows=lambda contacts: FollowUp.objects.filter(contact__in=contacts),
        fixes_type=True,
    ),
)
