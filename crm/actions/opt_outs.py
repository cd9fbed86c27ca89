"""Contacts that want nothing by a channel any more, and the signed link by which they say so themselves."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from crm.models import Contact, OptOut

# A link in an e-mail works for as long as the e-mail is kept: the signature has no date. "." is in no part of it.
signer = signing.Signer(salt="crm.opt_out", sep=".")


class LinkIsBroken(Refusal):
    sentence = _("This link is not complete. Copy it from the e-mail once more.")


def opt_out(contact, channel, *, by=None):
    """The OptOut of *contact* for *channel*, made if there is none. by: None is the contact itself."""
    made, _created = OptOut.objects.get_or_create(contact=contact, channel=channel, defaults={"by": by})
    return made


def opt_in(contact, channel):
    """Take it back; return whether there was something to take back."""
    return bool(OptOut.objects.filter(contact=contact, channel=channel).delete()[0])


def opt_out_token(contact_id, channel):
    return signer.sign_object([contact_id, channel])


def opt_out_link(contact_id, channel):
    """The address that stands in an e-mail to the contact, with the host of SITE_URL."""
    return settings.SITE_URL + reverse("crm:opt_out", args=[opt_out_token(contact_id, channel)])


def whose_opt_out(token):
    """(Contact, channel) of a link. Raises LinkIsBroken, also when the contact is gone."""
    try:
        contact_id, channel = signer.unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise LinkIsBroken from error
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise LinkIsBroken
    return contact, channel
