"""The world that every scenario starts from, and whoever acts in it."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from gangway.catalog import actions as catalog
from gangway.catalog.markdown.read import read_course
from gangway.catalog.tests.samples import write_course
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning
from gangway.learning.rules import ReasonKind
from gangway.partners import actions as partners
from gangway.partners import queries as partner_queries
from gangway.people import actions as people
from gangway.rollout.plans import actions as plans
from gangway.rollout.plans import queries as plan_queries
from tests.crash.scenario import NOW, Stage, settle

OPERATOR = Actor.operator()
PARTNERS = [
    Line(2, {"slug": "nordwind", "name": "Nordwind", "type": "reseller", "tier": "silver"}),
    Line(3, {"slug": "nordlicht", "name": "Nordlicht", "parent": "nordwind"}),
]


def course(greeting: str = "Say hello *first*.") -> Any:
    """The small course as a draft, read from files."""
    with tempfile.TemporaryDirectory() as anywhere:
        folder = write_course(Path(anywhere) / "course")
        (folder / "1-hello.md").write_text(f"# Hello\n\n{greeting}\n")
        return read_course(folder)


def base() -> Stage:
    """A vendor with Dee on its staff, Nordwind with Ana and Ben, a course that Ana learns, and a plan."""
    stage: Stage = {}
    partners.apply_partners(rows=PARTNERS, actor=OPERATOR, now=NOW)
    host = partner_queries.host_partner()
    assert host is not None
    stage["host"] = host.id
    stage["nordwind"] = partner_queries.find_partner("nordwind").id
    with scopes.one(stage["host"]):
        stage["dee"] = admitted("Dee", "acme", roles=["platform_admin", "programme_lead"])
        stage["course"] = catalog.import_course(draft=course(), actor=OPERATOR, now=NOW).course_id
        stage["plan"] = plans.new_plan(
            definition=plan_queries.shipped_template("essential"),
            kickoff_on=date(2026, 3, 2),
            zone="UTC",
            actor=OPERATOR,
            now=NOW,
        )
    with scopes.one(stage["nordwind"]):
        stage["ana"] = admitted("Ana", "nordwind")
        stage["ben"] = admitted("Ben", "nordwind", roles=["partner_admin"])
        stage["enrolment"] = learning.enrol(
            person_id=stage["ana"], course_id=stage["course"], reason=ReasonKind.MANUAL, actor=OPERATOR, now=NOW
        ).enrolment_id
    settle()
    return stage


def admitted(name: str, where: str, roles: Sequence[str] = ()) -> Any:
    person = people.admit_person(
        name=name, email=f"{name.lower()}@{where}.example", roles=roles, actor=OPERATOR, now=NOW
    )
    people.activate_person(person_id=person, actor=OPERATOR, now=NOW)
    return person


def at_nordwind(stage: Stage) -> Any:
    return scopes.one(stage["nordwind"])


def at_host(stage: Stage) -> Any:
    return scopes.one(stage["host"])


def as_ana(stage: Stage) -> Actor:
    return Actor.person(stage["ana"])


def as_dee(stage: Stage) -> Actor:
    return Actor.person(stage["dee"])


def as_ben(stage: Stage) -> Actor:
    return Actor.person(stage["ben"])


def at_own(stage: Stage) -> scopes.Scope:
    return scopes.Scope(scopes.Mode.ONE, partner_id=stage["nordwind"])
