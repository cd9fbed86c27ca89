"""What a deployed installation runs on, with the probe added; SECRET_KEY and DATA_DIR come from the environment."""

from crm.settings import *

ROOT_URLCONF = "tests.probe.urls"
CELERY_IMPORTS = ["tests.probe.tasks"]
CELERY_BEAT_SCHEDULE = {
    "timetable": {
        "task": "tests.probe.tasks.write",
        "schedule": 1.0,
        "args": [str(DATA_DIR / "by-timetable")],
    },
}
