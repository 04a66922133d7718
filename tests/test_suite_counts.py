"""The closing line of `make test` is pytest's own numbers, whichever way pytest prints them."""

from collections import Counter

import pytest

from tests.__main__ import closing, count


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("1894 passed, 7 skipped in 563.92s (0:09:23)", {"passed": 1894, "skipped": 7}),
        ("===== 1 failed, 20 passed, 1967 deselected in 253.09s (0:04:13) =====", {"failed": 1, "passed": 20}),
        ("3 passed, 2 errors, 1 warning in 0.10s", {"passed": 3, "error": 2, "warning": 1}),
        ("the 3 passed were not counted in 5s of text", {}),
    ],
)
def test_it_counts_what_pytest_says(line: str, numbers: dict[str, int]) -> None:
    found = count(f"........ [100%]\n{line}\n")
    assert {word: found[word] for word in numbers} == numbers
    assert bool(found) is bool(numbers)


def test_an_error_is_a_failure() -> None:
    assert closing(Counter(passed=3, failed=1, error=2), 61.4) == "It took 61 s.\n3 passed, 3 failed, 0 skipped"
