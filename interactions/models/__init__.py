from .attachment import Attachment
from .campaign import Campaign, CampaignEntry, DocumentKind, FollowUp, LoggedSegment
from .choices import CanceledWith, Direction, Evaluation, Initiator, Kind, WizardAction
from .draft import InteractionDraft
from .entry import EntryComment, InteractionLogEntry, LedgerViolation
from .template import InteractionGroup, InteractionTemplate, InteractionTemplateLanguage

__all__ = [
    "Attachment",
    "Campaign",
    "CampaignEntry",
    "CanceledWith",
    "Direction",
    "DocumentKind",
    "EntryComment",
    "Evaluation",
    "FollowUp",
    "Initiator",
    "InteractionDraft",
    "InteractionGroup",
    "InteractionLogEntry",
    "InteractionTemplate",
    "InteractionTemplateLanguage",
    "Kind",
    "LedgerViolation",
    "LoggedSegment",
    "WizardAction",
]
