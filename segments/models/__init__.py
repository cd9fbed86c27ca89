from .criteria import CriteriaStep, SavedCriteria, StepAction, StepOrigin
from .line import OWN, RemovedLine, SegmentLine
from .segment import Segment, SegmentAttachment

__all__ = [
    "OWN",
    "CriteriaStep",
    "RemovedLine",
    "SavedCriteria",
    "Segment",
    "SegmentAttachment",
    "SegmentLine",
    "StepAction",
    "StepOrigin",
]
