"""What a draft fills in by itself: R-11 to R-18, each rule once."""

from crm.models import Channel, Salesperson

# What a template gives, besides language, file, subject and campaign, which have rules of their own.
FROM_TEMPLATE = (
    "description",
    "cost",
    "minutes",
    "direction",
    "initiated_by",
    "campaign_target",
    "campaign_response",
)


def salesperson_by_email(user):
    """The one salesperson with the e-mail address the user signs in with; None when there is none or several."""
    if not user.email:
        return None
    found = Salesperson.objects.active().filter(email__iexact=user.email)[:2]
    return found[0] if len(found) == 1 else None


def channel_of(template, contact, otherwise=""):
    """How it reaches the contact: the template's word if it ignores the contact or the contact has none, else the
    contact's, else *otherwise* (R-16 b to d)."""
    preferred = contact.channel if contact else ""
    if template and template.ignore_contact:
        return template.channel
    if preferred:
        return preferred
    return (template.channel if template else "") or otherwise


class Defaulting:
    """The mutators of InteractionDraft that follow the rules; the caller saves.

    A field that somebody typed (`own`) or that the starting point fixed (`locked`) keeps its value.
    """

    def is_free(self, name):
        return name not in self.own and name not in self.locked

    def fill(self, **values):
        """Set those that are still free."""
        for name, value in values.items():
            if self.is_free(name):
                setattr(self, name, value)

    def choose_contact(self, contact, *, by, from_contact=False):
        """R-11, R-12: take salesperson, language and channel from the contact; without one, clear them."""
        self.contact = contact
        self.fill(address_code="")
        if contact is None:
            self.fill(salesperson=by.own_salesperson)
        else:
            found = salesperson_by_email(by) if from_contact else None
            theirs = contact.salesperson if contact.salesperson and contact.salesperson.is_available else None
            self.fill(salesperson=found or by.own_salesperson or theirs)
        self.choose_language()
        self.fill(channel=channel_of(self.template, contact, otherwise=self.channel))

    def choose_template(self, template):
        """R-13, R-14, R-16, R-17: take what the template says into every field nobody has typed."""
        before, self.template = self.template, template
        if template is None:
            return
        self.fill(**{name: getattr(template, name) for name in FROM_TEMPLATE})
        self.fill(channel=channel_of(template, self.contact, otherwise=self.channel))
        # A campaign that an earlier template brought goes with it (ours; R-17 leaves it).
        if template.campaign_id or (before and before.campaign_id == self.campaign_id):
            self.fill(campaign=template.campaign)
        self.choose_language()

    def choose_language(self, wanted=None):
        """R-15: the row of the template in the *wanted* language, else the contact's, with its file and subject."""
        if self.template is None:
            self.fill(language=wanted or "")
            return
        asked = wanted if wanted is not None else (self.contact.language if self.contact else "")
        if wanted is None and not self.is_free("language"):
            asked = self.language
        row, _why = self.template.row_for(asked)
        if wanted is None:
            self.fill(language=row.language if row else self.template.language)
        self.fill(attachment=row.attachment if row else None, subject=row.subject if row else "")

    def take(self, changed, *, by):
        """Apply what a person typed: *changed* maps field names to values; defaults follow, typed values stay."""
        for name in changed:
            self.own = [*self.own, name] if name not in self.own else self.own
        if "contact" in changed:
            self.choose_contact(changed["contact"], by=by)
        if "template" in changed:
            self.choose_template(changed["template"])
        if "language" in changed:
            self.language = changed["language"]
            self.choose_language(wanted=changed["language"])
        for name, value in changed.items():
            if name not in {"contact", "template", "language"}:
                setattr(self, name, value)

    # Properties

    @property
    def sends_email(self):
        return self.channel == Channel.EMAIL
