"""Settings by environment. Each is described in docs/reference/settings.md, which is made from this class."""

import secrets as _random
from pathlib import Path
from typing import Any, Literal

import dj_database_url
import structlog
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gangway.config.running import address_in


class Environment(BaseSettings):
    """What the operator may set. Every one has a default that works for a first look."""

    model_config = SettingsConfigDict(extra="ignore")

    home: Path = Field(Path(".gangway"), alias="GANGWAY_HOME", description="Folder for the database, files and keys.")
    port: int = Field(8000, alias="PORT", ge=1, le=65535, description="Port of the web server.")
    bind: str = Field("127.0.0.1", alias="BIND", description="Address the web server listens on.")
    base_url: str = Field(
        "",
        alias="BASE_URL",
        description="Address people use; made from PORT when empty. Commands that are told neither use that of the `gangway up` that runs in GANGWAY_HOME.",
    )
    database_url: str = Field(
        "", alias="DATABASE_URL", description="postgres://… as gangway_app; SQLite in GANGWAY_HOME when empty."
    )
    database_owner_url: str = Field(
        "", alias="DATABASE_OWNER_URL", description="postgres://… as gangway_owner, for migrations only."
    )
    email_url: str = Field(
        "",
        alias="EMAIL_URL",
        description="smtp://user:password@host:port (or smtp+tls, smtps). Empty: mail is kept and readable in the console.",
    )
    mail_connections: int = Field(
        5,
        alias="MAIL_CONNECTIONS",
        ge=1,
        le=32,
        description="Conversations with the mail server at once; one of them is kept free for sign-in codes.",
    )
    email_from: str = Field("Gangway <gangway@localhost>", alias="EMAIL_FROM", description="Sender of letters.")
    email_reply_to: str = Field(
        "",
        alias="EMAIL_REPLY_TO",
        description="Mailbox that people read and answer. Empty: no letter asks for a reply.",
    )
    mail_events_provider: Literal["", "amazon_ses", "mailgun", "postmark", "sendgrid"] = Field(
        "",
        alias="MAIL_EVENTS_PROVIDER",
        description="Mail provider that reports what came back, to BASE_URL/mail/events/<provider>/. Empty: none does.",
    )
    mail_events_secret: str = Field(
        "",
        alias="MAIL_EVENTS_SECRET",
        description="user:password that the provider sends with each report (Postmark, SendGrid, Amazon SES by way of SNS).",
    )
    mail_events_key: str = Field(
        "",
        alias="MAIL_EVENTS_KEY",
        description="Key that reports are signed with: Mailgun's webhook signing key, or SendGrid's verification key.",
    )
    bounce_imap_url: str = Field(
        "",
        alias="BOUNCE_IMAP_URL",
        description="Mailbox that bounces and answers arrive in: imaps://user:password@host/INBOX (or imap+tls, imap). Empty: none is read.",
    )
    bounce_imap_delete: bool = Field(
        False,
        alias="BOUNCE_IMAP_DELETE",
        description="Delete reports from that mailbox once they are dealt with. Else they are only marked as read.",
    )
    orientation_url: str = Field(
        "",
        alias="ORIENTATION_URL",
        description="Address of Thursday's live orientation, for the launch letter. Empty: the letter does not mention it.",
    )
    staff_factor: Literal["offered", "required"] = Field(
        "offered",
        alias="STAFF_FACTOR",
        description="required: people of the vendor see nothing but their security page until they have added a passkey or an authenticator app.",
    )
    providers_inside: str = Field(
        "",
        alias="PROVIDERS_INSIDE",
        description="ip:port of identity providers that stand on no public address, separated by commas. Plain http only for 127.0.0.1 and [::1] among them.",
    )
    dns_servers: str = Field(
        "",
        alias="DNS_SERVERS",
        description="Name servers to ask for the proof of a mail domain, host or host:port, separated by commas. Empty: those of the machine.",
    )
    rehearse_nightly: bool = Field(
        False,
        alias="REHEARSE_NIGHTLY",
        description="Rehearse every night, as a canary: the whole way of a partner's people, walked by robots.",
    )
    environment: Literal["production", "sandbox"] = Field(
        "production", alias="GANGWAY_ENVIRONMENT", description="A sandbox never writes to anyone."
    )
    secret_keys: str = Field(
        "",
        alias="GANGWAY_SECRET_KEYS",
        description="Keys, newest first, separated by commas; made in GANGWAY_HOME when empty.",
    )
    host_name: str = Field(
        "My company",
        alias="GANGWAY_HOST_NAME",
        description="Name of the vendor, used when the first partner file names none.",
    )
    web_workers: int = Field(1, alias="WEB_WORKERS", ge=1, le=64, description="Web processes.")
    web_threads: int = Field(4, alias="WEB_THREADS", ge=1, le=32, description="Threads per web process.")
    log_level: str = Field("INFO", alias="LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR.")
    debug: bool = Field(False, alias="GANGWAY_DEBUG", description="Error pages with code; never in production.")

    @property
    def address(self) -> str:
        return (self.base_url or f"http://127.0.0.1:{self.port}").rstrip("/")


def _addresses(text: str) -> frozenset[tuple[str, int]]:
    """“10.0.0.5:443, [::1]:8080” as pairs."""
    pairs = (word.strip().rpartition(":") for word in text.split(",") if word.strip())
    return frozenset((ip.strip("[]"), int(port)) for ip, _, port in pairs)


