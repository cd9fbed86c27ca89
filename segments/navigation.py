"""What segments put into the menu (see `crm.navigation`)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.keyset import capped_count
from crm.navigation import Item, register

from .models import Segment

MAY_SEE = "segments.view_segment"


def count_segments(request):
    """Those of "Mine" in the list; for people without a salesperson all that they see."""
    user = request.user
    segments = Segment.objects.visible_to(user)
    if user.own_salesperson:
        segments = segments.filter(Q(salesperson=user.own_salesperson) | Q(created_by=user))
    return capped_count(segments, cap=999).count or None


register(
    Item(
        name="segments:segments",
        label=_("Open segments"),
        icon="seg",
        section=_("Segments"),
        order=60,
        permission=MAY_SEE,
        count=count_segments,
        keys="g>s",
        synonyms=(_("Segments"),),
    ),
    Item(
        name="segments:logged_segments",
        label=_("Logged segments"),
        icon="arch",
        section=_("Segments"),
        order=65,
        permission="interactions.view_loggedsegment",
    ),
)
