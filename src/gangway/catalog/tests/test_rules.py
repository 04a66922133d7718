from hypothesis import given
from hypothesis import strategies as st

from gangway.catalog.rules import (
    AnswerKey,
    comparable,
    is_right,
    natural_order,
    reading_minutes,
    slug,
    without_number,
)

KEYS = st.sets(st.sampled_from("abcdef"), min_size=1)


@given(right=KEYS, answer=KEYS)
def test_choices_earn_the_point_only_when_exactly_the_right_ones_were_taken(right: set[str], answer: set[str]) -> None:
    assert is_right(AnswerKey(right=frozenset(right)), sorted(answer)) == (right == answer)


@given(right=KEYS)
def test_no_answer_is_never_right(right: set[str]) -> None:
    assert not is_right(AnswerKey(right=frozenset(right)), [])
    assert not is_right(AnswerKey(accepted=tuple(right)), [])
    assert not is_right(AnswerKey(accepted=("",)), [""])


@given(word=st.text(alphabet="abcÄß éع", min_size=1).filter(str.strip))
def test_a_typed_answer_is_right_in_any_case_spacing_and_closing_mark(word: str) -> None:
    key = AnswerKey(accepted=(word,))
    assert is_right(key, [f"  {word.upper().lower()} . "]) or comparable(word.upper().lower()) != comparable(word)
    assert is_right(key, [f"“{word}”!"])
    assert not is_right(key, [word + "x"])


@given(st.text())
def test_comparing_settles_at_once(text: str) -> None:
    assert comparable(f" {text} ") == comparable(text)


@given(st.text())
def test_a_slug_is_its_own_slug(text: str) -> None:
    key = slug(text)
    assert slug(key) == key
    assert len(key) <= 80
    assert "--" not in key
    assert key.strip("-") == key


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["10 z.md", "2 b.md", "1.10 b.md", "1.9 a.md", "a.md"]
    assert sorted(names, key=natural_order) == ["1.9 a.md", "1.10 b.md", "2 b.md", "10 z.md", "a.md"]


@given(st.lists(st.text(max_size=8)))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    ordered = sorted(names, key=natural_order)
    assert sorted(ordered[::-1], key=natural_order) == sorted(ordered, key=natural_order)


def test_the_number_that_only_orders_is_dropped_and_a_name_of_numbers_kept() -> None:
    assert without_number("1.2 Common threats") == "Common threats"
    assert without_number("03-first-call") == "first-call"
    assert without_number("2026") == "2026"
    assert without_number("5G for partners") == "5G for partners"


@given(st.integers(min_value=0, max_value=100_000))
def test_reading_takes_at_least_a_minute_and_never_less_for_more(words: int) -> None:
    assert 1 <= reading_minutes(words) <= reading_minutes(words + 1) <= reading_minutes(words) + 1
