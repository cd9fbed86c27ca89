"""The Celery application: work that outlives a request."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
TRANSPORT_ALIASES["files"] = "crm.file_queue:Transport"

app = Celery("bitacora")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
