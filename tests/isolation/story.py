"""What happened at each owner, by the actions: a course passed, one begun and one for nobody yet, letters, a plan, a
failure."""

import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import apps

from gangway.catalog.actions import PathSpec, begin_working_copy, change_files, import_course, make_path
from gangway.catalog.rules import Assign, FileChange, PathStep
from gangway.catalog.tests.samples import COURSE, RIGHT, pictured_course
from gangway.credentials import actions as credentials
from gangway.credentials.queries import asks_to_write
from gangway.identity import actions as identity
from gangway.identity.actions import begin_app, operator_link, scim, start_challenge
from gangway.identity.actions.sessions import begin_session
from gangway.identity.queries import links, live_sheet
from gangway.identity.queries.doors import invitation_digest
from gangway.identity.queries.joining import Stranger, place_digest
from gangway.identity.queries.scim import holds
from gangway.identity.rules import Method
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.scim import HoldKind
from gangway.kernel import secrets, worker
from gangway.kernel.actor import Actor
from gangway.kernel.models import Failure, Job, OutboxEvent
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.scopes import Mode, Scope
from gangway.learning import actions as learning
from gangway.learning.models import AttemptItem
from gangway.learning.rules import ReasonKind
from gangway.messaging.queries import mailbox_digest
from gangway.messaging.queries.letters import _signature
from gangway.messaging.rules import Category
from gangway.partners.actions import apply_partners, set_portfolio
from gangway.partners.queries import find_partner
from gangway.people import actions as people
from gangway.people.actions import activate_person, admit_person, make_group
from gangway.rollout.launches import actions as launches
from gangway.rollout.operations import actions as operations
from gangway.rollout.plans import actions as plans
from gangway.rollout.plans import queries as plan_queries
from tests.planting import Planter, unfiltered

if TYPE_CHECKING:
    from tests.isolation.world import World

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MARKS = {"host": "ZQHOST", "ana": "ZQANA", "kollege": "ZQKOLLEGE", "caz": "ZQCAZ", "kind": "ZQKIND"}
PARTNER_OF = {"host": "acme", "ana": "nordwind", "kollege": "nordwind", "caz": "suedstern", "kind": "nordlicht"}
OPERATOR = Actor.operator()
SLUGS = {"acme": "acme", "nordwind": "zqana-nordwind", "nordlicht": "zqkind-nordlicht", "suedstern": "zqcaz-suedstern"}


def tell(world: "World") -> None:
    """The whole story. The host's own name is public; every other partner's carries the mark of its owner."""
    _partners(world)
    with scopes.one(world.partners["acme"]):
        _courses(world)
        world.named["host", "host connection"] = identity.add_connection(
            kind=ConnectionKind.OIDC, key="portal", name="Portal", account_claim="account", actor=OPERATOR, now=NOW
        )
    _rest()
    for owner, mark in MARKS.items():
        _somebody(world, owner, mark)
    with scopes.one(world.partners["acme"]):
        _plan(world)
    with scopes.one(world.partners["nordwind"]):
        set_portfolio(person_id=_person(world, "host"), looked_after=True, actor=OPERATOR, now=NOW)
    world.named["host", "cutover"] = operations.begin_cutover(actor=OPERATOR, now=NOW)
    _wave(world)
    _rest()
    for owner in MARKS:
        with scopes.one(world.partners[PARTNER_OF[owner]]):
            _outcome(world, owner)
            world.named[owner, "sheet digest"] = live_sheet(NOW).digest


def _partners(world: "World") -> None:
    rows = [
        {"slug": SLUGS["acme"], "name": "Acme Cloud", "kind": "host"},
        *(
            {
                "slug": SLUGS[slug],
                "name": f"{MARKS[owner]} {slug}",
                "type": "reseller",
                "tier": "gold",
                "parent": SLUGS["nordwind"] if slug == "nordlicht" else "",
                "contact_name": f"{MARKS[owner]} contact",
                "contact_email": f"{MARKS[owner]}.contact@example.org",
            }
            for owner, slug in PARTNER_OF.items()
            if owner not in ("host", "kollege")
        ),
    ]
    report = apply_partners(rows=[Line(n, row) for n, row in enumerate(rows, 2)], actor=OPERATOR, now=NOW)
    assert not [outcome.reason for outcome in report.outcomes if outcome.reason]
    world.partners.update({name: find_partner(slug).id for name, slug in SLUGS.items()})


