from .choices import Channel
from .classification import (
    BusinessRelation,
    ContactBusinessRelation,
    ContactIndustryGroup,
    ContactJobResponsibility,
    ContactMailingGroup,
    IndustryGroup,
    JobResponsibility,
    MailingGroup,
    Territory,
)
from .contact import Contact, ContactType
from .job import Job, JobState
from .numbers import NumberSeries, NumberSeriesLine, NumberSeriesProblem
from .opt_out import OptOut
from .salesperson import Salesperson, Team, TeamMember
from .salutation import NamePart, SalutationFormula, SalutationType
from .setup import MarketingSetup, Salutation
from .succession import Succession
from .user import Density, Scope, Theme, User

__all__ = [
    "BusinessRelation",
    "Channel",
    "Contact",
    "ContactBusinessRelation",
    "ContactIndustryGroup",
    "ContactJobResponsibility",
    "ContactMailingGroup",
    "ContactType",
    "Density",
    "IndustryGroup",
    "Job",
    "JobResponsibility",
    "JobState",
    "MailingGroup",
    "MarketingSetup",
    "NamePart",
    "NumberSeries",
    "NumberSeriesLine",
    "NumberSeriesProblem",
    "OptOut",
    "Salesperson",
    "Salutation",
    "SalutationFormula",
    "SalutationType",
    "Scope",
    "Succession",
    "Team",
    "TeamMember",
    "Territory",
    "Theme",
    "User",
]
