"""Experiment 2: every route × verb × role × foreign id: nothing of another partner shows, nothing of theirs changes."""

import os
import random

import pytest

from tests import proof
from tests.isolation.asking import Case, cases
from tests.isolation.examples import FORMS, slot_of
from tests.isolation.matrix import Prober, Report
from tests.isolation.routes import routes
from tests.isolation.world import ROLES, Role, World, acting

SEED = int(os.environ.get("GANGWAY_SEED", "20260302"))
SAMPLE = 40  # requests per role in the suite; the full run sends all


def every_case(world: World, role: Role) -> list[Case]:
    return [case for route in routes() for case in cases(world, route, role)]


def run(world: World, role: Role, chosen: list[Case]) -> Report:
    report = Report()
    with acting(world, role) as cookie:
        Prober(world, role, cookie, report).run(chosen)
    return report


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_sample_of_requests_leaks_nothing(world: World, role: Role) -> None:
    chosen = random.Random(f"{SEED}{role.name}").sample(every_case(world, role), SAMPLE)
    report = run(world, role, chosen)
    print(f"\n{role.name}: {report.words()}")
    assert report.findings == [], "\n".join(report.findings[:40])


# Doors that stand open for nobody in this world, and where they are tried instead.
CLOSED = {
    "identity:again()": "only with the link of a letter, or in the browser that asked: identity/tests",
    "identity:choose()": "only in the browser that proved a mailbox with several accounts: identity/tests",
    "identity:code()": "only in the browser that asked: identity/tests",
    "identity:add_passkey()": "only with the answer of an authenticator: identity/tests",
    "identity:app()": "only with the code that the app shows: identity/tests",
    "identity:by_passkey()": "only with the answer of an authenticator: identity/tests",
    "identity:factor()": "only in the browser that proved a mailbox whose person holds a factor: identity/tests",
    "identity:factor_question()": "as identity:factor",
    "identity:new_passkey_question()": "only at an address with a name: identity/tests",
    "identity:oidc_callback(route_name)": "only back from a provider, with the state it was left with: identity/tests",
    "identity:passkey_question()": "as identity:new_passkey_question",
    "identity:remove_app()": "only for who has confirmed an app: identity/tests",
    "identity:saml_acs(route_name)": "only the name of an open sign-in: identity/tests",
    "identity:saml_arrive(route_name)": "as identity:saml_acs",
    "identity:saml_metadata(route_name)": "as identity:saml_acs",
    "partners:ask_access(partner_id)": "only of a partner that was not asked yet: portal/tests/test_partners",
    "identity:access()": "confirmed only with the digest of the list as it stands: identity/tests/test_reviews",
    "identity:hand_over()": "only while the vendor's portal is open: identity/tests/test_handover",
    "identity:start_handover()": "as identity:hand_over",
    "identity:handover_arrive()": "as identity:hand_over",
    "identity:tell_provider(connection_id)": "only with a provider that answers: identity/tests",
    "identity:renew(token)": "only with the link of a letter to who connects the company: identity/tests/test_renewals",
    "identity:sso(route_name)": "only the name of an open sign-in, which leads away: identity/tests",
    "identity:sign_spec(type_key)": "only by the hash of what the spec says at that moment: identity/tests/test_specs",
    "identity:set_up(token)": "only while nobody is on the staff: identity/tests",
    "identity:join_company()": "only in the browser that proved a stranger's mailbox: identity/tests/test_joining",
    "identity:answer_stranger(join_id, answer)": "only of whom nobody knows the company: identity/tests/test_joining",
    "identity:stuck()": "answers 404 by design, with a number: identity/tests",
    "portal:receipt(person_id)": "only of who has left: portal/tests",
    "portal:receipt_team(person_id)": "only of who has left: portal/tests",
    "portal:merge_with(person_id, other_id)": "posting is for two accounts of one human: portal/tests/test_merging",
    "portal:merge_with_team(person_id, other_id)": "as portal:merge_with",
    "portal:unmerge(person_id)": "only of who was merged: portal/tests/test_merging",
    "portal:unmerge_team(person_id)": "as portal:unmerge",
    "launches:undo(wave_id)": "only in the ten minutes after a wave was sent: launches/tests",
    "portal:letter(person_id)": "posting is for who has not come in, and everybody has: portal/tests/test_team",
    "portal:letter_team(person_id)": "as portal:letter",
    "operations:compare()": "only with a file that another installation exported: portal/tests/test_outward",
    "operations:promote(comparison_id)": "only of what the latest comparison found: portal/tests/test_outward",
    "operations:undo(promotion_id)": "only while it stands as it was promoted: portal/tests/test_outward",
    "credentials:prove()": "only with the code of a letter: credentials/tests/test_keeping",
    "credentials:renew(number)": "only within ninety days of the end of an award: credentials/tests/test_renewal",
    "messaging:events(provider)": "only the mail provider that is set up, by its proof: messaging/tests/test_returns",
    "identity:scim_root()": "only with the token of a connection: identity/tests/test_scim",
    "identity:scim(rest)": "as identity:scim_root",
    "ui:brand(name)": "a style sheet by its hash, made of no rows: ui/tests",
}


def void(report: Report) -> list[str]:
    """The routes that nobody entered, by GET or by POST where they take it: over these the matrix says nothing."""
    return [
        f"{method} {route.key}"
        for route in routes()
        if route.key not in CLOSED
        for method in ("GET", "POST")
        if (route.key, method) not in report.refused | report.entered
    ]


@pytest.mark.sqlite_only  # which doors open does not hang on the database
def test_every_route_lets_somebody_in(world: World) -> None:
    report = Report()
    for role in sorted(ROLES, key=lambda role: role.name, reverse=True):
        if role.name in ("partner admin", "staff: platform_admin", "staff: programme_lead"):
            seen = report.refused | report.entered
            own = [
                case
                for case in every_case(world, role)
                if case.place == "own" and case.method in ("GET", "POST") and (case.route.key, case.method) not in seen
            ]
            with acting(world, role) as cookie:
                Prober(world, role, cookie, report).run(own)
    assert void(report) == [], "\n".join(void(report))


@pytest.mark.prove
def test_the_whole_matrix(world: World) -> None:
    report = Report()
    for role in ROLES:
        with acting(world, role) as cookie:
            Prober(world, role, cookie, report).run(every_case(world, role))
    print(f"\nIsolation: {len(routes())} routes, {len(ROLES)} roles: {report.words()}")
    proof.write(
        "2 isolation matrix",
        routes=len(routes()),
        roles=len(ROLES),
        requests=report.requests,
        compared=report.compared,
        statuses={str(status): number for status, number in sorted(report.statuses.items())},
        leaks=len(report.leaks),
        differences=len(report.differences),
        foreign_rows_changed=len(report.changes),
        server_errors=len(report.errors),
        void=len(void(report)),
    )
    assert void(report) == []
    assert report.findings == [], "\n".join(report.findings[:60])


def test_every_route_can_be_filled() -> None:
    """A new route says in examples.py what stands in its places."""
    missing = [
        f"{route.name}.{name}" for route in routes() for name in route.parameters if not slot_of(route.name, name)
    ]
    assert missing == []
    unknown = set(FORMS) - {route.name for route in routes()}
    assert unknown == set(), "these forms are of no route"
