from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Direction(models.TextChoices):
    """Which way the information went. The empty string: it does not matter."""

    OUTBOUND = "OUTBOUND", pgettext_lazy("direction", "Outbound")
    INBOUND = "INBOUND", pgettext_lazy("direction", "Inbound")


class Initiator(models.TextChoices):
    """Who began. The empty string: not said."""

    US = "US", pgettext_lazy("initiated by", "Us")
    THEM = "THEM", pgettext_lazy("initiated by", "Them")


class Kind(models.TextChoices):
    """What an interaction looks like to people: its icon, its colour in charts, its quick-log button."""

    CALL = "CALL", pgettext_lazy("interaction kind", "Call")
    EMAIL = "EMAIL", pgettext_lazy("interaction kind", "E-mail")
    MEETING = "MEETING", pgettext_lazy("interaction kind", "Meeting")
    LETTER = "LETTER", pgettext_lazy("interaction kind", "Letter")
    NOTE = "NOTE", pgettext_lazy("interaction kind", "Note")
    DOCUMENT = "DOCUMENT", pgettext_lazy("interaction kind", "Document")


class Evaluation(models.IntegerChoices):
    """How the contact took it; as numbers, so that averages mean something."""

    VERY_POSITIVE = 2, _("Very positive")
    POSITIVE = 1, _("Positive")
    NEUTRAL = 0, _("Neutral")
    NEGATIVE = -1, _("Negative")
    VERY_NEGATIVE = -2, _("Very negative")


class WizardAction(models.TextChoices):
    """What creating an interaction does with the template's file (R-28). The empty string: nothing."""

    OPEN = "OPEN", pgettext_lazy("wizard action", "Open")
    IMPORT = "IMPORT", pgettext_lazy("wizard action", "Import")
    MERGE = "MERGE", pgettext_lazy("wizard action", "Merge")


class MergeEngine(models.TextChoices):
    """What fills the merge fields of a Word file, chosen when it is stored. The empty string: it has none."""

    COMPILED = "COMPILED", pgettext_lazy("merge engine", "Fast")
    MAILMERGE = "MAILMERGE", pgettext_lazy("merge engine", "Thorough")


class CanceledWith(models.TextChoices):
    """What an entry was canceled with; reinstating that brings back exactly these (architecture 2.6)."""

    ITSELF = "ITSELF", _("By itself")
    LOGGED_SEGMENT = "LOGGED_SEGMENT", _("With its logged segment")
    CAMPAIGN_ENTRY = "CAMPAIGN_ENTRY", _("With its campaign entry")


class EntryStatus(models.TextChoices):
    """What has become of an entry."""

    LOGGED = "LOGGED", pgettext_lazy("status of an entry", "Logged")
    FAILED = "FAILED", pgettext_lazy("status of an entry", "Attempt failed")
    CANCELED = "CANCELED", pgettext_lazy("status of an entry", "Canceled")

    @classmethod
    def of(cls, *, canceled_at, attempt_failed):
        if canceled_at is not None:
            return cls.CANCELED
        return cls.FAILED if attempt_failed else cls.LOGGED
