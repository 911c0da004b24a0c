"""All settings of the portal. Everything that differs between machines comes from the environment.

Two modes. Production is the default and safe by itself: it refuses to start without a secret and
host names. Demonstration (KSI_MODE=demo, what `make run` uses) works at once on a laptop: own
secret in var/, SQLite, cookies over http, answers on the loopback names only. The variables are
listed in README.md.
"""

import os
import secrets
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

env = environ.Env()


def refuse(reason: str) -> None:
    """Stop before anything starts, with one line instead of a traceback."""
    raise SystemExit(f"KSI startar inte: {reason}")


BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("KSI_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

MODE = env("KSI_MODE", default="production")
if MODE not in {"production", "demo"}:
    refuse(f"KSI_MODE är ”{MODE}”, men kan bara vara production eller demo.")
DEMO = MODE == "demo"

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def demo_secret() -> str:
    """The demonstration's own secret: made once, kept in var/, readable by its owner only."""
    path = VAR_DIR / "demo-secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text()


ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
SECRET_KEY = env("SECRET_KEY", default="")
if DEMO:
    if set(ALLOWED_HOSTS) - set(LOOPBACK_HOSTS):
        refuse("demonstrationsläget visas bara på localhost. Ta bort KSI_MODE=demo i drift.")
    ALLOWED_HOSTS = LOOPBACK_HOSTS
    SECRET_KEY = SECRET_KEY or demo_secret()
if not SECRET_KEY:
    refuse("SECRET_KEY saknas. Sätt den till minst 50 slumpade tecken.")
if not ALLOWED_HOSTS:
    refuse("ALLOWED_HOSTS saknas. Sätt den till portalens värdnamn, till exempel ksi.example.org.")

DEBUG = False

# How many proxies stand in front of gunicorn and add to X-Forwarded-For; see core.visitors.
PROXY_COUNT = env.int("KSI_PROXIES", default=0)
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "core",
    "search",
    "people",
    "library",
    "inventory",
    "ksi",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.forms",
]

MIDDLEWARE = [
    "core.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.keeping.KeepPages",
    "core.middleware.Compress",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.DatabaseDown",
    "people.middleware.Sessions",
    "core.middleware.CleanInput",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.middleware.SecondFactor",
]

ROOT_URLCONF = "ksi.urls"
FORM_RENDERER = "core.forms.Renderer"
WSGI_APPLICATION = "ksi.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.static", "core.templatetags.ksi"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'ksi.sqlite3'}")}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = None
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # IMMEDIATE: a transaction that reads and then writes waits for its turn instead of failing.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            " PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456;"
            # What is erased is overwritten: no bytes of it stay in the file (core.register).
            " PRAGMA secure_delete=ON;"
        ),
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
    _timeout = env.int("KSI_STATEMENT_TIMEOUT", default=20_000)  # milliseconds
    # Compiling a question takes fifty times as long as any page's question takes.
    _options = f"-c statement_timeout={_timeout} -c jit=off"
    _database.setdefault("OPTIONS", {})["options"] = _options

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all web processes; holds rate limits only. Kept pages live in each process's memory.
CACHES = {"default": env.cache("CACHE_URL", default="dbcache://ksi_cache")}
if CACHES["default"]["BACKEND"].endswith(".DatabaseCache"):
    # Django keeps 300 entries: whoever fills them would set every limit free.
    CACHES["default"].setdefault("OPTIONS", {}).setdefault("MAX_ENTRIES", 100_000)

# Bytes of kept pages and fragments per web process.
KEPT_BYTES = env.int("KSI_KEPT_MB", default=32) * 1024 * 1024

# Exports and fact sheets that one address may fetch in a minute.
EXPORTS_PER_MINUTE = env.int("KSI_EXPORTS_PER_MINUTE", default=20)

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "files", "base_url": "/filer/"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if _bucket := env("S3_BUCKET", default=""):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _bucket,
            "endpoint_url": env("S3_ENDPOINT", default=None),
            "region_name": env("S3_REGION", default=None),
            "querystring_auth": True,
        },
    }
