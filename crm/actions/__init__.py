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

__all__ = [
    "ChangedMeanwhile",
    "CompanyHasPeople",
    "CompanyIsNoCompany",
    "ContactRefused",
    "MinorWithoutConsent",
    "NoContactNumbers",
    "NumberIsTaken",
    "OnlyPersonsHaveACompany",
    "SalespersonGetsNoContacts",
    "TypeIsFixed",
    "block_contact",
    "contact_numbers_run_low",
    "create_contact",
    "unblock_contact",
    "update_contact",
]
