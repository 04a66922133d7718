"""This installation: which environment it is and whether it is armed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction

from gangway.kernel.models import Installation


def ensure(environment: str, now: datetime) -> Installation:
    """The installation's row; made on first start, armed when it is production. A restored copy wakes unarmed."""
    row = Installation.objects.first()
    if row is not None:
        return row
    try:
        with transaction.atomic():
            return Installation.objects.create(
                environment=environment, armed=environment == "production", created_at=now
            )
    except IntegrityError:
        return Installation.objects.get()


@contextmanager
def unarmed() -> Iterator[None]:
    """A block in which nothing leaves this installation; afterwards it is armed as before."""
    row = Installation.objects.first()
    Installation.objects.update(armed=False)
    try:
        yield
    finally:
        if row is not None:
            Installation.objects.filter(pk=row.pk).update(armed=row.armed)
