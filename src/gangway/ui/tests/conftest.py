"""ui stands below everybody who could sign in: its tests are read signed out."""

from datetime import datetime
from typing import Any

import pytest


def nobody(cookie: str, now: datetime) -> None:
    """A reader of sessions that knows no session."""


@pytest.fixture(autouse=True)
def _signed_out(settings: Any) -> None:
    settings.PRINCIPAL_READER = "gangway.ui.tests.conftest.nobody"
    settings.GANGWAY_SHELL = ""
