"""What fills the places of a request: for each parameter of a path, and each field of a form, whose value is whose.

A new route whose parameter has no example here fails `test_every_route_can_be_filled`; a route that nobody could enter
makes the whole matrix void.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.utils.text import camel_case_to_spaces

from gangway.catalog.tests.samples import WAVE
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy.models import Table
from tests.isolation.world import World


@dataclass(frozen=True)
class Key:
    """The value of an owner's row. `mine`: whose row stands for one's own where one's own would be refused.
    `of_partner`: the row is the company's, not one person's, and a secret of the company opens all of them.
    """

    label: str
    attribute: str = "pk"
    mine: str = ""
    of_partner: bool = False

    def of(self, world: World, owner: str) -> Any:
        row = world.row(self.mine if self.mine and owner in ("ana", "host") else owner, self.label)
        return getattr(row, self.attribute) if hasattr(row, "pk") else row

    def never(self) -> Any:
        """A value of the same shape that belongs to nobody."""
        return NEVER if self.attribute == "pk" else f"never-existed-{self.attribute}@example.org"


@dataclass(frozen=True)
class Same:
    """A value that is the same for everybody: a week's number, the key of a course of the vendor's."""

    value: Any

    def of(self, world: World, owner: str) -> Any:
        return self.value

    def never(self) -> Any:
        return self.value


@dataclass(frozen=True)
class Secret:
    """A value that lets in whoever holds it: only one's own is tried. `of_partner`: it opens what is the company's."""

    name: str
    of_partner: bool = False

    def of(self, world: World, owner: str) -> Any:
        return world.row(owner, f"#{self.name}")

    def never(self) -> Any:
        return "never-existed"


@dataclass(frozen=True)
class Vendors:
    """A row of the vendor's that every partner sees, such as a course: nobody's own, so there is no other's to try."""

    name: str

    def of(self, world: World, owner: str) -> Any:
        return world.row("host", f"#{self.name}")


Slot = Key | Same | Secret | Vendors
NEVER = new_id()
PERSON = Key("people.Person", mine="kollege")

