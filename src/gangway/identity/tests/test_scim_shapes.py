"""What Entra and Okta send (data/scim_shapes.json, 40 requests with their sources) is answered as they expect."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import Directory, connect, parameters, work_mail

SHAPES = json.loads((Path(__file__).parent / "data" / "scim_shapes.json").read_text())["requests"]
NAME, MAIL = "t@example.com", "ana.berg@nordwind.example"


@dataclass
class Stage:
    """The rows that the placeholders of a shape stand for."""

    directory: Directory
    user: dict[str, Any]
    other: dict[str, Any]
    group: dict[str, Any]

    def fill(self, text: str, path: str) -> str:
        own = self.group["id"] if path.startswith("/Groups") else self.user["id"]
        places = {
            "{id}": own,
            "{userId}": self.user["id"],
            "{userId2}": self.other["id"],
            "{managerId}": self.other["id"],
            "{userName}": "person.one",
            "{email}": "person.one",
            "{EMAIL IN CAPITALS}": "PERSON.ONE",
            "{upn}": "new.person@nordwind.example",
            "{mail}": "new.person@nordwind.example",
            "{mailNickname}": "ext-1",
            "{objectId}": "ext-new",
            "{objectId or mailNickname}": "ext-new",
            "{unknownId}": "00919288221112222",
            "{random-guid}": str(uuid.uuid4()),
        }
        for place, value in places.items():
            text = text.replace(place, value)
        assert "{random" not in text
        return text


@pytest.fixture
def stage(house: World) -> Stage:
    directory = connect(house.ana.partner_id)
    user = directory.bring("person.one", externalId="ext-1")
    other = directory.bring("person.two", externalId="ext-2", emails=work_mail(MAIL))
    return Stage(directory, user, other, directory.group("displayName of old", user["id"]))


def _before(stage: Stage, shape: dict[str, Any]) -> None:
    """What must be there for the request to mean what its name says."""
    if shape["name"] == "duplicate":
        stage.directory.bring(NAME)
    if shape["name"].startswith("enable"):
        gone = {"op": "replace", "path": "active", "value": False}
        assert stage.directory.patch(f"/Users/{stage.user['id']}", gone).json()["active"] is False


@pytest.mark.parametrize("shape", SHAPES, ids=[f"{one['idp']}: {one['name']}" for one in SHAPES])
def test_it_is_answered_as_the_provider_expects(stage: Stage, shape: dict[str, Any]) -> None:
    _before(stage, shape)
    path, _, query = stage.fill(shape["path"], shape["path"]).partition("?")
    body = json.loads(stage.fill(json.dumps(shape["body"]), shape["path"])) if shape["body"] else None
    if shape["name"] == "bad token":
        stage.directory.token = "non-token"
    if query:
        headers = {"Authorization": f"Bearer {stage.directory.token}"}
        answer = stage.directory.client.get(f"/scim/v2{path}", parameters(query), headers=headers)
    else:
        answer = stage.directory.ask(shape["method"], path, body)
    expect = shape["expect"]
    allowed = expect["status"] if isinstance(expect["status"], list) else [expect["status"]]
    assert answer.status_code in allowed, answer.content
    told = answer.json() if answer.content else {}
    if answer.status_code == 201:
        assert told["id"], "an empty 201 is an error to Okta"
    for name, value in expect.items():
        _compare(stage, path, name, value, told)


def _compare(stage: Stage, path: str, name: str, value: Any, told: dict[str, Any]) -> None:
    if name == "status":
        return
    if name == "body.schemas":
        assert told["schemas"] == [value]
    elif name == "body.detail":
        assert told["detail"]
    elif name.startswith("body."):
        assert told[name.removeprefix("body.")] == value
    elif name == "emails":
        kept = stage.directory.get(path).json()["emails"]
        assert [{key: one[key] for key in value[0]} for one in kept] == value
    else:
        now = told if name in told else stage.directory.get(path).json()
        assert now[name] == value


def test_all_forty_are_here() -> None:
    assert len(SHAPES) == 40


EFFECTS = {
    "entra: disable user, default job": lambda user: user["active"] is False,
    "entra: disable user, ?aadOptscim062020": lambda user: user["active"] is False,
    "entra: add single string": lambda user: user["nickName"] == "Babs",
    "entra: replace many, default job": lambda user: (
        user["displayName"] == "Pvlo" and user["externalId"] == "Eqpj" and user["name"]["familyName"] == "Pkqf"
    ),
    "entra: replace many, ?aadOptscim062020": lambda user: (
        user["displayName"] == "Bjfe" and user["name"] == {"givenName": "Kkom", "familyName": "Unua"}
    ),
    "entra: app role": lambda user: user["roles"] == [{"value": "Learner", "primary": True}],
    "okta: deactivate (OIN app)": lambda user: user["active"] is False,
    "okta: profile update and custom (AIW) deactivate": lambda user: user["active"] is False,
}


@pytest.mark.parametrize("name", EFFECTS)
def test_a_2xx_had_its_effect(stage: Stage, name: str) -> None:
    """The worst answer is a 2xx that did nothing."""
    shape = next(one for one in SHAPES if f"{one['idp']}: {one['name']}" == name)
    path = f"/Users/{stage.user['id']}"
    assert not EFFECTS[name](
        {"active": True, "externalId": "", "displayName": "", "name": {}, "nickName": "", "roles": []}
    )
    body = json.loads(stage.fill(json.dumps(shape["body"]), shape["path"]))
    assert stage.directory.ask(shape["method"], path, body).status_code == 200
    assert EFFECTS[name](stage.directory.get(path).json())
