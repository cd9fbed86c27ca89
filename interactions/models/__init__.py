from .attachment import Attachment
from .campaign import Campaign, CampaignEntry, CampaignStatus, DocumentKind, FollowUp, LoggedSegment
from .choices import (
    CanceledWith,
    Direction,
    EntryStatus,
    Evaluation,
    Initiator,
    Kind,
    MergeEngine,
    WizardAction,
)
from .delivery import Delivery, DeliveryReason, DeliveryState
from .document import EntryDocument
from .draft import InteractionDraft
from .entry import EntryComment, InteractionLogEntry, LedgerViolation, Reinstatement
from .template import InteractionGroup, InteractionTemplate, InteractionTemplateLanguage

__all__ = [
    "Attachment",
    "Campaign",
    "CampaignEntry",
    "CampaignStatus",
    "CanceledWith",
    "Delivery",
    "DeliveryReason",
    "DeliveryState",
    "Direction",
    "DocumentKind",
    "EntryComment",
    "EntryDocument",
    "EntryStatus",
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
    "MergeEngine",
    "Reinstatement",
    "WizardAction",
]
