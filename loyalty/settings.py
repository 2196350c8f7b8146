"""Settings: one file, every deployment choice is an environment variable."""

import os
import sys
from pathlib import Path

import django_stubs_ext
from celery.schedules import crontab
from psycopg.conninfo import conninfo_to_dict

from loyalty.backoffice.frame import unfold_settings
from loyalty.display.headers import POLICY
from loyalty.embedded.keys import signing_key
from loyalty.embedded.places import secret_key, var_folder
from loyalty.embedded.postgres import default_url
from loyalty.embedded.valkey import default_broker_url
from loyalty.logs import logging_settings

django_stubs_ext.monkeypatch()  # Django's generic classes take their types at run time too

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = var_folder()
DEBUG = os.environ.get("DEBUG", "") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "*" if DEBUG else "localhost,127.0.0.1,[::1]").split(",")
SECRET_KEY = os.environ.get("SECRET_KEY") or secret_key()

INSTALLED_APPS = [
    "loyalty.apps.ShellConfig",
    "loyalty.operations",
    "loyalty.display",
    "loyalty.backoffice",
    "modeltranslation",  # before the admin, which needs its registrations
    "unfold.apps.BasicAppConfig",
    "loyalty.backoffice.apps.OfficeConfig",  # Django's admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "allauth.idp.oidc",
    "django_htmx",
    "import_export",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
    "core",
    "ledger",
    "dealers",
    "members",
    "rewards",
    "campaigns",
]
MIDDLEWARE = [
    "loyalty.api.edge.ApiEdge",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "loyalty.display.headers.SafeHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "loyalty.backoffice.history.OfficeHistory",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "loyalty.urls"
WSGI_APPLICATION = "loyalty.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csp",
            ]
        },
    }
]

# The application role owns nothing; commands that change the schema run as the login role.
OWNER_COMMANDS = {"migrate", "makemigrations", "flush", "showmigrations", "sqlmigrate"}
APPLICATION_ROLE = "loyalty_app"


def database(url: str) -> dict[str, object]:
    """Django's database settings for a PostgreSQL URL."""
    parts = conninfo_to_dict(url)
    named = {"dbname", "user", "password", "host", "port"}
    options: dict[str, object] = {key: value for key, value in parts.items() if key not in named}
    # Short statements over many rows: compiling them takes longer than running them.
    options["options"] = f"{options.get('options', '')} -c jit=off".strip()
    if not OWNER_COMMANDS & set(sys.argv[1:2]):
        options["assume_role"] = APPLICATION_ROLE
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "loyalty"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,  # a restarted database costs no request
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL") or default_url())}

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("id", "Bahasa Indonesia"),
    ("ms", "Bahasa Melayu"),
    ("vi", "Tiếng Việt"),
    ("th", "ไทย"),
    ("ar", "العربية"),
]
MODELTRANSLATION_LANGUAGES = tuple(code for code, _ in LANGUAGES)
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
BRAND_DIR = VAR_DIR / "brand"  # logos that program files name: brand/demo.svg
STATICFILES_DIRS = [BASE_DIR / "static", *([("brand", BRAND_DIR)] if BRAND_DIR.is_dir() else [])]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "loyalty.display.static.HashedFiles"},
}

SECURE_CSP = POLICY
SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", "0"))  # a year, 31536000, once HTTPS works for good
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_SECONDS > 0

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema", "UNAUTHENTICATED_USER": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Loyalty API",
    "VERSION": "1",
    "DESCRIPTION": "Events in, points out: members, wallets, tiers. docs/api.md says how to begin.",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": ["loyalty.api.v1.description.add_components"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # bytes of a request's body; the API answers 413 beyond

# Partner systems get access tokens by OAuth client credentials at /identity/o/api/token.
IDP_OIDC_PRIVATE_KEY = os.environ.get("OIDC_PRIVATE_KEY") or signing_key()
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3600
SIGNAL_KEY = os.environ.get("SIGNAL_KEY", "")  # of the hashes of devices and instruments; empty: from SECRET_KEY

TRACE_DAYS = 90
OUTBOX: dict[str, list[str]] = {}
OUTBOX_RESEND_SECONDS = int(os.environ.get("OUTBOX_RESEND_SECONDS", "60"))
OUTBOX_DAYS = 7
JOBS: dict[str, str] = {}

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL") or default_broker_url()
# RabbitMQ: sent means confirmed. Valkey and Redis: a task whose worker vanished comes back after an hour; the outbox
# and the jobs do not wait for that.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"confirm_publish": True}
    if CELERY_BROKER_URL.startswith("amqp")
    else {"visibility_timeout": 3600, "socket_timeout": 10, "socket_connect_timeout": 5, "global_keyprefix": "loyalty:"}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "loyalty"
CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum" if CELERY_BROKER_URL.startswith("amqp") else "classic"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "core.tasks.beat", "schedule": 10, "options": {"expires": 30}},
    "jobs": {"task": "core.tasks.wake_jobs", "schedule": 30, "options": {"expires": 30}},
    "outbox": {"task": "core.tasks.purge_outbox", "schedule": crontab(hour="2", minute="40")},
    "api": {"task": "core.tasks.purge_api", "schedule": crontab(hour="2", minute="45")},
    "facts": {"task": "members.tasks.roll_all_facts", "schedule": crontab(minute="3"), "options": {"expires": 3000}},
    "books": {"task": "loyalty.operations.tasks.settle_books", "schedule": crontab(minute="8")},
    "proofs": {"task": "loyalty.operations.tasks.prove_books", "schedule": crontab(hour="3", minute="20")},
    "budgets": {"task": "campaigns.tasks.return_budgets", "schedule": crontab(hour="2", minute="55")},
    "traces": {"task": "campaigns.tasks.purge_old_traces", "schedule": crontab(hour="2", minute="50")},
}

LOGGING_CONFIG = None
logging_settings(level=os.environ.get("LOG_LEVEL", "INFO"), lines=os.environ.get("LOG_FORMAT", "json"))

UNFOLD = unfold_settings()
