# Tasks declared with @shared_task belong to this application, whichever process imports them.
from .celery import app as celery_app

__all__ = ["celery_app"]
