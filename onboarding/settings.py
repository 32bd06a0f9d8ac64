"""The one settings file. Every value comes from the environment (`.env.example`)."""

import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from . import mail, webhooks
from .bundled import addresses
from .env import Reader, read_dotenv
from .logs import describe_logging
from .unfold import UNFOLD  # noqa: F401 - read from here by django-unfold

# Lets `admin.ModelAdmin[Buyer]` and its like stand in code that also runs.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
read_dotenv(Path(os.environ.get("ENV_FILE", BASE_DIR / ".env")))
env = Reader()

# -- What this installation is -------------------------------------------------------

DEBUG = env.flag("DEBUG")
DEMO = env.flag("DEMO")
ALLOW_BUNDLED = env.flag("ALLOW_BUNDLED")
PORT = env.number("PORT", 8000, least=1)
# Where the web part listens: this machine only, unless a container says otherwise.
LISTEN = env.text("LISTEN", "127.0.0.1")
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data")))
SITE_URL = env.address("SITE_URL", f"http://localhost:{PORT}")
STORE_URL = env.address("STORE_URL", f"{SITE_URL}/demo-store")
INVITATION_DAYS = env.number("INVITATION_DAYS", 90, least=1)
HTTPS = SITE_URL.startswith("https://")
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"

# -- Secrets --------------------------------------------------------------------------

# Known to everybody who reads this line; `onboarding.safety` refuses to serve with it.
DEMO_SECRET = "demo-secret-which-everybody-knows-and-nobody-may-serve-with"  # noqa: S105
SECRET_KEY = env.secret("SECRET_KEY", DEMO_SECRET)
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS")
# Signs personal and unsubscribe links; those in old mails want the old keys for ever.
LINK_KEY = env.secret("LINK_KEY", DEMO_SECRET)
LINK_KEY_FALLBACKS = env.names("LINK_KEY_FALLBACKS")
# Hashes suppressed addresses: with another key none of them would be recognised.
ADDRESS_HASH_KEY = env.secret("ADDRESS_HASH_KEY", DEMO_SECRET)
# A copy of the database elsewhere lacks this key, and so does not send.
ARMING_KEY = env.secret("ARMING_KEY", DEMO_SECRET)

# -- Apps -----------------------------------------------------------------------------

TOUCHPOINTS = ["campaigns.invitations", "campaigns.training"]

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "csp",
    "django_htmx",
    "django_structlog",
    "ninja",
    "simple_history",
    "accounts.staff",
    "accounts.customers",
    "accounts.consent",
    "accounts.journal",
    "campaigns.messages",
    "campaigns.sequences",
    *TOUCHPOINTS,
    "campaigns.feedback",
    "campaigns.portal",
    "campaigns.adoption",
    "onboarding",
]

MIDDLEWARE = [
    "onboarding.health.HealthMiddleware",
    "campaigns.feedback.views.GateMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "onboarding.policy.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "onboarding.queries.QueryMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "onboarding.idle.IdleMiddleware",
    "onboarding.second_factor.SecondFactorMiddleware",
    "onboarding.language.StaffLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "onboarding.requests.RequestMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "campaigns.portal.look.context",
            ],
        },
    },
]

ROOT_URLCONF = "onboarding.urls"
WSGI_APPLICATION = "onboarding.wsgi.application"
ASGI_APPLICATION = "onboarding.asgi.application"

# Routers of the API, mounted below /api/v1/ by onboarding/api.py: (path, router).
API_ROUTERS = [
    ("/v1/", "accounts.journal.api.router"),
    ("/v1/", "accounts.customers.api.router"),
    ("/v1/", "campaigns.invitations.api.router"),
]

# -- Database, broker, cache ----------------------------------------------------------

BUNDLED = addresses.read(DATA_DIR)