MEDIA_URL = "/filer/"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names never change: browsers may keep them for good.
WHITENOISE_MAX_AGE = 60
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# --- Background tasks and mail (docs/adr/0011-tasks-and-mail.md) ---------------------------------

# Rows in the database, so that a rollback drops them. QUEUES empty: any queue may be named.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

# The portal's own address, for links in mail; nothing that a visitor sends can change it.
_host = "localhost" if DEMO else ALLOWED_HOSTS[0].lstrip(".*") or "localhost"
PORTAL_URL = env("KSI_URL", default="http://localhost:8000" if DEMO else f"https://{_host}").rstrip(
    "/"
)

EMAIL_TIMEOUT = 30
if DEMO and not env("EMAIL_URL", default=""):
    # The demonstration sends nothing: it writes files in var/mail/.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
else:
    # smtp://user:password@host:25, smtp+tls:// (STARTTLS, port 587) or smtp+ssl:// (port 465).
    _mail = env.email_url("EMAIL_URL", default="smtp://localhost:25")
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"] or "localhost", _mail["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS, EMAIL_USE_SSL = "EMAIL_USE_TLS" in _mail, "EMAIL_USE_SSL" in _mail
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", default=f"KSI <ksi@{_host}>")
# Where answers go, and where non-delivery reports go (see manage.py receive_bounce).
MAIL_REPLY_TO = env("MAIL_REPLY_TO", default="")
MAIL_BOUNCES = env("MAIL_BOUNCES", default="")
# The knowledge centre's own mailbox: where messages go to a function that has none.
CONTACT = parseaddr(env("KSI_CONTACT", default=MAIL_REPLY_TO or DEFAULT_FROM_EMAIL))[1]
try:
    validate_email(CONTACT)
except ValidationError:
    refuse("KSI_CONTACT saknas eller är ingen e-postadress. Sätt den till redaktionens brevlåda.")

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "people.backends.Accounts",
    "people.backends.RolePermissions",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my-pages"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Who may make an account: those with an address here, and the invited.
SIGNUP_DOMAINS = [
    domain.strip().lower()
    for domain in env.list("KSI_SIGNUP_DOMAINS", default=["example.org"] if DEMO else [])
]
# Whether those who can do much (User.needs_second_factor) must show a second factor.
SECOND_FACTOR_REQUIRED = not DEMO

# django-allauth (docs/adr/0010-allauth.md): a code by e-mail is the way in, or a passkey.
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8}
_CODE_SECONDS = 15 * 60
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEMO else "https"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = _CODE_SECONDS
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = _CODE_SECONDS
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_TIMEOUT = 2 * _CODE_SECONDS
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = _CODE_SECONDS
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "KSI: "
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "request_login_code": "20/m/ip,8/15m/key",
    "signup": "10/m/ip",
    "confirm_email": "1/10s/key,20/m/ip",
    "signin_link": "20/m/ip",
}
ACCOUNT_FORMS = {
    "login": "people.forms.CodeLoginForm",
    "signup": "people.forms.SignupForm",
    "confirm_login_code": "people.forms.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "people.forms.ConfirmAddressForm",
    "change_password": "people.forms.ChangePasswordForm",
    "set_password": "people.forms.SetPasswordForm",
    "reauthenticate": "people.forms.PasswordAgainForm",
}
MFA_ADAPTER = "people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "KSI"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO  # http://localhost
MFA_FORMS = {
    "authenticate": "people.forms.SecondFactorForm",
    "reauthenticate": "people.forms.SecondFactorAgainForm",
    "activate_totp": "people.forms.ActivateAppForm",
    "add_webauthn": "people.forms.AddPasskeyForm",
    "edit_webauthn": "people.forms.RenamePasskeyForm",
    "authenticate_webauthn": "people.forms.UsePasskeyForm",
    "login_webauthn": "people.forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "people.forms.PasskeyAgainForm",
}

