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
from loyalty.mails import mailers

django_stubs_ext.monkeypatch()  # Django's generic classes take their types at run time too

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = var_folder()
DEBUG = os.environ.get("DEBUG", "") == "1"
# Invented programs and members, their sign-ins and mails for all to see: where nothing is configured, or asked for.
DEMO = os.environ.get("DEMO", "" if os.environ.get("DATABASE_URL") else "1") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "*" if DEBUG else "localhost,127.0.0.1,[::1]").split(",")
# "club.example=automotive,points.example=wallet": hosts on which one program stands at the root
PORTAL_HOSTS = dict(pair.split("=", 1) for pair in os.environ.get("PORTAL_HOSTS", "").split(",") if pair)
ALLOWED_HOSTS += PORTAL_HOSTS
SECRET_KEY = os.environ.get("SECRET_KEY") or secret_key()

INSTALLED_APPS = [
    "loyalty.apps.ShellConfig",
    "loyalty.operations",
    "loyalty.identity",
    "loyalty.display",
    "loyalty.backoffice",
    "modeltranslation",  # before the admin, which needs its registrations
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.import_export",
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
    "loyalty.portal.hosts.PortalHosts",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "loyalty.backoffice.clock.OfficeClock",
    "loyalty.backoffice.history.OfficeHistory",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "loyalty.identity.answers.AppAnswers",
    "allauth.account.middleware.AccountMiddleware",
    "loyalty.identity.guesses.Guesses",
    "loyalty.identity.doors.AccountPages",
    "loyalty.identity.office.OfficeDoor",
    "loyalty.backoffice.addresses.OfficeAddresses",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "loyalty.urls"
CSRF_FAILURE_VIEW = "loyalty.display.errors.stale_form"
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
                "loyalty.identity.doors.account_pages",
                "django.template.context_processors.csp",
            ]
        },
    }
]

# The application role owns nothing; commands that change the schema run as the login role.
OWNER_COMMANDS = {"migrate", "makemigrations", "flush", "showmigrations", "sqlmigrate"}
APPLICATION_ROLE = "loyalty_app"
DATABASE_SETTINGS = (
    "-c jit=off",  # short statements over many rows: compiling them takes longer than running them
    "-c plan_cache_mode=force_generic_plan",  # what is prepared is planned once (core/services/prepared.py)
    "-c pg_trgm.word_similarity_threshold=0.4",  # how alike words are that may be meant (rewards/selectors/shelves.py)
)


def database(url: str) -> dict[str, object]:
    """Django's database settings for a PostgreSQL URL."""
    parts = conninfo_to_dict(url)
    named = {"dbname", "user", "password", "host", "port"}
    options: dict[str, object] = {key: value for key, value in parts.items() if key not in named}
    options["options"] = " ".join([str(options.get("options", "")), *DATABASE_SETTINGS]).strip()
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
AUTH_PASSWORD_VALIDATORS: list[dict[str, object]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = int(os.environ.get("SESSION_DAYS", "30")) * 86400
STAFF_SESSION_SECONDS = int(os.environ.get("STAFF_SESSION_HOURS", "12")) * 3600  # then the second factor again

# Members sign in by code or password, staff with a second factor: docs/identity.md.
ACCOUNT_ADAPTER = "loyalty.identity.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "phone", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*"]  # the portal's own form signs members up
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_USER_DISPLAY = "loyalty.identity.adapter.shown_name"
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key,20/h/key",
    "request_login_code": "20/m/ip,3/m/key,10/h/key,20/d/key",
    "reset_password": "20/m/ip,3/m/key,10/h/key",
    "verify_phone": "1/30s/key,3/m/ip,10/h/key",
    "change_phone": "5/m/user",
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("PROXIES", "0"))
MFA_ADAPTER = "loyalty.identity.mfa.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
HEADLESS_CLIENTS = ("app",)  # browsers use the portal
SMS_SENDER = os.environ.get("SMS_SENDER") or (
    "loyalty.identity.sms.HttpSender" if os.environ.get("SMS_URL") else "loyalty.identity.sms.FileSender"
)
SMS_URL, SMS_TOKEN = os.environ.get("SMS_URL", ""), os.environ.get("SMS_TOKEN", "")
WHATSAPP_URL = os.environ.get("WHATSAPP_URL", "https://graph.facebook.com/v23.0")
WHATSAPP_TOKEN = os.environ.get("WHATSAPP_TOKEN", "")
WHATSAPP_PHONE_ID = os.environ.get("WHATSAPP_PHONE_ID", "")
WHATSAPP_TEMPLATE = os.environ.get("WHATSAPP_TEMPLATE", "")  # approved by Meta: two places, reward and link
SMS_FOLDER = VAR_DIR / "sms"
SUPPLIER_SECONDS = float(os.environ.get("SUPPLIER_SECONDS", "20"))  # for one call, from first to last byte
SIMULATOR_URL = os.environ.get("SIMULATOR_URL", "")  # where suppliers of the demonstration are played
MAILERS = mailers(os.environ.get("EMAIL_URL", ""), VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "loyalty@localhost")
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://localhost:{os.environ.get('PORT', '8000')}")  # for links in mails