# By parameter, or by route and parameter where a name means different things.
PARAMETERS: dict[str, Slot] = {
    "answer": Same("done"),
    "attempt": Key("#open"),
    "award_id": Key("credentials.Award"),
    "credentials:verify.number": Secret("number"),  # public to whoever has the number, without the name
    "credentials:kept.token": Secret("kept"),
    "credentials:kept_certificate.token": Secret("kept"),
    "cell_id": Key("plans.RaciCell"),
    "connection_id": Key("#directory", mine="kollege"),
    "identity:serving.connection_id": Key("#sign-in", mine="kollege"),
    "identity:host_connection.connection_id": Vendors("host connection"),
    "contest_id": Key("plans.RaciContest"),
    "code_id": Key("identity.AccessCode"),
    "identity:answer_joining.answer": Same("decline"),
    "identity:answer_stranger.answer": Same("decline"),
    "identity:join_by_link.code": Same("never-existed"),
    "join_id": Key("identity.JoinRequest"),
    "claim_id": Key("identity.DomainClaim"),
    "comparison_id": Key("operations.Comparison"),
    "cutover_id": Vendors("cutover"),
    "contact_id": Key("partners.Contact", mine="kollege"),
    "course": Same("second-steps"),
    "credential": Same("second-steps"),
    "enrolment": Key("#done"),
    "enrolment_id": Key("#begun", mine="kollege"),
    "failure_id": Key("#failure"),
    "gate": Same("kickoff"),
    "identity:invitation.token": Secret("invitation"),
    "identity:it.token": Secret("it link", of_partner=True),
    "identity:it_add.token": Secret("it link", of_partner=True),
    "identity:it_connection.token": Secret("it link", of_partner=True),
    "identity:it_sheet.token": Secret("it link", of_partner=True),
    "identity:it_sheet_file.token": Secret("it link", of_partner=True),
    "form": Same("json"),
    "type_key": Same("reseller"),
    "identity:it_connection.connection_id": Key("#directory", of_partner=True),
    "identity:link.token": Secret("link"),
    "identity:renew.token": Secret("renewal link", of_partner=True),
    "link_id": Key("#link for it", mine="kollege"),
    "identity:sso.route_name": Same("never-existed"),
    "identity:set_up.token": Same("never-existed"),
    "identity_id": Key("#link of a subject", mine="kollege"),
    "hold_id": Key("#hold", mine="kollege"),
    "job_id": Key("#job"),
    "key": Same("charter"),
    "catalog:shown.digest": Same(sha256(WAVE).hexdigest()),
    "learning:file.digest": Same(sha256(WAVE).hexdigest()),
    "learning:file.name": Same("wave.png"),
    "learning:result.attempt": Key("#passed"),
    "lesson": Same("hello"),
    "locale": Same("en"),
    "message_id": Key("messaging.Message"),
    "messaging:decline.token": Secret("decline"),
    "messaging:events.provider": Same("postmark"),
    "n": Same(1),
    "other_id": PERSON,
    "number": Key("credentials.Award", "number"),
    "passkey_id": Key("identity.Passkey"),
    "partner_id": Key("partners.Partner", mine="kollege"),
    "path": Same("1-hello.md"),
    "learning:path.path": Same("the-path"),
    "learning:begin_path.path": Same("the-path"),
    "learning:leave_path.path": Same("own-path"),
    "path_id": Vendors("path"),
    "people:delete_group.group_id": Key("#group", mine="kollege"),
    "people:delete_group_team.group_id": Key("#group", mine="kollege"),
    "person_id": PERSON,
    "group_id": Key("people.Group", mine="kollege"),
    "plans:attest.key": Same("inventory"),
    "plans:document.key": Same("plan"),
    "plans:document.kind": Same("md"),
    "plans:week_of.number": Same(3),
    "request_id": Key("identity.FailedSignIn"),
    "resource": Same("the-card"),
    "rest": Same("Users"),
    "row": Same("sponsor"),
    "route_name": Same("never-existed"),
    "rule_id": Key("learning.EnrolmentRule", mine="host"),
    "promotion_id": Key("operations.Promotion"),
    "run_id": Key("partners.ApplyRun"),
    "people:import.run_id": Key("people.ImportRun"),
    "people:import_team.run_id": Key("people.ImportRun"),
    "people:undo_import.run_id": Key("people.ImportRun"),
    "people:go_on.sheet_id": Key("#stopped"),
    "people:go_on_team.sheet_id": Key("#stopped"),
    "sheet_id": Key("people.Sheet"),
    "session_id": Key("identity.Session"),
    "token_id": Key("#token", mine="kollege"),
    "wave_id": Key("launches.Wave"),
    "ui:brand.name": Same("never-existed"),
    "ui:styleguide_shell.kind": Same("portal"),
}