def _courses(world: "World") -> None:
    with tempfile.TemporaryDirectory() as folder:
        draft = pictured_course(Path(folder) / "course")
    for key in ("first-steps", "second-steps"):
        course = import_course(draft=replace(draft, key=key, title=f"Course {key}"), actor=OPERATOR, now=NOW)
        world.named["host", key] = course.course_id
    begin_working_copy(key="second-steps", actor=OPERATOR, now=NOW)
    own = FileChange(path="course.yaml", data=COURSE.replace("first-steps", "second-steps").encode())
    change_files(key="second-steps", changes=[own], actor=OPERATOR, now=NOW)
    draft = replace(draft, key="third-steps", title="Course third-steps", assign=Assign.NOBODY)
    third = import_course(draft=draft, actor=OPERATOR, now=NOW).course_id
    world.named["host", "third"] = third
    steps = (
        PathStep(world.named["host", "second-steps"]),
        PathStep(third, frozenset({world.named["host", "second-steps"]})),
    )
    world.named["host", "path"] = make_path(spec=PathSpec(name="The path", steps=steps), actor=OPERATOR, now=NOW)
    spec = PathSpec(name="Own path", steps=(PathStep(world.named["host", "first-steps"]),))
    world.named["host", "own path"] = make_path(spec=spec, actor=OPERATOR, now=NOW)


def _person(world: "World", owner: str) -> Any:
    return world.planters[owner].row(apps.get_model("people", "Person")).pk


def _somebody(world: "World", owner: str, mark: str) -> None:
    """A person comes in by letter, passes the first course and begins the second."""
    partner_id = world.partners[PARTNER_OF[owner]]
    planter = world.planters[owner] = Planter(partner_id, mark, adopts=True)
    with scopes.one(partner_id):
        person_id = admit_person(
            name=f"{mark} Person", email=f"{mark}@example.org", external_id=f"{mark}-1", actor=OPERATOR, now=NOW
        )
        planter.keep(unfiltered(apps.get_model("people", "Person")).get(pk=person_id))
        activate_person(person_id=person_id, actor=OPERATOR, now=NOW)
        world.named[owner, "group"] = make_group(key=f"empty-{owner}", name="Empty", actor=OPERATOR, now=NOW)
        actor = Actor.person(person_id)
        begin_session(person_id=person_id, method=Method.CODE, device=f"{mark} device", actor=actor, now=NOW)
        begin_app(person_id=person_id, session_id=None, actor=actor, now=NOW)
        _file(world, owner, mark, person_id)
        _learn(world, owner, person_id, "first-steps", passing=True)
        _learn(world, owner, person_id, "second-steps", passing=False)
        own = {"path_id": world.named["host", "own path"], "reason": ReasonKind.SELF}
        learning.join_path(person_id=person_id, actor=actor, now=NOW, **own)
    start_challenge(address=f"{mark}@example.org", browser=f"{mark} browser", next_path="/", actor=OPERATOR, now=NOW)
    slug = SLUGS[PARTNER_OF[owner]]
    link = operator_link(address=f"{mark}@example.org", partner_slug=slug, actor=OPERATOR, now=NOW).path
    world.named[owner, "link"] = link.rsplit("/", 1)[1]


def _file(world: "World", owner: str, mark: str, person_id: Any) -> None:
    """A file was brought and looked at, another one was started and its worker gave up, a third one is read."""
    partner_id = world.partners[PARTNER_OF[owner]]
    waiting, stopped = (_brought(world, owner, mark, person_id, n) for n in (1, 2))
    people.start_sheet(sheet_id=stopped, letters=False, actor=Actor.person(person_id), now=NOW)
    Job.objects.filter(arguments__sheet_id=str(stopped)).update(state="failed")
    world.named[owner, "stopped"] = stopped
    lines = [Line(2, {"email": f"{mark}@example.org", "zone": "Europe/Rome"})]
    read = people.import_people(
        lines=lines, partner_id=partner_id, file_name=f"{mark}.csv", sheet_id=waiting, actor=OPERATOR, now=NOW
    )
    (run_id,) = read.runs.values()
    for name, key in (("Sheet", waiting), ("ImportRun", run_id)):
        world.planters[owner].keep(unfiltered(apps.get_model("people", name)).get(pk=key))