# One count for all processes: rate limits and used one-time codes live in PostgreSQL, like everything else.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

# HTTPS=1: this installation is only reached by https. PROXIES=n: behind so many proxies that set X-Forwarded-*.
HTTPS = os.environ.get("HTTPS", "") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

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
MODELTRANSLATION_FALLBACK_LANGUAGES = MODELTRANSLATION_LANGUAGES  # what has no text in a language is told in another
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "loyalty.display.locales"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
BRAND_DIR = VAR_DIR / "brand"  # logos that program files name: brand/demo.svg
STATICFILES_DIRS = [BASE_DIR / "static", *([("brand", BRAND_DIR)] if BRAND_DIR.is_dir() else [])]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"  # pictures of rewards that were uploaded in the office
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"allow_overwrite": True},  # a name follows from the content
    },
    "staticfiles": {"BACKEND": "loyalty.display.static.HashedFiles"},
}

WHITENOISE_ALLOW_ALL_ORIGINS = False
JQUERY_URL = "admin/js/vendor/jquery/jquery.min.js"  # where modeltranslation finds what it would fetch elsewhere
JQUERY_UI_URL = "vendor/jquery-ui/jquery-ui.min.js"

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
VOUCHER_KEY = os.environ.get("VOUCHER_KEY", "")  # the master key of voucher codes; empty: from SECRET_KEY
VOUCHER_KEY_FALLBACKS = [key for key in os.environ.get("VOUCHER_KEY_FALLBACKS", "").split(",") if key]  # older ones

