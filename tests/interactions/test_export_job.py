"""The job that exports a workbook shows that it lives while the rows are packed and the file is kept."""

import tempfile

import pytest

from crm import jobs
from interactions.actions.exports import write_workbook
from interactions.jobs import Watched
from interactions.models import InteractionLogEntry
from tests.factories import InteractionLogEntryFactory, JobFactory

pytestmark = pytest.mark.django_db


def test_packing_and_keeping_a_workbook_are_signs_of_life():
    InteractionLogEntryFactory()
    job, beats = JobFactory(), []
    with tempfile.TemporaryFile() as plain:
        file = Watched(plain, beat=lambda: beats.append("beat"))
        write_workbook(file, InteractionLogEntry.objects.all(), costs=True)
        packing = len(beats)
        assert packing
        file.seek(0)
        jobs.keep_file(job, "entries.xlsx", file)
    assert len(beats) > packing
    with job.file.open("rb") as kept:
        assert kept.read(2) == b"PK"
