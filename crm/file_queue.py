"""The queue of the embedded installation: kombu's filesystem transport, one file per message.

As kombu has it, a reader may move a file away that its writer has opened and not yet filled, moves it to the system's
temporary folder, which may be another file system, and orders messages by a clock that starts again with the machine.
Here a message appears whole, is taken by one rename in its own folder, and is named by the time of day.
"""

import os
import time
import uuid
from pathlib import Path
from queue import Empty

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            os.makedirs(folder, exist_ok=True)

    def _queue_bind(self, exchange, routing_key, pattern, queue):
        table = self._exchange_file(exchange)
        if not table.exists():
            appear(table, "[]")
        super()._queue_bind(exchange, routing_key, pattern, queue)

    def _put(self, queue, payload, **kwargs):
        appear(Path(self.data_folder_out, f"{time.time_ns():020}_{uuid.uuid4()}.{queue}.msg"), dumps(payload))

    def _get(self, queue):
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            message = Path(self.data_folder_in, name)
            try:
                taken = message.rename(message.with_suffix(".taken"))
            except FileNotFoundError:  # another worker was faster
                continue
            payload = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(payload)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
    # Files have no host; kombu would warn at every start that none was given.
    default_connection_params = {}


def appear(file, text):
    """Writes a file that nobody can see half-written."""
    unfinished = file.with_name(f"{file.name}.{uuid.uuid4()}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.rename(file)
