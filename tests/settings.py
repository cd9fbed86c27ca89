"""crm.settings for tests: nothing is taken from .env or the shell but TEST_DATABASE_URL, nothing is left behind."""

import os
import re
import tempfile
from pathlib import Path

# Tests see the defaults, whatever the shell or the .env of a developer says.
for name in re.findall(
    r"^#? ?([A-Z_]+)=", (Path(__file__).parent.parent / ".env.example").read_text(), re.MULTILINE
):
    os.environ.pop(name, None)

scratch = tempfile.TemporaryDirectory(prefix="bitacora-tests-", ignore_cleanup_errors=True)
os.environ |= {
    "SETTINGS_FILE": os.devnull,
    "SECRET_KEY": "only for tests",
    "DATA_DIR": scratch.name,
    "STATIC_ROOT": tempfile.mkdtemp(dir=scratch.name),  # empty: tests read static files where they lie
    "INSECURE_COOKIES": "1",  # the live server of the browser tests speaks plain HTTP
}
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from crm.settings import *  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads and processes meet the locks that they meet in production.
    DATABASES["default"]["TEST"] = {"NAME": f"{scratch.name}/test.sqlite3"}
else:
    # Whatever the cluster was made with; and nobody needs these rows after a power cut.
    DATABASES["default"]["TEST"] = {"TEMPLATE": "template0", "CHARSET": "UTF8"}
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = False
