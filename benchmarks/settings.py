"""crm.settings as in production, and one empty page in the same shell to compare with."""

from crm.settings import *  # noqa: F403, TID251 an overlay

DEBUG = False
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "benchmarks.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