def _brought(world: "World", owner: str, mark: str, person_id: Any, n: int) -> Any:
    partner_id = world.partners[PARTNER_OF[owner]]
    place, within = ("console", Scope(Mode.HOST)) if owner == "host" else ("desk", Scope(Mode.ONE, partner_id))
    actor, rows = Actor.person(person_id), f"email\n{mark}.new{n}@example.org\n{mark}@example.org\n"
    sheet_id = people.bring_sheet(
        body=[rows.encode()],
        file_name=f"{mark}.csv",
        target_id=None if owner == "host" else partner_id,
        place=place,
        brought_by=person_id,
        actor=actor,
        now=NOW,
    )
    people.check_sheet(sheet_id=sheet_id, within=within, actor=actor, now=NOW)
    return sheet_id


def _learn(world: "World", owner: str, person_id: Any, key: str, *, passing: bool) -> None:
    actor = Actor.person(person_id)
    enrolment_id = learning.enrol(
        person_id=person_id, course_id=world.named["host", key], reason=ReasonKind.MANUAL, actor=OPERATOR, now=NOW
    ).enrolment_id
    for lesson in ("hello", "goodbye"):
        learning.finish_lesson(enrolment_id=enrolment_id, lesson_key=lesson, actor=actor, now=NOW)
    attempt_id = learning.start_attempt(enrolment_id=enrolment_id, actor=actor, now=NOW).attempt_id
    world.named[owner, "passed" if passing else "open"] = attempt_id
    world.named[owner, "done" if passing else "begun"] = enrolment_id
    if passing:
        for item in AttemptItem.objects.filter(attempt_id=attempt_id).select_related("question_version__question"):
            right = RIGHT[item.question_version.question.key]
            learning.save_answer(attempt_id=attempt_id, position=item.position, answer=right, actor=actor, now=NOW)
        learning.submit_attempt(attempt_id=attempt_id, actor=actor, now=NOW)


def _plan(world: "World") -> None:
    host = _person(world, "host")
    dee = Actor.person(host)
    plan_id = plans.new_plan(
        definition=plan_queries.shipped_template("essential"),
        kickoff_on=date(2026, 3, 2),
        zone="UTC",
        actor=dee,
        now=NOW,
    )
    plans.attest(plan_id=plan_id, key="charter", reason=f"{MARKS['host']} signed it on paper.", actor=dee, now=NOW)
    plans.set_raci_cell(
        plan_id=plan_id, row_key="sponsor", letter="A", holder="staff", person_id=host, actor=dee, now=NOW
    )
    plans.contest_row(
        plan_id=plan_id, row_key="content", reason=f"{MARKS['host']} is the wrong one here.", actor=dee, now=NOW
    )


def _wave(world: "World") -> None:
    """The host plans a wave with Nordwind in it; the wave is the host's row, the launch its partner's."""
    dee = Actor.person(world.row("host", "people.Person").pk)
    wave_id = launches.create_wave(name="First wave", actor=OPERATOR, now=NOW)
    world.planters["host"].keep(apps.get_model("launches", "Wave").objects.get(pk=wave_id))
    with scopes.one(world.partners["nordwind"]):
        launches.add_partner(wave_id=wave_id, actor=OPERATOR, now=NOW)
        launches.let_go(wave_id=wave_id, reason=f"{MARKS['host']} knows their admin.", actor=dee, now=NOW)
        world.planters["kollege"].keep(unfiltered(apps.get_model("launches", "Launch")).get(wave_id=wave_id))


def _rest() -> None:
    for _ in range(100):
        if not worker.turn("story", NOW):
            break
    assert not list(Failure.objects.values_list("group", "event__name", "last_error"))


def _keeps(world: "World", owner: str, partner_id: Any) -> None:
    """The person keeps their award by a private mailbox, and has a link sent to it."""
    address, person_id = f"{MARKS[owner]}@private.example", _person(world, owner)
    letters = unfiltered(apps.get_model("messaging", "Message")).filter(person_id=person_id)
    with scopes.one(partner_id):
        me = Actor.person(person_id)
        credentials.ask_to_keep(person_id=person_id, address=address, actor=me, now=NOW)
        code = secrets.unseal(letters.get(letter_key="credentials.prove_mailbox").secret)
        credentials.prove_mailbox(person_id=person_id, code=code, actor=me, now=NOW)
    credentials.ask_for_kept(address=address, actor=OPERATOR, now=NOW)
    for ask_id in asks_to_write(10):
        credentials.write_kept_letter(ask_id=ask_id, actor=OPERATOR, now=NOW)
    world.named[owner, "kept"] = secrets.unseal(letters.get(letter_key="credentials.kept").secret)


