"""The verbs of contacts. Each is atomic, names the acting user and returns the contact as it is afterwards."""

from .contacts import (
    ChangedMeanwhile,
    CompanyHasPeople,
    CompanyIsNoCompany,
    ContactRefused,
    MinorWithoutConsent,
    NoContactNumbers,
    NumberIsTaken,
    OnlyPersonsHaveACompany,
    SalespersonGetsNoContacts,
    TypeIsFixed,
    block_contact,
    contact_numbers_run_low,
    create_contact,
    unblock_contact,
    update_contact,
)
from .mailing_groups import GroupIsGone, move_in_group
from .opt_outs import LinkIsBroken, opt_in, opt_out, opt_out_link, opt_out_token, whose_opt_out

__all__ = [
    "ChangedMeanwhile",
    "CompanyHasPeople",
    "CompanyIsNoCompany",
    "ContactRefused",
    "GroupIsGone",
    "LinkIsBroken",
    "MinorWithoutConsent",
    "NoContactNumbers",
    "NumberIsTaken",
    "OnlyPersonsHaveACompany",
    "SalespersonGetsNoContacts",
    "TypeIsFixed",
    "block_contact",
    "contact_numbers_run_low",
    "create_contact",
    "move_in_group",
    "opt_in",
    "opt_out",
    "opt_out_link",
    "opt_out_token",
    "unblock_contact",
    "update_contact",
    "whose_opt_out",
]
