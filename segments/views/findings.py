"""What the log dialog says of a segment: findings in sentences, whom they are about, and what puts them right."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from crm import formats
from crm.errors import Refusal
from crm.languages import language_inside
from crm.models import Salesperson
from interactions.models import Campaign, InteractionTemplate
from segments import actions
from segments.actions.fixes import FIXES, other_file_language
from segments.actions.preflight import BLOCKING
from segments.actions.segments import foresee_number
from segments.jobs import sent_sentence
from segments.models import SegmentLine

# code: (what is wrong, what that means)
SENTENCES = {
    "privacy": (
        ngettext_lazy(
            "%(count)s contact is blocked for privacy", "%(count)s contacts are blocked for privacy", "number"
        ),
        gettext_lazy("Nothing may be recorded for them."),
    ),
    "no_template": (
        ngettext_lazy("%(count)s line has no template", "%(count)s lines have no template", "number"),
        gettext_lazy("Choose one for all of them."),
    ),
    "no_description": (
        ngettext_lazy("%(count)s line has no description", "%(count)s lines have no description", "number"),
        gettext_lazy("Enter one for all of them."),
    ),
    "no_salesperson": (
        ngettext_lazy("%(count)s line has no salesperson", "%(count)s lines have no salesperson", "number"),
        gettext_lazy("Every interaction belongs to one."),
    ),
    "salesperson_blocked": (
        ngettext_lazy(
            "%(count)s line has a salesperson who gets no new work",
            "%(count)s lines have a salesperson who gets no new work",
            "number",
        ),
        gettext_lazy("Choose another one."),
    ),
    "future": (
        ngettext_lazy(
            "%(count)s line is dated in the future", "%(count)s lines are dated in the future", "number"
        ),
        gettext_lazy("Interactions are logged when they have taken place."),
    ),
    "no_file": (
        ngettext_lazy("%(count)s e-mail has no file", "%(count)s e-mails have no file", "number"),
        gettext_lazy("They will be recorded without one."),
    ),
    "no_email": (
        ngettext_lazy(
            "%(count)s contact has no e-mail address", "%(count)s contacts have no e-mail address", "number"
        ),
        gettext_lazy("They will be recorded but not sent."),
    ),
    "no_letter": (
        ngettext_lazy("%(count)s letter has no Word file", "%(count)s letters have no Word file", "number"),
        gettext_lazy("There is nothing to print."),
    ),
    "opted_out": (
        ngettext_lazy("%(count)s contact has opted out", "%(count)s contacts have opted out", "number"),
        gettext_lazy("They will be recorded but nothing is sent to them."),
    ),
    "no_address": (
        ngettext_lazy(
            "%(count)s contact has no postal address", "%(count)s contacts have no postal address", "number"
        ),
        gettext_lazy("Their letters are recorded all the same."),
    ),
    "excluded": (
        ngettext_lazy(
            "%(count)s contact is excluded from segments",
            "%(count)s contacts are excluded from segments",
            "number",
        ),
        gettext_lazy("They stay in this one unless you remove them."),
    ),
    "same_address": (
        ngettext_lazy(
            "%(count)s line shares its e-mail address with another one",
            "%(count)s lines share their e-mail addresses with others",
            "number",
        ),
        gettext_lazy("The same person may get the same e-mail twice."),
    ),
}
ICONS = {
    "privacy": "lock",
    "no_email": "mail",
    "same_address": "mail",
    "no_address": "letter",
    "no_letter": "letter",
    "opted_out": "ban",
    "future": "cal",
    "no_file": "clip",
    "other_language": "globe",
    "no_salesperson": "user",
    "salesperson_blocked": "user",
    "campaign": "flag",
}
# What a button says; a language is filled in.
LABELS = {
    "letter": gettext_lazy("Send as letter"),
    "email": gettext_lazy("Send by e-mail"),
    "today": gettext_lazy("Use today"),
    "keep_one": gettext_lazy("Keep one"),
    "salesperson": gettext_lazy("Set for all"),
    "template": gettext_lazy("Set for all"),
    "description": gettext_lazy("Set for all"),
    "name": gettext_lazy("Save"),
    "number": gettext_lazy("Take the next number"),
}
TAKES_FILES = {"no_file", "no_letter", "other_language"}
IN_HEADER = {"no_template", "no_description", *TAKES_FILES}


@dataclass(frozen=True)
class Button:
    """A Fix as the dialog offers it. asks: the name of the choice beside it, or ""."""

    name: str
    label: str
    asks: str


@dataclass(frozen=True)
class Problem:
    """A row of the dialog: a finding of some lines, or an obstacle of the segment as a whole.

    names: of two contacts that the reader may see, in one sentence.  url, link: where else it is put right.
    """

    code: str
    title: str
    text: str
    blocks: bool
    buttons: tuple = ()
    names: str = ""
    detail: str = ""
    url: str = ""
    link: str = ""
    lines_url: str = ""
    count: int = 0  # lines

    @property
    def key(self):
        return (self.code, self.detail)

    @property
    def icon(self):
        return ICONS.get(self.code, "warn")


class Readiness:
    """The state of a segment that the button of the log dialog stands for: bar, findings, and what is in the way.

    Two queries over the lines, however many findings there are, and one for the names.
    """

    def __init__(self, segment, user, *, follow_up=False, deliver=False):
        self.segment, self.user, self.follow_up = segment, user, follow_up
        self.may_follow = user.has_perm("segments.add_segment")
        self.may_deliver = user.has_perm("interactions.deliver_interactions")
        self.delivers = deliver and self.may_deliver
        self.result = actions.preflight(
            segment, deliver=self.delivers, follow_up=follow_up and self.may_follow, reader=user
        )
        self.version, self.count = self.result.version, self.result.lines
        self.ready, self.blocked = self.result.ready, self.result.blocked

    @property
    def to_check(self):
        return max(self.count - self.ready - self.blocked, 0)

    @property
    def ready_or_check(self):
        return self.ready + self.to_check

    @property
    def width(self):
        """Of the bar, in lines; an empty one is one line wide."""
        return max(self.count, 1)

    @cached_property
    def problems(self):
        obstacles = [self.of_segment(refusal) for refusal in self.result.obstacles]
        of_lines = [self.of_lines(finding) for finding in self.result.findings]
        return [*obstacles, *of_lines, *(self.of_campaign(each) for each in self.campaigns)]

    @property
    def to_see(self):
        """How many problems keep nobody from logging, but should not pass unseen."""
        return sum(not problem.blocks for problem in self.problems)

    @cached_property
    def campaigns(self):
        """Those that are over, or have not begun, on the day of the segment."""
        lines = SegmentLine.objects.filter(segment=self.segment)
        used = Q(pk__in=lines.exclude(own_campaign=None).values("own_campaign"))
        if self.segment.campaign_id is not None:
            used |= Q(pk=self.segment.campaign_id)
        else:
            of_templates = lines.exclude(own_template__campaign=None)
            used |= Q(pk__in=of_templates.values("own_template__campaign"))
        return list(Campaign.objects.not_on(self.segment.date).filter(used).order_by("no"))

    def of_campaign(self, campaign):
        if campaign.starting_date and campaign.starting_date > self.segment.date:
            title, day = _("The campaign %(campaign)s begins on %(date)s"), campaign.starting_date
        else:
            title, day = _("The campaign %(campaign)s ended on %(date)s"), campaign.ending_date
        text = _("What is dated %(date)s does not count in its figures.")
        return Problem(
            "campaign",
            title % {"campaign": campaign, "date": formats.date_table(day)},
            text % {"date": formats.date_table(self.segment.date)},
            False,
            url=reverse("segments:segment_edit", args=[self.segment.no]),
            link=_("Edit header"),
        )

    def of_segment(self, refusal):
        match refusal:
            case actions.NoDescription():
                title = _("The segment has no description")
                return self.obstacle("name", title, _("It is the name of the logged segment."))
            case actions.SegmentIsEmpty():
                title = _("The segment has no contacts")
                card = self.segment.get_absolute_url()
                return self.obstacle(
                    "empty", title, _("There is nothing to log yet."), card, _("Add contacts")
                )
            case actions.SegmentAlreadyLogged():
                title = _("A segment with the number %(no)s was logged already") % {"no": self.segment.no}
                return self.obstacle("number", title, _("This one needs a number of its own."))
        title = _("There is no number for the follow-up segment")
        return self.obstacle("numbers", title, refusal.for_user, *setup_of_numbers(self.user))

    def obstacle(self, code, title, text, url="", link=""):
        return Problem(code, title, text, True, buttons=buttons_of(code, {}), url=url, link=link)

    def of_lines(self, finding):
        query = {"check": finding.code} | ({"language": finding.detail} if finding.detail else {})
        link = ""
        if finding.code in IN_HEADER:
            link = _("Add file…") if finding.code in TAKES_FILES else _("Edit header")
        return Problem(
            finding.code,
            title_of(finding),
            text_of(finding),
            finding.level == BLOCKING,
            buttons=buttons_of(finding.code, self.labels(finding)),
            names=self.names(finding),
            detail=finding.detail,
            url=reverse("segments:segment_edit", args=[self.segment.no]) if link else "",
            link=link,
            lines_url=f"{self.segment.get_absolute_url()}?{urlencode(query)}",
            count=finding.count,
        )

    def labels(self, finding):
        """{name of a fix: its label} where that depends on the lines; "" for one that does not help."""
        labels = {"remove": ngettext("Remove line", "Remove lines", finding.count)}
        if finding.code == "other_language":
            labels["language"] = use_label(finding.languages)
        elif finding.code == "no_file":
            labels["language"] = use_label(() if self.other_file is None else (self.other_file,))
        return labels

    @cached_property
    def other_file(self):
        return other_file_language(self.segment)

    @cached_property
    def contacts(self):
        """{id of a line: name of its contact} of the lines that findings name."""
        ids = {pk for finding in self.result.findings for pk in finding.lines}
        return dict(SegmentLine.objects.filter(pk__in=ids).values_list("pk", "contact__name")) if ids else {}

    def names(self, finding):
        """Such as "Beatriz Salgado and Miguel Prado."."""
        names = [self.contacts[pk] for pk in finding.lines if pk in self.contacts]
        more = finding.count - len(names)
        if not names:
            return ""
        if len(names) == 1:
            if not more:
                return _("%(contact)s.") % {"contact": names[0]}
            sentence = ngettext("%(contact)s and %(count)s more.", "%(contact)s and %(count)s more.", more)
            return sentence % {"contact": names[0], "count": formats.integer(more)}
        if not more:
            return _("%(first)s and %(second)s.") % {"first": names[0], "second": names[1]}
        sentence = ngettext(
            "%(first)s, %(second)s and %(count)s more.", "%(first)s, %(second)s and %(count)s more.", more
        )
        return sentence % {"first": names[0], "second": names[1], "count": formats.integer(more)}

    @property
    def sending(self):
        """What "Send attachments now" would do, in one sentence."""
        if not self.delivers:
            return _("Off: the interactions are recorded, nothing is sent or printed.")
        return sent_sentence(self.result.emails, self.result.letters)

    @property
    def in_the_way(self):
        """Why the button does not work yet, in one sentence; "" when it does."""
        for refusal in self.result.obstacles:
            return self.of_segment(refusal).title
        if not self.blocked:
            return ""
        sentence = ngettext("%(count)s line is not ready.", "%(count)s lines are not ready.", self.blocked)
        return sentence % {"count": formats.integer(self.blocked)}

    @cached_property
    def numbers(self):
        """Why a follow-up segment would get no number, in one sentence; "" when it would."""
        try:
            foresee_number()
        except Refusal as problem:
            return problem.for_user
        return ""

    @cached_property
    def salespeople(self):
        return list(Salesperson.objects.visible_to(self.user).active().order_by("name", "id"))

    @cached_property
    def templates(self):
        return list(InteractionTemplate.objects.active().order_by("code"))


def buttons_of(code, labels):
    """The Buttons of a finding. labels: those that depend on its lines."""
    offered = [(each, labels.get(each.name, LABELS.get(each.name, ""))) for each in FIXES.get(code, ())]
    return tuple(Button(each.name, label, each.asks) for each, label in offered if label)


def use_label(languages):
    """Of the button that takes a file in one of *languages* instead; "" when there is none."""
    if len(languages) == 1 and languages[0]:
        return _("Use %(language)s") % {"language": language_inside(languages[0])}
    return _("Use the default language") if languages else ""


def setup_of_numbers(user):
    """(URL, words) of where the numbers of segments are set up, for whoever may; else two empty strings."""
    if not user.is_staff or not user.has_perm("crm.view_marketingsetup"):
        return "", ""
    return reverse("admin:crm_marketingsetup_changelist"), _("Marketing setup")


def title_of(finding):
    if finding.code == "other_language":
        sentence = ngettext(
            "%(count)s line has no file in %(language)s",
            "%(count)s lines have no file in %(language)s",
            finding.count,
        )
        values = {"language": language_inside(finding.detail)}
    else:
        sentence, values = SENTENCES[finding.code][0], {}
    return sentence % {"number": finding.count, "count": formats.integer(finding.count), **values}


def text_of(finding):
    if finding.code == "other_language":
        return _("They get the file in another language.")
    return SENTENCES[finding.code][1]
