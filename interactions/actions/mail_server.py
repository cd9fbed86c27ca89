"""Handing one message to the mail server, step by step: what happened is known to the last byte that left."""

import contextlib
import re
import secrets
from base64 import b64encode, encodebytes
from copy import copy
from dataclasses import dataclass
from email.generator import BytesGenerator
from functools import lru_cache
from io import BytesIO

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.encoding import punycode

from interactions.models import DeliveryReason, DeliveryState

GOES_AWAY = 421  # "Service not available, closing transmission channel"
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
LONGEST_ANSWER = 500
LONGEST_LINE = 990  # bytes; servers take 998
# Stands for a file while its message is written, and what becomes of it in base64, where nothing else looks like it.
STAND_IN = secrets.token_bytes(27)
MARK = b64encode(STAND_IN)


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt. state QUEUED: it may succeed later.  answer: the words of the server.
    server_is_down: others will fare no better now."""

    state: str
    reason: str = ""
    answer: str = ""
    server_is_down: bool = False


SENT = Outcome(DeliveryState.SENT)


def refused(reason, answer=""):
    return Outcome(DeliveryState.ERROR, reason, answer)


def said(code, words):
    """The answer of a server as text that every database takes: b"User unknown" → "550 User unknown"."""
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    return " ".join(CONTROL.sub(" ", f"{code} {words}").split())[:LONGEST_ANSWER]


def no_server(error):
    code = getattr(error, "smtp_code", "")
    words = getattr(error, "smtp_error", "") or error
    return Outcome(DeliveryState.QUEUED, DeliveryReason.NO_SERVER, said(code, words), server_is_down=True)


@dataclass(frozen=True)
class Parcel:
    """A message as it is handed over. sender, address: of the envelope, in ASCII where there is a way to say so."""

    message: EmailMessage
    sender: str
    address: str
    content: bytes


class MailServer:
    """The mail server of the settings; the connection stays open between messages. A context manager."""

    def __init__(self):
        self.backend = get_connection()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.hang_up()

    @property
    def speaks_smtp(self):
        return isinstance(self.backend, EmailBackend)

    def hang_up(self):
        with contextlib.suppress(OSError):  # it is gone already
            self.backend.close()
        if self.speaks_smtp:
            self.backend.connection = None

    def prepare(self, message):
        """The Parcel of an EmailMessage to one address. Raises ValueError when it cannot be written as one."""
        content = wire_format(message)
        return Parcel(message, bare(message.from_email), bare(message.to[0]), content)

    def send(self, parcel):
        """The Outcome of handing over *parcel*."""
        if not self.speaks_smtp:
            try:
                self.backend.send_messages([parcel.message])
            except OSError as error:
                return no_server(error)
            return SENT
        for is_fresh in (self.backend.connection is None, True):
            try:
                self.backend.open()
                hand_over = Handover(self.backend.connection)
                outcome = hand_over.run(parcel)
            except OSError as error:  # smtplib's own errors are some too
                self.hang_up()
                # A server may close a connection that was used before: another one is worth a try.
                if is_fresh:
                    return no_server(error)
                continue
            if outcome is SENT:
                return outcome
            if hand_over.is_over or not hand_over.begins_anew():
                self.hang_up()
            if outcome.server_is_down and not is_fresh:
                continue
            return outcome
        raise AssertionError("a fresh connection always gives an outcome")


class Handover:
    """One message over an open connection. Up to the answer to DATA the server has nothing, whatever happens; after it,
    silence means that nobody knows."""

    def __init__(self, smtp):
        self.smtp = smtp
        self.is_over = False  # the connection is of no more use

    def run(self, parcel):
        """Raises OSError when the connection breaks before the server can have the message."""
        self.smtp.ehlo_or_helo_if_needed()
        code, words = self.smtp.mail(parcel.sender, self.options(parcel.content))
        if code == 250:
            code, words = self.smtp.rcpt(parcel.address)
        if code in {250, 251}:
            code, words = self.smtp.docmd("DATA")
        if code != 354:
            return self.declined(code, words)
        try:
            self.smtp.send(dotted(parcel.content))
            code, words = self.smtp.getreply()
        except OSError as error:
            self.is_over = True
            return Outcome(DeliveryState.UNCERTAIN, DeliveryReason.LOST, said("", error))
        if code == 250:
            return SENT
        if not 400 <= code < 600:
            self.is_over = True
            return Outcome(DeliveryState.UNCERTAIN, DeliveryReason.LOST, said(code, words))
        return self.declined(code, words)

    def options(self, content):
        known = self.smtp.esmtp_features
        return [f"size={len(content)}"] * ("size" in known) + ["body=8bitmime"] * ("8bitmime" in known)

    def declined(self, code, words):
        answer = said(code, words)
        if 500 <= code < 600:
            return refused(DeliveryReason.REFUSED, answer)
        self.is_over = code == GOES_AWAY or not 400 <= code < 500
        return Outcome(DeliveryState.QUEUED, DeliveryReason.LATER, answer, server_is_down=self.is_over)

    def begins_anew(self):
        try:
            return self.smtp.rset()[0] == 250
        except OSError:
            return False


def wire_format(message):
    """The bytes of an EmailMessage. Headers stay on one line, as programs that look for links and ids expect.

    Files are put into the finished text: the generator would look at each of their lines several times.
    """
    light, files = copy(message), []
    light.attachments = [without_content(each, files) for each in message.attachments]
    written = BytesIO()
    made = light.message()
    # Else the generator writes all parts twice, to find one that none of them holds.
    for part in made.walk():
        if part.is_multipart():
            part.set_boundary(f"=_{secrets.token_hex(16)}")
    BytesGenerator(
        written, mangle_from_=False, policy=made.policy.clone(linesep="\r\n", max_line_length=LONGEST_LINE)
    ).flatten(made)
    head, *others = written.getvalue().split(MARK)
    return b"".join([head, *(part for pair in zip(files, others, strict=True) for part in pair)])


def without_content(attachment, files):
    """*attachment* with a mark instead of its content, which goes into *files* as it is sent; text is left as it is."""
    kind = (attachment.mimetype or "").partition("/")[0]
    if not isinstance(attachment.content, bytes) or kind in {"", "text", "message"}:
        return attachment
    files.append(encoded(attachment.content))
    return attachment._replace(content=STAND_IN)


@lru_cache(maxsize=4)
def encoded(content):
    """*content* in base64 as lines; a file that goes to thousands is encoded once."""
    return encodebytes(content).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def dotted(content):
    """*content* as it goes over the wire: a dot more where a line begins with one, and the one that ends it."""
    ending = b"" if content.endswith(b"\r\n") else b"\r\n"
    beginning = b"." if content.startswith(b".") else b""
    return b"".join([beginning, content.replace(b"\r\n.", b"\r\n.."), ending, b".\r\n"])


def bare(address):
    """The address alone, its host in ASCII: "Marta <marta@señal.example>" → "marta@xn--seal-iqa.example"."""
    local, at, host = address.rpartition("<")[2].rstrip(">").rpartition("@")
    return f"{local}{at}{punycode(host)}"
