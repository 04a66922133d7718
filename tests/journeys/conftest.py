"""What journeys share: a browser per file, and the address of the live server that our own links then name."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.axe import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def address(live_server: Any, settings: Any) -> str:
    """Named localhost: passkeys need a name, and to a provider at 127.0.0.1 we then are another site."""
    settings.BASE_URL = live_server.url.replace("127.0.0.1", "localhost")
    settings.EMAIL_URL = ""
    return str(settings.BASE_URL)
