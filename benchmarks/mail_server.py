"""A mail server of one process that writes down each Message-ID it accepts: `python -m benchmarks.mail_server PORT FILE`."""

import asyncio
import re
import sys

from aiosmtpd.smtp import SMTP

MESSAGE_ID = re.compile(rb"^Message-ID: *(\S+)", re.MULTILINE | re.IGNORECASE)


class Handler:
    def __init__(self, file):
        self.file = file

    async def handle_DATA(self, server, session, envelope):
        # Written before the answer: what a sender believes to be sent is in the file.
        self.file.write(MESSAGE_ID.search(envelope.content)[1].decode() + "\n")
        self.file.flush()
        return "250 OK"


async def serve(port, path):
    with open(path, "w", encoding="ascii") as file:
        handler = Handler(file)
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(handler, hostname="localhost"), "127.0.0.1", port
        )
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
