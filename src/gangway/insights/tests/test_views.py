"""C14 and `gangway kpi`: the happy path, the outsider, the refusal."""

import json
from datetime import timedelta

import pytest
import typer
from typer.testing import CliRunner

from gangway.credentials.tests.house import House, admit
from gangway.credentials.tests.signed_in import client_of
from gangway.insights import queries
from gangway.insights.cli import kpi
from gangway.insights.tests.test_actions import admitted, came_in, completed, sent, tell
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

COMMAND = typer.Typer()
COMMAND.command()(kpi)

APP = typer.Typer()
APP.command()(kpi)


def launch(house: House) -> None:
    """Ten people at Nordwind, forty days ago; eight came in, five finished. One at Südstern, yesterday."""
    begun = clock.now() - timedelta(days=40)
    people = [admit(house.nordwind_id, f"P{n}") for n in range(10)]
    tell(*[admitted(who, begun) for who in people], *[sent(who, begun) for who in people])
    tell(*[came_in(who, begun + timedelta(days=1)) for who in people[:8]])
    tell(*[completed(house, who, begun + timedelta(days=3)) for who in people[:5]])
    yesterday = clock.now() - timedelta(days=1)
    tell(admitted(house.caz, yesterday), sent(house.caz, yesterday))


def test_the_page_before_anybody_was_invited(house: House) -> None:
    page = client_of(house.dee).get("/console/figures").content.decode()
    assert "Nobody has been invited yet" in page


def test_the_page_says_it_in_sentences(house: House) -> None:
    launch(house)
    page = client_of(house.dee).get("/console/figures").content.decode()
    assert "8 of 11 came in; 3 have not looked." in page
    assert "8 of the 11 whom the mail could reach came in: 73 %, between" in page
    assert "We expect 50 % by day 30" in page
    assert "Nordwind" in page
    assert "style=" not in page


def test_partners_people_do_not_see_the_programme(house: House) -> None:
    for person in (house.ana, house.ben, house.caz):
        assert client_of(person).get("/console/figures").status_code == 403
        assert client_of(person).post("/console/figures/baseline", {}).status_code == 403


def test_a_baseline_is_recorded_and_shown(house: House) -> None:
    dee = client_of(house.dee)
    typed = {"kpi": "activation", "value": "41 %", "taken_on": "2026-01-31", "source": "Partner survey"}
    assert dee.post("/console/figures/baseline", typed).status_code == 302
    with scopes.host():
        assert queries.baselines()["activation"].value == pytest.approx(0.41)
    assert "Partner survey" in dee.get("/console/figures").content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "much"}, "The value is no number."),
        ({"value": "nan"}, "NaN is no prior value."),
        ({"value": "410"}, "4.1 is more than everybody."),
        ({"taken_on": "yesterday"}, "The day is no date."),
        ({"taken_on": "2999-01-01"}, "still to come"),
        ({"kpi": ""}, "No KPI was chosen."),
        ({"source": ""}, "“source” is empty."),
    ],
)
def test_a_wrong_baseline_is_said_beside_its_field(house: House, change: dict[str, str], words: str) -> None:
    typed = {"kpi": "activation", "value": "41", "taken_on": "2026-01-31", "source": "Survey", **change}
    response = client_of(house.dee).post("/console/figures/baseline", typed)
    assert response.status_code == 400
    assert words in response.content.decode()
    with scopes.host():
        assert queries.baselines() == {}


def test_the_command_prints_one_document(house: House) -> None:
    launch(house)
    run = CliRunner().invoke(COMMAND, ["--json"])
    assert run.exit_code == 0, run.output
    document = json.loads(run.output)
    assert document["funnel"]["came_in"] == 8
    activation = document["kpis"][0]
    assert (activation["key"], activation["numerator"], activation["n"], activation["verdict"]) == (
        "activation",
        8,
        11,
        "met",
    )
    assert activation["interval"][0] < activation["value"] < activation["interval"][1]


def test_the_command_for_one_partner(house: House) -> None:
    launch(house)
    document = json.loads(CliRunner().invoke(COMMAND, ["--json", "--partner", "suedstern"]).output)
    assert document["partner"] == "suedstern"
    assert document["kpis"][0]["verdict"] == "not measurable yet"
    assert document["kpis"][0]["value"] is None
    words = CliRunner().invoke(COMMAND, []).output
    assert "8 of 11 came in" in words