# A valid form for each route that takes one: field → slot or plain value.
WHY = "Said in a test, at some length."
FORMS: dict[str, Mapping[str, Any]] = {
    "catalog:arrange": {"do": "add", "title": "One more"},
    "catalog:bring": {"do": "link", "title": "A video", "address": "https://youtu.be/dQw4w9WgXcQ"},
    "catalog:new": {"title": "A new course", "locale": "en"},
    "catalog:file": {"body": "# Hello", "do": "preview"},
    "catalog:settings": {"title": "Second steps", "locale": "en", "assign": "nobody"},
    "catalog:discard": {"sure": "yes"},
    "catalog:make_path": {"name": "A path", "courses": Vendors("third")},
    "catalog:change_path": {"name": "The path", "courses": Vendors("third")},
    "credentials:ask": {"number": Secret("number")},
    "credentials:ask_kept": {"address": "somebody@private.example"},
    "credentials:definition": {"title": "Second steps", "valid_months": "12"},
    "credentials:keep": {"address": "somebody@private.example"},
    "credentials:name": {"agreed": "on"},
    "credentials:prove": {"code": "123456"},
    "credentials:revoke": {"reason": "holder_asked"},
    "identity:again": {"link": Secret("link")},
    "identity:choose": {"person": Key("people.Person")},
    "identity:join": {"name": "Somebody", "email": "somebody@never-existed.example"},
    "identity:joining": {"by_domain": "on"},
    "identity:make_code": {"label": "A class", "seats": "3", "days": "30"},
    "identity:domain": {"do": "send", "master": "postmaster"},
    "identity:domains": {"domain": "nordwind-tested.example"},
    "identity:code": {"code": "123456"},
    "identity:stuck": {"link": "never-existed"},
    "identity:add_connection": {"kind": "scim", "name": "Entra"},
    "identity:serving": {"do": "claim", "account_claim": "account"},
    "identity:host_connections": {"kind": "oidc", "name": "Portal", "account_claim": "account"},
    "identity:host_connection": {"do": "claim", "account_claim": "account"},
    "identity:connection": {"name": "Entra", "head_count": "40"},
    "identity:connection_state": {"state": "off"},
    "portal:led_team": {"group": Key("people.Group", mine="kollege"), "role": "partner_it"},
    "identity:decide_hold": {"state": "mended"},
    "identity:it_add": {"kind": "scim"},
    "identity:sign_spec": {"digest": "never-existed"},
    "identity:it_sheet": {"digest": Secret("sheet digest"), "signer": "Ida"},
    "identity:it_connection": {"do": "token"},
    "identity:access": {"digest": "never-existed"},
    "identity:vendor_portal": {
        "do": "set",
        "name": "Portal",
        "issuer": "acme",
        "start_url": "https://portal.acme.example",
    },
    "identity:tell_provider": {"issuer": "ftp://nowhere", "client_id": "gangway", "client_secret": "secret"},
    "identity:renew": {"tail": "none"},
    "identity:factor_policy": {"admins": "required"},
    "identity:end_of_people": {"ids": PERSON},
    "identity:end_of_team": {"ids": PERSON},
    "identity:view_as": {"ids": PERSON},
    "identity:sign_in": {"email": Key("people.Person", "email")},
    "identity:welcome": {"name": "Somebody", "locale": "en", "zone": "UTC"},
    "insights:baseline": {"kpi": "activation", "value": "41", "taken_on": "2026-02-01", "source": WHY},
    "launches:add": {"ids": Key("partners.Partner", mine="kollege")},
    "launches:change": {"name": "Another name", "planned_on": "2026-05-04", "nudges": "on", "quiet": "on"},
    "launches:hold": {"reason": WHY},
    "launches:let_go": {"reason": WHY},
    "launches:new": {"name": "A new wave", "planned_on": ""},
    "learning:begin": {"then": ""},
    "learning:enrolment": {"do": "withdraw"},
    "learning:enrolment_team": {"do": "complete", "reason": WHY},
    "learning:change_chosen": {"ids": Key("#begun", mine="kollege")},
    "learning:change_chosen_team": {"ids": Key("#begun", mine="kollege")},
    "learning:make_rule": {"name": "A rule", "course": Vendors("third"), "do": "look"},
    "learning:change_rule": {"name": "A rule", "course": Vendors("third"), "do": "look"},
    "learning:switch_rule": {"on": "yes"},
    "learning:joining": {"code": Key("identity.AccessCode"), "course": Vendors("third")},
    "learning:many": {"ids": PERSON, "course": Vendors("third"), "do": "enrol"},
    "learning:many_team": {"ids": PERSON, "course": Vendors("third"), "do": "enrol"},
    "learning:of_group": {"course": Vendors("third"), "do": "enrol"},
    "learning:of_group_team": {"course": Vendors("third"), "do": "enrol"},
    "learning:person": {"course": Vendors("third"), "due_on": ""},
    "learning:person_team": {"course": Vendors("third"), "due_on": ""},
    "learning:question": {"answer": "a"},
    "portal:account": {"name": "Somebody", "locale": "en", "zone": "UTC", "wanted": "nudge"},
    "portal:letter": {"email": "another@example.org"},
    "portal:letter_team": {"email": "another@example.org"},
    "portal:remind": {"ids": PERSON},
    "portal:remind_team": {"ids": PERSON},
    "portal:erase": {"sure": "yes"},
    "portal:erase_team": {"sure": "yes"},
    "people:make_group": {"name": "Sales", "key": "sales", "partner": "zqana-nordwind"},
    "people:make_group_team": {"name": "Sales", "key": "sales"},
    "people:rename_group": {"name": "Sales"},
    "people:rename_group_team": {"name": "Sales"},
    "people:join_group": {"ids": PERSON, "group": Key("people.Group", mine="kollege")},
    "people:join_group_team": {"ids": PERSON, "group": Key("people.Group", mine="kollege")},
    "people:quit_group": {"ids": PERSON},
    "people:quit_group_team": {"ids": PERSON},
    "people:give": {"role": "partner_it"},
    "people:give_team": {"role": "partner_it"},
    "people:take": {"role": "partner_admin", "sure": "yes"},
    "people:take_team": {"role": "partner_admin", "sure": "yes"},
    "operations:canary": {"on": "yes"},
    "operations:note_step": {"step": "look", "result": "otherwise", "words": WHY},
    "operations:end_cutover": {"why": WHY},
    "partners:bring": {"rows": "name\nNew Partner", "do": "look"},
    "partners:contact": {"name": "Somebody", "email": "somebody@example.org"},
    "partners:contacts": {"name": "Somebody", "email": "somebody@example.org"},
    "partners:edit": {"name": "Another Name"},
    "partners:give": {"ids": Key("partners.Partner", mine="kollege"), "manager": ""},
    "partners:signing_in": {"hours": "12"},
    "partners:words": {"section": "types", "key": "scout", "name": "Scout"},
    "partners:state": {"state": "suspended", "sure": "yes"},
    "people:bring": {"partner": "", "rows": "name,email\nNew Colleague,new@example.org"},
    "people:bring_team": {"rows": "name,email\nNew Colleague,new@example.org"},
    "people:invite": {"name": "New Colleague", "email": "new@example.org"},
    "people:resume": {"ids": PERSON},
    "people:resume_team": {"ids": PERSON},
    "people:start_sheet": {"letters": "later"},
    "people:start_sheet_team": {"letters": "later"},
    "people:suspend": {"ids": PERSON, "sure": "yes"},
    "people:suspend_team": {"ids": PERSON, "sure": "yes"},
    "plans:attest": {"reason": WHY},
    "plans:contest": {"reason": WHY},
    "plans:decide": {"choice": "hold", "reason": WHY},
    "plans:new": {"kickoff_on": "2026-03-09", "zone": "UTC"},
    "plans:set_cell": {"row": "sponsor", "letter": "R", "kind": "person", "who": Key("people.Person", "email")},
    "plans:settle": {"decision": WHY},
}


def slot_of(route: str, parameter: str) -> Slot | None:
    return PARAMETERS.get(f"{route}.{parameter}") or PARAMETERS.get(parameter)


@cache
def sprayed() -> Mapping[str, Key]:
    """Every name under which a careless view might read somebody's id: `person`, `person_id`, `partner`, …"""
    names: dict[str, Key] = {"id": Key("people.Person"), "ids": Key("people.Person"), "owner": Key("partners.Partner")}
    for model in apps.get_models():
        if issubclass(model, Table) and model.table_class in ("partner", "shared"):
            noun = camel_case_to_spaces(model.__name__).replace(" ", "_")
            names[noun] = names[f"{noun}_id"] = Key(model._meta.label)
    return names
