"""crm.settings for workers on a broker that other runs use too: they listen to a queue of their own."""

import os

from crm.settings import *

CELERY_TASK_DEFAULT_QUEUE = os.environ["QUEUE"]
