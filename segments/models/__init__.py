from .criteria import CriteriaStep, SavedCriteria, StepAction, StepOrigin
from .edit import EditedLetter, EditedLine, SegmentEdit
from .line import OWN, RemovedLine, SegmentLine
from .segment import Segment, SegmentAttachment

__all__ = [
    "OWN",
    "CriteriaStep",
    "EditedLetter",
    "EditedLine",
    "RemovedLine",
    "SavedCriteria",
    "Segment",
    "SegmentAttachment",
    "SegmentEdit",
    "SegmentLine",
    "StepAction",
    "StepOrigin",
]
