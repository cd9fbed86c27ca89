"""One CSV export in a process of its own: `python -m benchmarks.export 2026-01-31` for the entries since that day.

Prints the most memory in MB, the rows and the seconds.
"""

import sys
import time

import django

django.setup()

import lxml.html  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from crm.models import User  # noqa: E402
from interactions.models import InteractionLogEntry  # noqa: E402

from .meters import peak_memory  # noqa: E402


def export(since):
    with (
        connection.cursor() as cursor
    ):  # fills the cache of the database, which is memory of this process on SQLite
        cursor.execute(f"SELECT sum(length(description)) FROM {InteractionLogEntry._meta.db_table}")
    client = Client()
    client.force_login(User.objects.get(username="nora.alder"))
    page = client.get(reverse("interactions:entries"), {"date_after": since})
    token = lxml.html.fromstring(page.content.decode()).xpath("//*[@name='matching']/@value")[0]
    begin = time.perf_counter()
    response = client.post(reverse("interactions:export"), {"matching": token, "format": "csv"})
    lines = sum(chunk.count(b"\n") for chunk in response.streaming_content)
    sys.stdout.write(f"{peak_memory()} {lines - 1} {time.perf_counter() - begin}\n")


if __name__ == "__main__":
    export(sys.argv[1])