TRACE_DAYS = 90
OUTBOX = {
    "notice.told": ["loyalty.operations.tasks.mail_notices"],
    "member.enrolled": ["campaigns.tasks.derive_events", "rewards.tasks.entitle_members"],
    "member.kyc_verified": ["campaigns.tasks.derive_events", "campaigns.tasks.reconsider_referrals"],
    "member.kyc_lost": ["campaigns.tasks.reconsider_referrals"],
    "referral.made": ["campaigns.tasks.reconsider_referrals"],
    "referral.joined": ["campaigns.tasks.derive_events", "campaigns.tasks.derive_friends"],
    "referral.qualified": ["campaigns.tasks.derive_events", "campaigns.tasks.derive_friends"],
    "segment.entered": ["campaigns.tasks.derive_events"],
    "tier.changed": ["campaigns.tasks.derive_events", "rewards.tasks.entitle_members"],
    "badge.earned": ["campaigns.tasks.derive_events"],
    "goal.reached": ["campaigns.tasks.derive_events"],
    "leaderboard.closed": ["campaigns.tasks.derive_events"],
    "reward.redeemed": ["campaigns.tasks.derive_events", "loyalty.operations.tasks.queue_deliveries"],
    "redemption.cancelled": ["campaigns.tasks.undo_redemptions"],
    "derived.undone": ["campaigns.tasks.undo_events"],
    "budget.low": ["loyalty.operations.tasks.tell_budgets"],
    "stock.low": ["loyalty.operations.tasks.tell_stock"],
    "redemption.ordered": ["rewards.tasks.place_orders"],
    "supplier.low": ["loyalty.operations.tasks.tell_floats"],
    "supplier.locked": ["loyalty.operations.tasks.tell_locked"],
    "order.waits": ["loyalty.operations.tasks.tell_orders"],
    "staff.told": ["loyalty.operations.tasks.mail_staff"],
}
OUTBOX_RESEND_SECONDS = int(os.environ.get("OUTBOX_RESEND_SECONDS", "60"))
OUTBOX_DAYS = 7
JOBS: dict[str, str] = {
    "ledger.prove": "loyalty.operations.proving.prove_books",
    "tiers.ladder": "members.services.ladder.run",
    "campaigns.simulate": "campaigns.services.simulations.run",
    "campaigns.rerate": "campaigns.services.rerating_jobs.run",
    "rewards.codes": "rewards.services.code_lists.run",
    "rewards.import": "loyalty.backoffice.reward_imports.run",
    "rewards.statement": "rewards.services.statements.run",
    "demo.seed": "loyalty.operations.demo.seeding.seed",
}

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
    "sessions": {"task": "core.tasks.purge_sessions", "schedule": crontab(hour="2", minute="35")},
    "facts": {"task": "members.tasks.roll_all_facts", "schedule": crontab(minute="3"), "options": {"expires": 3000}},
    "tiers": {"task": "members.tasks.review_all_tiers", "schedule": crontab(minute="13"), "options": {"expires": 3000}},
    "benefits": {
        "task": "rewards.tasks.renew_all_benefits",
        "schedule": crontab(minute="23"),
        "options": {"expires": 3000},
    },
    "orders": {"task": "rewards.tasks.work_orders", "schedule": 10, "options": {"expires": 10}},
    "missed": {
        "task": "rewards.tasks.place_missed_orders",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 280},
    },
    "deliveries": {"task": "loyalty.operations.tasks.send_deliveries", "schedule": 20, "options": {"expires": 20}},
    "floats": {"task": "rewards.tasks.ask_balances", "schedule": 60, "options": {"expires": 55}},
    "books": {"task": "loyalty.operations.tasks.settle_books", "schedule": crontab(minute="8")},
    "proofs": {"task": "loyalty.operations.tasks.prove_books", "schedule": crontab(hour="3", minute="20")},
    "levels": {
        "task": "campaigns.tasks.watch_all_budgets",
        "schedule": crontab(minute="*"),
        "options": {"expires": 55},
    },
    "stock": {"task": "rewards.tasks.watch_all_stock", "schedule": crontab(minute="*"), "options": {"expires": 55}},
    "lists": {"task": "rewards.tasks.forget_lists", "schedule": crontab(hour="2", minute="25")},
    "signals": {"task": "members.tasks.forget_signals", "schedule": crontab(hour="2", minute="15")},
    "pictures": {"task": "rewards.tasks.forget_pictures", "schedule": crontab(hour="2", minute="20")},
    "statements": {"task": "rewards.tasks.match_statements", "schedule": crontab(hour="2", minute="30")},
    "budgets": {"task": "campaigns.tasks.return_budgets", "schedule": crontab(hour="2", minute="55")},
    "referrals": {
        "task": "campaigns.tasks.qualify_due_referrals",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 280},
    },
    "calendar": {
        "task": "campaigns.tasks.derive_all_days",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 800},
    },
    "contests": {"task": "campaigns.tasks.close_all_contests", "schedule": 60, "options": {"expires": 55}},
    "traces": {"task": "campaigns.tasks.purge_old_traces", "schedule": crontab(hour="2", minute="50")},
}

LOGGING_CONFIG = None
logging_settings(level=os.environ.get("LOG_LEVEL", "INFO"), lines=os.environ.get("LOG_FORMAT", "json"))

UNFOLD = unfold_settings()
