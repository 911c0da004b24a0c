"""The portal's settings for tests: the demonstration, in a folder of its own, nothing shared.

`KSI_TEST_DATABASE` (an address such as postgres://…) chooses the database; SQLite otherwise.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# What this machine happens to have set must not reach a test, least of all a real database.
for name in (
    *("ALLOWED_HOSTS", "CACHE_URL", "DATABASE_URL", "EMAIL_URL", "KSI_URL", "LOG_LEVEL"),
    *("MAIL_BOUNCES", "MAIL_FROM", "MAIL_REPLY_TO", "S3_BUCKET", "SECRET_KEY"),
    *("KSI_OIDC_ISSUER", "KSI_PROXIES", "KSI_SIGNUP_DOMAINS", "KSI_CLAMAV", "KSI_CONTACT"),
    *("KSI_UPLOAD_DOCUMENT_MB", "KSI_UPLOAD_IMAGE_MB", "KSI_UPLOAD_AUDIO_MB"),
):
    os.environ.pop(name, None)

_var = tempfile.mkdtemp(prefix="ksi-test-")
atexit.register(shutil.rmtree, _var, ignore_errors=True)
os.environ["KSI_MODE"] = "demo"
os.environ["KSI_VAR"] = _var
if os.environ.get("KSI_TEST_DATABASE"):
    os.environ["DATABASE_URL"] = os.environ["KSI_TEST_DATABASE"]

from ksi.settings import *  # noqa: E402, F403
from ksi.settings import (  # noqa: E402
    BASE_DIR,
    DATABASES,
    INSTALLED_APPS,
    STATIC_ROOT,
    STORAGES,
    TEMPLATES,
)

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]

_run = os.environ.get("KSI_TEST_RUN", str(os.getpid()))
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads and processes then meet the same locks as in the real thing.
    DATABASES["default"]["TEST"] = {"NAME": Path(_var) / "test.sqlite3"}
else:
    # A name of its own, so that two runs on one server do not drop each other's database.
    DATABASES["default"]["TEST"] = {"NAME": f"ksi_test_{_run}"}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEMPLATES = [
    {**TEMPLATES[0], "DIRS": [BASE_DIR / "templates", BASE_DIR / "tests/templates"]},
]
