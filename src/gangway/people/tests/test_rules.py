from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.access import HOST_ROLES, PARTNER_ROLES
from gangway.kernel.refusal import Invalid
from gangway.people.rules import (
    COLUMNS,
    Blocker,
    Known,
    PersonSpec,
    State,
    blocker,
    check_role,
    judge,
    parse_row,
    split_roles,
)

ANA = Known(
    id=UUID(int=1),
    state="active",
    name="Ana",
    email="ana@x.example",
    email_key="ana@x.example",
    locale="en",
    zone="UTC",
    external_id="17",
)
BEN = Known(
    id=UUID(int=2),
    state="invited",
    name="Ben",
    email="ben@x.example",
    email_key="ben@x.example",
    locale="en",
    zone="UTC",
)


def judged(spec: PersonSpec, by_id: Known | None = None, by_mail: Known | None = None) -> tuple[str | None, dict]:
    verdict = judge(spec, by_id, by_mail, "csv", "partner")
    return (verdict.person.name if verdict.person else None), dict(verdict.changes)


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text() | st.none()))
def test_any_row_is_read_or_refused(row: dict[str, str | None]) -> None:
    try:
        spec = parse_row(row)
    except Invalid as refusal:
        f"{refusal} {refusal.step}".encode()
    else:
        assert spec.email_key or spec.external_id
        assert (spec.email is None) == (spec.email_key is None)


def test_a_row_is_kept_in_its_usual_spelling() -> None:
    spec = parse_row({"name": " Ana  Lima", "email": "Ana@X.Example", "locale": "pt_br", "role": "Partner_IT, learner"})
    assert spec == PersonSpec(
        name="Ana Lima", email="Ana@X.Example", email_key="ana@x.example", locale="pt-BR", roles=("partner_it",)
    )


def test_a_file_without_names_takes_them_from_the_addresses_until_people_say_them() -> None:
    assert parse_row({"email": "ana.lima@x.example", "role": "partner_admin"}).guessed == "Ana Lima"
    assert parse_row({"name": None, "email": "ana.lima@x.example"}).guessed is None, "it has names; one is missing"


def test_the_external_id_finds_before_the_mailbox_does() -> None:
    moved = PersonSpec(name="Ana", email="new@x.example", email_key="new@x.example", external_id="17")
    assert judged(moved, by_id=ANA) == ("Ana", {"email": "new@x.example", "email_key": "new@x.example"})


def test_a_mailbox_finds_and_the_id_is_added() -> None:
    spec = PersonSpec(name="Ben B.", email="ben@x.example", email_key="ben@x.example", external_id="9")
    assert judged(spec, by_mail=BEN) == ("Ben", {"name": "Ben B.", "external_id": "9"})


def test_nobody_found_is_somebody_new() -> None:
    spec = PersonSpec(name="Eva", email="eva@x.example", email_key="eva@x.example", roles=("partner_it",))
    assert judged(spec) == (
        None,
        {"name": "Eva", "email": "eva@x.example", "email_key": "eva@x.example", "roles": ("partner_it",)},
    )


@pytest.mark.parametrize(
    ("spec", "by_id", "by_mail", "words"),
    [
        (PersonSpec(email="e@x.example", email_key="e@x.example"), None, None, "has no name"),
        (
            PersonSpec(email="ben@x.example", email_key="ben@x.example", external_id="17"),
            ANA,
            BEN,
            "somebody else, Ben",
        ),
        (PersonSpec(email="ana@x.example", email_key="ana@x.example", external_id="18"), None, ANA, "external id “17”"),
        (PersonSpec(name="E", external_id="3", roles=("programme_lead",)), None, None, "for people of the host"),
        (PersonSpec(name="E", external_id="3", roles=("boss",)), None, None, "no role “boss”"),
    ],
)
def test_a_row_that_cannot_be_is_refused(
    spec: PersonSpec, by_id: Known | None, by_mail: Known | None, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        judged(spec, by_id, by_mail)


def test_whoever_is_managed_elsewhere_is_changed_there() -> None:
    managed = Known(id=UUID(int=3), state="active", name="Mo", email=None, email_key=None, locale="en", zone="UTC",
                    managed_by="scim:okta", external_id="5")  # fmt: skip
    with pytest.raises(Invalid, match="managed by scim:okta"):
        judged(PersonSpec(name="Moses", external_id="5"), by_id=managed)


def test_whoever_left_comes_back_and_whoever_was_erased_does_not() -> None:
    left = Known(id=UUID(int=4), state=State.LEFT, name="Lu", email="lu@x.example", email_key="lu@x.example",
                 locale="en", zone="UTC", external_id="6")  # fmt: skip
    assert judged(PersonSpec(external_id="6"), by_id=left) == ("Lu", {"state": "invited"})
    assert judged(PersonSpec(external_id="6"), by_id=left)[1]["state"] != State.ACTIVE
    erased = Known(id=left.id, state=State.ERASED, name="", email=None, email_key=None, locale="en", zone="UTC")
    with pytest.raises(Invalid, match="erased"):
        judged(PersonSpec(external_id="6"), by_id=erased)


@given(st.sampled_from(sorted(HOST_ROLES | PARTNER_ROLES)), st.sampled_from(["host", "partner", "shell"]))
def test_a_partners_people_never_hold_a_host_role(role: str, kind: str) -> None:
    allowed = kind == "host" or role in PARTNER_ROLES
    allowed = allowed and (kind != "host" or role in HOST_ROLES | {"learner"})
    if allowed:
        check_role(role, kind)
    else:
        with pytest.raises(Invalid):
            check_role(role, kind)


def test_roles_are_written_in_any_way() -> None:
    assert split_roles("Partner_Admin; partner_it|learner") == ("partner_admin", "partner_it")
    assert split_roles("") == ()


@given(*(st.integers(0, 5) for _ in range(5)))
def test_the_blocker_names_the_first_thing_that_is_missing(
    admins: int, admins_open: int, admins_in: int, team: int, team_in: int
) -> None:
    admins_open, admins_in, team_in = min(admins, admins_open), min(admins, admins_in), min(team, team_in)
    found = blocker(
        admins=admins,
        admins_open=admins_open,
        admins_in=admins_in,
        people=admins + team,
        people_in=admins_in + team_in,
    )
    missing = [not admins, not admins_open, not admins_in, not team, not team_in, True]
    assert found is list(Blocker)[missing.index(True)]
