from datetime import datetime
from typing import Any

import pytest

from gangway.credentials.tests.house import NOW, House, build


@pytest.fixture
def house(db: Any) -> House:
    return build()


@pytest.fixture
def now() -> datetime:
    return NOW