ENV = Environment.model_validate({})
HOME = ENV.home.expanduser().resolve()
HOME.mkdir(parents=True, exist_ok=True)
BASE_URL = ENV.address if ENV.base_url or "port" in ENV.model_fields_set else address_in(HOME) or ENV.address
EMAIL_URL = ENV.email_url
DEFAULT_FROM_EMAIL = ENV.email_from
MAIL_CONNECTIONS = ENV.mail_connections
EMAIL_REPLY_TO = ENV.email_reply_to
MAIL_EVENTS_PROVIDER = ENV.mail_events_provider
MAIL_EVENTS_SECRET = ENV.mail_events_secret
MAIL_EVENTS_KEY = ENV.mail_events_key
BOUNCE_IMAP_URL = ENV.bounce_imap_url
BOUNCE_IMAP_DELETE = ENV.bounce_imap_delete
ORIENTATION_URL = ENV.orientation_url
STAFF_FACTOR = ENV.staff_factor
PROVIDERS_INSIDE = _addresses(ENV.providers_inside)
DNS_SERVERS = ENV.dns_servers
REHEARSE_NIGHTLY = ENV.rehearse_nightly
GANGWAY_ENVIRONMENT = ENV.environment


def _key_ring() -> list[str]:
    if ENV.secret_keys:
        return [key.strip() for key in ENV.secret_keys.split(",") if key.strip()]
    file = HOME / "secret.key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(_random.token_urlsafe(48))
    return file.read_text().split()


KEY_RING = _key_ring()
SECRET_KEY = KEY_RING[0]
SECRET_KEY_FALLBACKS = KEY_RING[1:]
DEBUG = ENV.debug
ALLOWED_HOSTS = ["*"]  # a host name only chooses the brand and the sign-in page; links are made from BASE_URL


def _sqlite() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(HOME / "gangway.sqlite3"),
        "CONN_MAX_AGE": None,  # opening the file and its settings again cost more than most requests
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000; "
            "PRAGMA recursive_triggers=ON;",  # else REPLACE would remove rows behind the append-only triggers
        },
    }


def _postgresql(url: str, *, pooled: bool) -> dict[str, Any]:
    database: dict[str, Any] = dict(dj_database_url.parse(url))
    database["ENGINE"] = "gangway.kernel.postgresql"
    if pooled:
        database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": {"min_size": 1, "max_size": ENV.web_threads + 8}}
    return database


if ENV.database_url.startswith(("postgres://", "postgresql://")):
    DATABASES: dict[str, dict[str, Any]] = {"default": _postgresql(ENV.database_url, pooled=True)}
    if ENV.database_owner_url:
        DATABASES["owner"] = _postgresql(ENV.database_owner_url, pooled=False)
elif ENV.database_url.startswith("sqlite:///"):
    DATABASES = {"default": {**_sqlite(), "NAME": ENV.database_url.removeprefix("sqlite:///")}}
else:
    DATABASES = {"default": _sqlite()}
MIGRATE_WITH = "owner" if "owner" in DATABASES else "default"

INSTALLED_APPS = [
    "gangway.kernel.apps.KernelConfig",
    "gangway.ui.apps.UiConfig",
    "gangway.partners",
    "gangway.people",
    "gangway.messaging",
    "gangway.identity",
    "gangway.catalog",
    "gangway.learning",
    "gangway.credentials",
    "gangway.insights",
    "gangway.rollout.plans",
    "gangway.rollout.rehearsal",
    "gangway.rollout.launches",
    "gangway.rollout.operations",
    "gangway.portal",
    "gangway.config",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "gangway.config.policy.PolicyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "gangway.config.machines.directory_middleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "gangway.kernel.web.principal_middleware",
]
ROOT_URLCONF = "gangway.config.urls"
WSGI_APPLICATION = "gangway.config.wsgi.application"
WIRING = "gangway.config.wiring"
PRINCIPAL_READER = "gangway.identity.queries.read_principal"
SIGN_IN_ROUTE = "identity:sign_in"
GANGWAY_SHELL = "gangway.portal.navigation.shell_for"
SESSION_COOKIE = "gangway"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "gangway.kernel.jobs.backend.StoredBackend", "QUEUES": ["default"]}}

TEMPLATES = [
    {
        "BACKEND": "gangway.ui.jinja.Engine",
        "NAME": "jinja2",
        "APP_DIRS": True,
        "DIRS": [],
        "OPTIONS": {"environment": "gangway.ui.jinja.environment"},
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = Path(__file__).parent.parent / "ui" / "static"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LOCALE_PATHS = [Path(__file__).parent.parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

_HTTPS = BASE_URL.startswith("https://")
CSRF_COOKIE_NAME = "gangway_csrf"
CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_SECURE = _HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "media-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
CSRF_FAILURE_VIEW = "gangway.ui.views.form_too_old"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(ENV.log_level),
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
    ],
    logger_factory=structlog.PrintLoggerFactory(__import__("sys").stderr),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # An address that leads nowhere is an answer, and so is a company's sign-in that is broken: a fault has a trace.
    "filters": {
        "faults": {"()": "django.utils.log.CallbackFilter", "callback": lambda told: told.exc_info is not None}
    },
    "loggers": {"django.request": {"level": "ERROR", "filters": ["faults"]}},
}