def _outcome(world: "World", owner: str) -> None:
    """The award and its number, and what staff find on the operator's page."""
    award = unfiltered(apps.get_model("credentials", "Award")).get(person_id=_person(world, owner))
    world.planters[owner].keep(award)
    world.named[owner, "number"] = award.number
    partner_id = world.partners[PARTNER_OF[owner]]
    _keeps(world, owner, partner_id)
    _doors(world, owner, partner_id)
    _connected(world, owner, partner_id)
    event = OutboxEvent.objects.filter(partner_id=partner_id, subject_id=_person(world, owner)).first()
    assert event is not None
    world.named[owner, "failure"] = (
        apps.get_model("kernel", "Failure")
        .objects.create(
            group="learning",
            event=event,
            subject_id=event.subject_id,
            state="parked",
            attempts=12,
            last_error=MARKS[owner],
        )
        .pk
    )
    world.named[owner, "job"] = (
        apps.get_model("kernel", "Job")
        .objects.create(
            task="gangway.rollout.plans.jobs.evaluate_nightly",
            partner_id=partner_id,
            state="failed",
            run_after=NOW,
            created_at=NOW,
            last_error=MARKS[owner],
        )
        .pk
    )


def _doors(world: "World", owner: str, partner_id: Any) -> None:
    """Secrets as their holder knows them: the letter's invitation, and the link that declines a kind of letter. And a
    stranger who waits to be let in."""
    stranger = Stranger(name=MARKS[owner], address=f"{MARKS[owner]}@stranger.example".lower(), locale="en")
    apps.get_model("identity", "JoinRequest").objects.create(
        place=place_digest(mailbox_digest(stranger.address), partner_id),
        partner_id=partner_id,
        who=stranger.sealed(),
        at=NOW,
    )
    person_id = _person(world, owner)
    token = f"{MARKS[owner]}-invitation"
    invitation = apps.get_model("identity", "Invitation").objects.filter(person_id=person_id)
    assert invitation.update(digest=invitation_digest(token)) == 1
    world.named[owner, "invitation"] = token
    kind = next(category for category in Category if category.may_be_declined)
    words = f"{partner_id}:{person_id}:{kind}"
    world.named[owner, "decline"] = f"{words}:{_signature(words)}"


def _connected(world: "World", owner: str, partner_id: Any) -> None:
    """The company's directory, with a token; and its sign-in, which knows the person and is not open yet."""
    mark = MARKS[owner]
    with scopes.one(partner_id):
        directory, sign_in = (
            identity.add_connection(
                kind=kind,
                key=f"{kind.value}-{owner}",
                name=f"Directory of {owner}",
                active=kind is ConnectionKind.SCIM,
                actor=OPERATOR,
                now=NOW,
            )
            for kind in (ConnectionKind.SCIM, ConnectionKind.OIDC)
        )
        world.named[owner, "directory"], world.named[owner, "sign-in"] = directory, sign_in
        scim.open_hold(connection_id=directory, kind=HoldKind.REMOVALS, seen=9, allowed=5, actor=OPERATOR, now=NOW)
        world.named[owner, "hold"] = holds(directory)[0].id
        world.named[owner, "token"] = identity.issue_token(connection_id=directory, actor=OPERATOR, now=NOW).token_id
        identity.link_subject(
            connection_id=sign_in, subject=f"{mark}-subject", person_id=_person(world, owner), actor=OPERATOR, now=NOW
        )
        made = identity.make_set_up_link(asked_by=_person(world, owner), actor=OPERATOR, now=NOW)
        world.named[owner, "it link"], world.named[owner, "link for it"] = made.token, made.link_id
        world.named[owner, "renewal link"] = f"{mark}-renewal"  # of no letter: nobody there connects the company
        identity.sign_sheet(
            digest=live_sheet(NOW).digest,
            signer=f"IT of {PARTNER_OF[owner]}",
            locale="en",
            link_id=made.link_id,
            actor=OPERATOR,
            now=NOW,
        )
        identity.keep_trial(connection_id=sign_in, met=[], claims=["email"], actor=OPERATOR, now=NOW)
        world.named[owner, "link of a subject"] = links(sign_in)[0].id
        rows = unfiltered(apps.get_model("identity", "Connection"))
        world.planters[owner].keep(rows.get(pk=directory))
