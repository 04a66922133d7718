"""The list engine on a real table: search, filters, keyset paging both ways, export."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from gangway.kernel.ids import new_id
from gangway.kernel.lists import Column, Filter, ListSpec, chosen, export_csv, page
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import Invalid
from gangway.kernel.tests.conftest import MONDAY

SPEC = ListSpec(
    key="kernel.test",
    noun=("entry", "entries"),
    rows=AuditEntry.objects.all,
    columns=(Column("verb", "Verb"), Column("at", "At", "instant"), Column("secret", "Secret", export=False)),
    cells=lambda row: {"verb": row.verb, "at": row.at, "secret": "s"},
    order=("-at", "id"),
    search=("verb",),
    filters=(Filter("via", "Via", [("web", "by page"), ("cli", "by command")], lambda rows, v: rows.filter(via=v)),),
)


def fill(moments: list[int]) -> None:
    for index, minute in enumerate(moments):
        AuditEntry.objects.create(
            at=MONDAY + timedelta(minutes=minute),
            actor_kind="job",
            actor_id="t",
            via="web" if index % 2 else "cli",
            verb=f"=lamp.{index:03d}",
            object_type="lamp",
            object_id=str(index),
        )


class Paging(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(moments=st.lists(st.integers(0, 5), max_size=25), size=st.integers(1, 7))
    def test_walking_forward_and_back_meets_every_row_once(self, moments, size):
        fill(moments)
        whole = [str(pk) for pk in AuditEntry.objects.order_by("-at", "id").values_list("pk", flat=True)]
        shown = page(SPEC, {}, size)
        forward = [row.id for row in shown.rows]
        assert shown.previous is None
        while shown.next:
            shown = page(SPEC, {"after": shown.next}, size)
            forward += [row.id for row in shown.rows]
        assert forward == whole
        backward = [row.id for row in shown.rows]
        while shown.previous:
            shown = page(SPEC, {"before": shown.previous}, size)
            backward = [row.id for row in shown.rows] + backward
        assert backward == whole


@pytest.mark.django_db
def test_search_and_filters_narrow_and_say_so():
    fill([0, 1, 2, 3])
    assert page(SPEC, {"q": "=LAMP.00"}).count == 4
    assert page(SPEC, {"q": "lamp"}).count == 0, "a prefix, not a part"
    found = page(SPEC, {"via": "cli", "q": ""})
    assert (found.count, found.narrowed) == (2, True)
    assert page(SPEC, {"q": "=lamp.001"}).count == 1
    assert page(SPEC, {"q": "a\x00b"}).count == 0


@pytest.mark.django_db
@pytest.mark.parametrize("params", [{"via": "fax"}, {"after": "x"}, {"after": "WzFd"}, {"before": "W251bGwsbnVsbF0"}])
def test_what_is_no_choice_or_no_mark_of_ours_is_refused(params):
    fill([1])
    with pytest.raises(Invalid):
        page(SPEC, params)


@pytest.mark.django_db
def test_a_page_costs_two_statements_for_one_row_and_for_thirty():
    costs = []
    for many in (1, 30):
        fill(list(range(many)))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page(SPEC, {})
        costs.append(len(caught))
    assert costs == [2, 2]


@pytest.mark.django_db
def test_the_export_is_the_narrowed_list_without_formulas_or_hidden_columns():
    fill([0, 1, 2])
    text = "".join(export_csv(SPEC, {"via": "cli"}))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["Verb", "At"]
    assert [row[0] for row in rows[1:]] == ["'=lamp.002", "'=lamp.000"]


def tick(values: list[str]) -> list[UUID]:
    return list(chosen(values, none="No lamp.", many="Too many lamps.", mend="Tick lamps.", most=2))


def test_a_choice_of_rows_is_each_once_in_order():
    first, second = new_id(), new_id()
    assert tick([str(second), str(first), str(second).upper()]) == [second, first]


@pytest.mark.parametrize(
    ("values", "problem", "mend"),
    [
        ([], "No lamp.", "Tick lamps."),
        ([str(new_id()) for _ in range(3)], "Too many lamps.", "Tick lamps."),
        ([str(new_id()), "lamp"], "That is no choice of rows.", "Choose again in the list."),
    ],
)
def test_no_choice_too_large_a_choice_and_what_is_none_are_refused(values, problem, mend):
    with pytest.raises(Invalid, match=problem) as refused:
        tick(values)
    assert (refused.value.field, refused.value.step) == ("ids", mend)
