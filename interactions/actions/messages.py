"""The e-mail that one delivery sends."""

from email.headerregistry import Address
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils import translation
from django.utils.html import escape, format_html
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from crm.actions import opt_out_link
from crm.models import Channel, MarketingSetup

from .bodies import body_of
from .mail_server import bare


def sender():
    """The From of every message: our company at DEFAULT_FROM_EMAIL."""
    return address_line(one_line(MarketingSetup.current().company_name), bare(settings.DEFAULT_FROM_EMAIL))


@lru_cache(maxsize=4)
def address_line(name, address):
    return str(Address(display_name=name, addr_spec=address))


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


def message_of(delivery, letter):
    """The EmailMessage of *delivery*, whose entry has a contact, with *letter* (documents.Letter).

    It says what the body of its template says; without one, a sentence.
    """
    entry, link = delivery.entry, opt_out_link(delivery.entry.contact_id, Channel.EMAIL)
    body = body_of(entry)
    with translation.override(language_of(entry)):
        words = body[1] if body else _("Please see the attached file: %(name)s") % {"name": letter.name}
        sentence = _("If you want no more e-mails from us: %(link)s")
    way_out = sentence % {"link": link}
    answers_to = [entry.salesperson.email] if entry.salesperson and entry.salesperson.email else None
    message = (EmailMultiAlternatives if body else EmailMessage)(
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
    if body:
        shown = escape(sentence) % {"link": format_html('<a href="{0}">{0}</a>', link)}
        message.attach_alternative(f"{body[0]}\n<hr>\n<p>{shown}</p>\n", "text/html")
    message.attach(letter.name, letter.content, letter.mime)
    return message
