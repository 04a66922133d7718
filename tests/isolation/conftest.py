from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction

from tests.isolation.story import NOW
from tests.isolation.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all roles; every request is rolled back, and so is the world at the end."""
    with time_machine.travel(NOW, tick=False), django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)