# Single sign-on with the city's own provider (OpenID Connect), when one is named.
SOCIALACCOUNT_ADAPTER = "people.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {}
OIDC_ISSUER = env("KSI_OIDC_ISSUER", default="").rstrip("/")
if OIDC_ISSUER:
    if not DEMO and not OIDC_ISSUER.startswith("https://"):
        refuse("KSI_OIDC_ISSUER ska börja med https://.")
    for _name in ("KSI_OIDC_CLIENT_ID", "KSI_OIDC_SECRET"):
        if not env(_name, default=""):
            refuse(f"{_name} saknas. Den hör ihop med KSI_OIDC_ISSUER.")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env("KSI_OIDC_NAME", default="stadens inloggning"),
                "client_id": env("KSI_OIDC_CLIENT_ID"),
                "secret": env("KSI_OIDC_SECRET"),
                "settings": {
                    "server_url": OIDC_ISSUER,
                    "email_authentication": True,
                    # The provider is taken at its word about these, others by its own claim.
                    "verified_email": SIGNUP_DOMAINS,
                },
            }
        ],
    }

# --- Language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", "Svenska")]
TIME_ZONE = "Europe/Stockholm"
USE_I18N = True
USE_TZ = True

# --- Safety in the browser ----------------------------------------------------------------------

SECURE_SSL_REDIRECT = not DEMO and env.bool("SECURE_SSL_REDIRECT", default=True)
# The load balancer asks the containers for health over plain http.
SECURE_REDIRECT_EXEMPT = [r"^driftstatus/"]
SECURE_HSTS_SECONDS = 0 if DEMO else env.int("HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_HSTS_PRELOAD = not DEMO
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SESSION_ENGINE = "people.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "ksi_session"
SESSION_COOKIE_AGE = 7 * 24 * 3600
CSRF_COOKIE_NAME = "ksi_csrf"
CSRF_FAILURE_VIEW = "core.errors.csrf_failure"


def origin_of(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        # Browsers follow this through redirects: single sign-on leaves from a form.
        "form-action": ["'self'", *([origin_of(OIDC_ISSUER)] if OIDC_ISSUER else [])],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Files that are sent in (docs/adr/0012-uploads.md) -------------------------------------------

FILE_UPLOAD_HANDLERS = ["core.uploads.receiving.Receiver"]
_MB = 1024 * 1024
UPLOAD_MAX_BYTES = {
    "document": env.int("KSI_UPLOAD_DOCUMENT_MB", default=50) * _MB,
    "image": env.int("KSI_UPLOAD_IMAGE_MB", default=20) * _MB,
    "audio": env.int("KSI_UPLOAD_AUDIO_MB", default=200) * _MB,
}
CLAMAV = env("KSI_CLAMAV", default="")


def is_clamd(address: str) -> bool:
    """Whether it says where clamd listens: unix:///path or tcp://host:port."""
    try:
        parts = urlsplit(address)
        if parts.scheme == "unix":
            return bool(parts.path) and not parts.netloc
        return parts.scheme == "tcp" and bool(parts.hostname and parts.port)
    except ValueError:
        return False


if CLAMAV and not is_clamd(CLAMAV):
    refuse(
        "KSI_CLAMAV ska vara unix:///sökväg eller tcp://dator:port, till exempel tcp://127.0.0.1:3310."
    )

# --- Logs ---------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "core.middleware.RequestIdFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime}{levelname}{name}{message}{request_id}",
            "style": "{",
        },
        "plain": {"format": "{levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain" if DEMO else "json",
            "filters": ["request_id"],
        },
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"level": "INFO", "propagate": True, "handlers": []},
        "weasyprint": {"level": "ERROR", "propagate": True},
        "fontTools": {"level": "ERROR", "propagate": True},
        # Each 4xx is an answer, not an incident; the access log has them.
        "django.request": {"level": "ERROR", "propagate": True},
        "django.security.DisallowedHost": {"level": "CRITICAL", "propagate": True},
        # It drops the body of each answer to HEAD, as it should, and warns of it each time.
        "gunicorn.http.wsgi": {"level": "ERROR", "propagate": True},
    },
}
