"""A real mail server on loopback that can be told to misbehave.

with MailServer() as server:
    server.on("greylisted@example.com", "451 4.7.1 Try again in a minute")
    …
    assert server.ids == ["<…@…>"]
"""

import asyncio
import email
import email.policy
import socket
import threading
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"


def free_port():
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@dataclass
class Hold:
    """A message that the server has and whose answer waits: `begun` is set when it came, `go` lets it be answered."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


class Handler:
    def __init__(self):
        self.messages = []
        self.peers = set()  # one for each connection
        self.asked = []  # every address of RCPT, in order
        self.answers = {}  # address → answers of RCPT, the last one for ever
        self.after_data = {}  # address → what happens once the body is in: an answer, "hang up", or a Hold
        self.per_connection = None  # most messages before the server says 421

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.peers.add(session.peer)
        session.count = getattr(session, "count", 0) + 1
        if self.per_connection and session.count > self.per_connection:
            return "421 4.7.0 Too many messages in one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked.append(address)
        answers = self.answers.get(address)
        answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else "250 OK"
        if answer == "hang up":
            server.transport.abort()
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        for address in envelope.rcpt_tos:
            fate = self.after_data.get(address)
            if fate == "hang up":
                server.transport.abort()
                return "250 OK"
            if isinstance(fate, Hold):
                self.messages.append(message)
                fate.begun.set()
                while not fate.go.is_set():
                    await asyncio.sleep(0.01)
                return "250 OK"
            if fate:
                return fate
        self.messages.append(message)
        return "250 OK"


class MailServer:
    """A context manager. `port` stays the same when it is stopped and started again."""

    def __init__(self, port=None):
        self.port = port or free_port()
        self.handler = Handler()
        self.controller = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.stop()

    def start(self):
        self.controller = Controller(self.handler, hostname=HOST, port=self.port)
        self.controller.start()

    def stop(self):
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def on(self, address, *answers):
        """Answer RCPT of *address* so, the last answer for ever."""
        self.handler.answers[address] = list(answers)

    def after_data(self, address, fate):
        self.handler.after_data[address] = fate

    @property
    def messages(self):
        return self.handler.messages

    @property
    def ids(self):
        """The Message-IDs that were accepted, in order."""
        return [message["Message-ID"] for message in self.messages]
