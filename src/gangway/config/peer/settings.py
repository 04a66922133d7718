"""Settings of the peer: the database of the house and as little else as django-scim2 needs."""

from gangway.config.settings import DATABASES as OURS
from gangway.config.settings import MIGRATE_WITH
from gangway.config.settings import SECRET_KEY as SECRET_KEY

DATABASES = {"default": OURS[MIGRATE_WITH]}
if DATABASES["default"]["ENGINE"].startswith("gangway."):
    DATABASES["default"] = {**DATABASES["default"], "ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None}
ALLOWED_HOSTS = ["*"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_scim",
    "gangway.config.peer.apps.PeerConfig",
]
AUTH_USER_MODEL = "peer.PeerUser"
MIDDLEWARE = ["gangway.config.peer.urls.known"]
ROOT_URLCONF = "gangway.config.peer.urls"
SCIM_SERVICE_PROVIDER = {
    "NETLOC": "127.0.0.1",
    "SCHEME": "http",
    "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "Bearer token", "description": "", "specUri": ""}],
    "GROUP_MODEL": "gangway.config.peer.models.PeerGroup",
}
