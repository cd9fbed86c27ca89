"""Who is in a mailing group: many contacts join and leave at once (R-59)."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.bulk import insert_from_select
from crm.errors import Refusal
from crm.models import Contact, ContactMailingGroup, MailingGroup


class GroupIsGone(Refusal):
    sentence = _("Somebody deleted this mailing group. Choose another one.")


@dataclass(frozen=True)
class Moved:
    """Ids of the contacts that joined, and of those that left."""

    joined: list
    left: list


@transaction.atomic
def move_in_group(group, *, joining, leaving):
    """Take *leaving* (a queryset of contacts) out of *group* and *joining* into it; return Moved.

    Who is in it already does not join, who is not does not leave. Whoever calls knows that the user sees them all.
    Raises GroupIsGone.
    """
    # Somebody may do the same now.
    if not MailingGroup.objects.select_for_update().filter(pk=group.pk).first():
        raise GroupIsGone
    members = ContactMailingGroup.objects.filter(mailing_group=group)
    is_member = Exists(members.filter(contact=OuterRef("pk")))
    leaving, joining = leaving.filter(is_member).order_by(), joining.filter(~is_member).order_by()
    moved = Moved(*(list(each.values_list("pk", flat=True)) for each in (joining, leaving)))
    for each in (leaving, joining):
        Contact.objects.filter(pk__in=each.values("pk")).update(modified_at=timezone.now())
    gone = members.filter(contact__in=leaving.values("pk"))
    gone._raw_delete(gone.db)
    insert_from_select(
        ContactMailingGroup, joining.order_by("pk"), contact="pk", mailing_group=Value(group.pk)
    )
    return moved
