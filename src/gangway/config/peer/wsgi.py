"""The peer for a web server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "gangway.config.peer.settings"
application = get_wsgi_application()
