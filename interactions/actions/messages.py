"""The e-mail that one delivery sends."""

from dataclasses import dataclass
from email.headerregistry import Address
from functools import lru_cache

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from crm.actions import opt_out_link
from crm.models import Channel, MarketingSetup

from .mail_server import bare


@dataclass(frozen=True)
class Letter:
    """A file as the contact gets it."""

    name: str
    mime: str
    content: bytes


@lru_cache(maxsize=4)
def content_of(path):
    """The bytes of a stored file, whose path says its content; a mass mailing sends a few files thousands of times."""
    with default_storage.open(path) as file:
        return file.read()


def letter_of(entry):
    """The Letter of an entry that has one. Raises FileNotFoundError."""
    attachment = entry.attachment
    return Letter(attachment.name, attachment.mime, content_of(attachment.file.name))


def sender():
    """The From of every message: our company at DEFAULT_FROM_EMAIL."""
    name = one_line(MarketingSetup.current().company_name)
    return str(Address(display_name=name, addr_spec=bare(settings.DEFAULT_FROM_EMAIL)))


def message_domain():
    """What Message-IDs end in."""
    return bare(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2] or "localhost"


def language_of(entry):
    """The language of the few words around a letter: that of the letter, else the server's."""
    try:
        return get_supported_language_variant(entry.language) if entry.language else settings.LANGUAGE_CODE
    except LookupError:
        return settings.LANGUAGE_CODE


def one_line(text):
    return " ".join(text.split())


def message_of(delivery):
    """The EmailMessage of *delivery*, whose entry has a contact and a file. Raises FileNotFoundError."""
    entry = delivery.entry
    letter, link = letter_of(entry), opt_out_link(entry.contact_id, Channel.EMAIL)
    with translation.override(language_of(entry)):
        words = _("Please see the attached file: %(name)s") % {"name": letter.name}
        way_out = _("If you want no more e-mails from us: %(link)s") % {"link": link}
    answers_to = [entry.salesperson.email] if entry.salesperson and entry.salesperson.email else None
    message = EmailMessage(
        subject=one_line(entry.subject or entry.description),
        body=f"{words}\n\n-- \n{way_out}\n",
        from_email=sender(),
        to=[delivery.address],
        reply_to=answers_to,
        headers={
            "Message-ID": delivery.message_id,
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach(letter.name, letter.content, letter.mime)
    return message
