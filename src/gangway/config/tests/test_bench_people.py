"""`gangway bench people` at a small size gives every figure, and the peer writes as many rows as the import.

Full size: `make prove`, which writes what it measured to docs/proof.json.
"""

from uuid import UUID, uuid4

import pytest
from tests import proof

from gangway.config import bench
from gangway.config.bench import bulk, people

pytestmark = pytest.mark.browser  # no browser, but a real server


def measured(many: int, sign_ins: int) -> bench.PeopleReport:
    report = bench.run_people(many=many, sign_ins=sign_ins)
    assert report["bringing"]["people"] == many
    assert {door["way"] for door in report["doors"]} == {"link", "code"}
    assert sum(door["people"] for door in report["doors"]) == sign_ins
    assert [waits["what"] for waits in report["meanwhile"]["waits"]] == ["save an answer", "hand in"]
    assert [waits["what"] for waits in report["lists"]] == list(people.LISTS)
    return report


@pytest.mark.sqlite_only
def test_a_small_run_gives_every_figure() -> None:
    report = measured(2_000, 8)
    print(f"\nbench people: {report}")
    assert report["bringing"]["peak_mb"] <= 200


@pytest.mark.prove
@pytest.mark.sqlite_only
def test_a_hundred_thousand() -> None:
    report = measured(100_000, 400)
    proof.write("bench people", **report)
    assert report["bringing"]["peak_mb"] <= 200
    assert report["bringing"]["share_of_peer"] >= 0.05, "somebody is looked for among all: 0.02 without an index"
    assert all(waits["p95_ms"] <= 300 for waits in report["meanwhile"]["waits"])


def test_turned_keys_are_new_ones_that_still_point_at_each_other() -> None:
    partner, other, key = uuid4(), uuid4(), uuid4()
    turned = bulk._Turned(partner, other)
    assert turned.cell(partner) == other
    assert isinstance(turned.cell(key), UUID)
    assert turned.cell(key) != key
    assert turned.cell(key) == turned.cell(key)
    assert turned.cell({"a": 1}) == '{"a": 1}'
    assert turned.cell("Person 7") == "Person 7"


@pytest.mark.parametrize("of", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [0, 1, 2, 6, 50])
def test_every_row_is_in_one_transaction(count: int, of: int) -> None:
    rows = [(n,) for n in range(count)]
    assert [row for n in range(of) for row in bulk._slice(rows, n, of)] == rows
