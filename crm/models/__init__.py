from .choices import Channel
from .contact import Contact, ContactType
from .job import Job, JobState
from .numbers import NumberSeries, NumberSeriesLine, NumberSeriesProblem
from .salesperson import Salesperson, Team, TeamMember
from .setup import MarketingSetup, Salutation
from .succession import Succession
from .user import Density, Scope, Theme, User

__all__ = [
    "Channel",
    "Contact",
    "ContactType",
    "Density",
    "Job",
    "JobState",
    "MarketingSetup",
    "NumberSeries",
    "NumberSeriesLine",
    "NumberSeriesProblem",
    "Salesperson",
    "Salutation",
    "Scope",
    "Succession",
    "Team",
    "TeamMember",
    "Theme",
    "User",
]
