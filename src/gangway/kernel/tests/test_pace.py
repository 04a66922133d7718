"""How much of a long work goes into one transaction."""

import pytest

from gangway.kernel.pace import LEAST, MOST, Pace

pytestmark = pytest.mark.django_db


def test_slow_rows_make_small_transactions_and_quick_ones_large() -> None:
    pace = Pace(begin=200)
    pace.took(200, 2.0)
    assert LEAST <= pace.size <= 25, "ten milliseconds a row"
    for _ in range(10):
        pace.took(pace.size, 0.001)
    assert pace.size == MOST


def test_it_grows_no_faster_than_twofold() -> None:
    pace = Pace(begin=40)
    pace.took(40, 0.0001)
    assert pace.size == 80