DATABASES = {
    "default": {
        **env.database("DATABASE_URL", BUNDLED.database),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A pooler such as PgBouncer hands each transaction another connection.
        "DISABLE_SERVER_SIDE_CURSORS": env.flag("DATABASE_POOLED"),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis("REDIS_URL", BUNDLED.redis)
CACHES = {
    "default": {
        "BACKEND": "onboarding.cache.CautiousCache",
        # In production a server of its own, which may evict; the broker must not.
        "LOCATION": env.redis("CACHE_URL", REDIS_URL),
        "KEY_PREFIX": "onboarding-cache",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# -- Background work ------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# After a hundred tries, three quarters of an hour, worker and beat would end, and the
# supervisor would stop the dispatcher, which needs no broker.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "global_keyprefix": env.text("BROKER_PREFIX", "onboarding:"),
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 29 * 60
CELERY_TASK_DEFAULT_QUEUE = "dispatch"
# So that neither a long import nor a report ever starves sending.
CELERY_TASK_ROUTES = {
    "accounts.customers.tasks.*": {"queue": "imports"},
    "campaigns.adoption.tasks.*": {"queue": "reports"},
}
CELERY_BEAT_SCHEDULER = "onboarding.beat:Beat"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
# Unset, Celery closes the database connection around every single task.
CELERY_DB_REUSE_MAX = 1000

# -- Mail -----------------------------------------------------------------------------

globals().update(mail.read_settings(env))
MAIL_CONNECTIONS = env.number("MAIL_CONNECTIONS", 4, least=1)
MAIL_IN_FLIGHT = env.number("MAIL_IN_FLIGHT", mail.IN_FLIGHT, least=1)
# Whose reports are taken in, and how they are proven.
WEBHOOKS = webhooks.read_providers(env, globals()["MAIL_TRANSPORT"])
WEBHOOK_TOPICS = env.names(webhooks.TOPICS)
WEBHOOK_RESEND = env.text(webhooks.RESEND)
ANYMAIL = {**webhooks.read_secrets(env), **globals().get("ANYMAIL", {})}
# An address gets nothing more after so many messages that bounced within so many days.
SOFT_BOUNCES = env.number("SOFT_BOUNCES", 5, least=1)
SOFT_BOUNCE_DAYS = env.number("SOFT_BOUNCE_DAYS", 30, least=1)
# The mailbox to which bounces come back, for who sends without a provider.
BOUNCE_MAILBOX = mail.read_mailbox(env)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Onboarding <hello@example.com>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Asked about senders' domains; by default those of this computer.
DNS_SERVERS = env.names("DNS_SERVERS")
DNS_PORT = env.number("DNS_PORT", 53, least=1)

# -- Staff log-in ---------------------------------------------------------------------

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "accounts.staff.roles.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "onboarding.login.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
# Or anybody could make us write to any address.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login": "30/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "onboarding.sealing.SealedFactorAdapter"
# Of administrators and marketing managers. The demo's log-ins are everybody's.
REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", not DEMO)
MFA_TOTP_ISSUER = "Onboarding"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

# -- Languages and time ---------------------------------------------------------------

LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "en", dict(LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "unfold"]
FORMAT_MODULE_PATH = ["onboarding.formats"]
TIME_ZONE = env.text("TIME_ZONE", "Europe/Madrid")
USE_I18N = True
USE_TZ = True

# -- Security -------------------------------------------------------------------------

ALLOWED_HOSTS = env.names(
    "ALLOWED_HOSTS", [SITE_HOST, *(["localhost", "127.0.0.1", "[::1]"] if DEMO else [])]
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else f"session-{PORT}"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = env.number("SESSION_IDLE_MINUTES", 30, least=1) * 60
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else f"csrf-{PORT}"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
SIGNED_COOKIE_LEGACY_SALT_FALLBACK = False

SECURE_SSL_REDIRECT = HTTPS
# A one-click unsubscribe must never meet a redirect.
SECURE_REDIRECT_EXEMPT = [r"^u/", r"^webhooks/"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS
# Whether the domain's other names are served by https only is not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["accounts.customers.capped.CappedUpload"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
# Unfold's Alpine.js evaluates expressions and sets styles; nothing else may.
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "frame-src": [SELF],
}

# -- Files ----------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
# Hashed and compressed files, made by `collectstatic`; the container has run it.
STATIC_COLLECTED = env.flag("STATIC_COLLECTED")
STATIC_ROOT = BASE_DIR / "staticfiles" if STATIC_COLLECTED else None
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if STATIC_COLLECTED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(DATA_DIR / "media")))
MEDIA_URL = "/media/"

# -- Adoption -------------------------------------------------------------------------

# A regular orders so often online within so many days. After a change:
# `manage.py rebuild_progress`.
ADOPTION_REGULAR_ORDERS = env.number("ADOPTION_REGULAR_ORDERS", 3, least=1)
ADOPTION_REGULAR_DAYS = env.number("ADOPTION_REGULAR_DAYS", 90, least=1)

# -- Sending --------------------------------------------------------------------------

# Where a sender notes each start and each reply: wants a volume that persists.
SPOOL_DIR = Path(env.text("SPOOL_DIR", str(DATA_DIR / "spool")))

# Who brings this token may read /metrics; without one nobody may.
METRICS_TOKEN = env.secret("METRICS_TOKEN", "", length=16)

# -- Logs -----------------------------------------------------------------------------

LOGGING = describe_logging(
    level=env.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"]),
    style=env.choice("LOG_FORMAT", "json", ["json", "plain"]),
)
DJANGO_STRUCTLOG_CELERY_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
