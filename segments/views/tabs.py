"""The three verbs of the criteria panel: add, reduce, refine."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from crm import formats
from segments.models import StepAction


@dataclass(frozen=True)
class Tab:
    """One of the three verbs of the panel."""

    name: str
    action: StepAction
    label: Any
    explains: Any
    button: Any  # while there is no number
    nothing: Any  # instead of the number where no line would come or go

    def numbered(self, count):
        """The button with its number."""
        sentence = {
            "add": ngettext("Add %(count)s contact", "Add %(count)s contacts", count),
            "reduce": ngettext("Remove %(count)s line", "Remove %(count)s lines", count),
            "refine": ngettext("Keep %(count)s line", "Keep %(count)s lines", count),
        }[self.name]
        return sentence % {"count": formats.integer(count)}


TABS = {
    tab.name: tab
    for tab in (
        Tab(
            "add",
            StepAction.ADD,
            pgettext_lazy("criteria", "Add"),
            gettext_lazy("Add the contacts that match every condition."),
            gettext_lazy("Add contacts"),
            gettext_lazy("Nobody to add"),
        ),
        Tab(
            "reduce",
            StepAction.REDUCE,
            pgettext_lazy("criteria", "Reduce"),
            gettext_lazy("Remove the contacts that match every condition."),
            gettext_lazy("Remove lines"),
            gettext_lazy("No line to remove"),
        ),
        Tab(
            "refine",
            StepAction.REFINE,
            pgettext_lazy("criteria", "Refine"),
            gettext_lazy("Keep only the contacts that match every condition."),
            gettext_lazy("Keep lines"),
            gettext_lazy("No line to remove"),
        ),
    )
}


def tab_or_404(verb):
    if verb not in TABS:
        raise Http404
    return TABS[verb]
