"""What a version says is read once, and only what cannot change is kept."""

from collections.abc import Iterable, Mapping

import pytest
from django.db import transaction

from gangway.catalog.queries.unchanging import Unchanging


class Table:
    """Rows by key, and which keys were looked up together."""

    def __init__(self, **rows: int) -> None:
        self.rows, self.asked = rows, list[set[str]]()

    def read(self, keys: Iterable[str]) -> Mapping[str, int]:
        wanted = set(keys)
        self.asked.append(wanted)
        return {key: row for key, row in self.rows.items() if key in wanted}


def test_what_is_not_here_is_read_at_once_and_what_is_here_is_not() -> None:
    table, kept = Table(a=1, b=2, c=3), Unchanging[str, int](9)
    assert kept.get(iter("ab"), table.read) == {"a": 1, "b": 2}
    assert kept.get("abc", table.read) == {"a": 1, "b": 2, "c": 3}
    assert kept.get("cab", table.read) == {"a": 1, "b": 2, "c": 3}
    assert kept.get("", table.read) == {}
    assert table.asked == [{"a", "b"}, {"c"}]


def test_a_row_that_is_not_there_is_looked_for_again() -> None:
    table, kept = Table(), Unchanging[str, int](9)
    assert kept.get("a", table.read) == {}
    table.rows["a"] = 1
    assert kept.get("a", table.read) == {"a": 1}


def test_the_one_that_nobody_asked_for_longest_goes_first() -> None:
    table, kept = Table(a=1, b=2, c=3), Unchanging[str, int](2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, table.read)
    table.asked.clear()
    assert kept.get("ac", table.read) == {"a": 1, "c": 3}
    assert table.asked == []
    kept.get("b", table.read)
    assert table.asked == [{"b"}]


def test_more_than_there_is_room_for_is_given_all_the_same() -> None:
    table, kept = Table(a=1, b=2, c=3), Unchanging[str, int](2)
    for _ in range(2):
        assert kept.get("abc", table.read) == {"a": 1, "b": 2, "c": 3}


@pytest.mark.django_db(transaction=True)
def test_nothing_that_a_transaction_saw_is_kept() -> None:
    table, kept = Table(a=1), Unchanging[str, int](9)
    with transaction.atomic():
        assert kept.get("a", table.read) == {"a": 1}
    assert kept.get("a", table.read) == {"a": 1}
    with transaction.atomic():
        assert kept.get("a", table.read) == {"a": 1}
    assert table.asked == [{"a"}, {"a"}]
