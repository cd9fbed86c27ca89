"""What beat clears away by itself."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from crm.celery import app
from interactions import tasks
from interactions.models import InteractionDraft
from tests.factories import InteractionDraftFactory


@pytest.mark.django_db
def test_discarded_drafts_are_removed_when_undo_has_passed():
    InteractionDraftFactory(deleted=True)
    kept = InteractionDraftFactory()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
        tasks.clean_up_drafts_task.delay()
    assert list(InteractionDraft.objects.all()) == [kept]


@pytest.mark.django_db
def test_a_sweep_of_a_storage_without_files_does_nothing():
    assert tasks.sweep_orphans_task.delay().successful()


def test_both_are_on_the_timetable():
    assert {"clean-up-drafts", "sweep-orphans"} <= set(app.conf.beat_schedule)
