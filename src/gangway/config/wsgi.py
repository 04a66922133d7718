"""What the web server runs: Django, with the built front end served in front of it.

Built files carry a hash of their content in their name, so browsers keep them for ever; a `.gz` that lies beside one
is sent to browsers that take it (docs/decisions/0004-static-files.md).
"""

import os
import re
from wsgiref.headers import Headers

from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

from gangway.ui.assets import DIST, PREFIX

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gangway.config.settings")

HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")


def never_changes(path: str, url: str) -> bool:
    """Whether the name of a built file holds its content's hash."""
    return HASHED.search(url) is not None


def as_it_says(headers: Headers, path: str, url: str) -> None:
    """A browser takes a built file for nothing else than what its type says."""
    headers["X-Content-Type-Options"] = "nosniff"


def make_application() -> WhiteNoise:
    front = WhiteNoise(
        get_wsgi_application(),
        max_age=300,
        allow_all_origins=False,
        immutable_file_test=never_changes,
        add_headers_function=as_it_says,
    )
    if (DIST / "assets").is_dir():
        front.add_files(str(DIST / "assets"), prefix=PREFIX)
    return front


application = make_application()
