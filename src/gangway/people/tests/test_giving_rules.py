"""A grant never reaches beyond its giver, however many hands it goes through."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.access import CHANNEL_MANAGER, HOST_ROLES, PARTNER_ADMIN, PARTNER_IT, PLATFORM_ADMIN, PROGRAMME_LEAD
from gangway.people.rules import GIVES, Held, Over, may_give, somebody_stays

A, B, C = (UUID(int=n) for n in (1, 2, 3))
ROLES = st.sampled_from(sorted(HOST_ROLES | {PARTNER_ADMIN, PARTNER_IT, "learner", "no-such-role"}))
REACHES = st.builds(Over, st.none() | st.frozensets(st.sampled_from([A, B, C])), st.booleans())
HELD = st.builds(Held, ROLES, REACHES, st.none() | st.sampled_from([A, B]))
WORLD = frozenset({A, B, C})


def spread(over: Over) -> frozenset[UUID | str]:
    """Every one is more than all that are known; what grows is more than what stands there today."""
    if over.partners is None:
        return WORLD | {UUID(int=9), "below"}
    return over.partners | ({"below"} if over.grows else set())


@given(st.lists(HELD, max_size=4), ROLES, REACHES, st.sampled_from([A, B, C]))
def test_what_is_given_lies_within_what_the_giver_reaches(held: list[Held], role: str, over: Over, at: UUID) -> None:
    if may_give(held, role, over, at):
        givers = [mine for mine in held if role in GIVES.get(mine.role, ())]
        assert any(spread(over) <= spread(mine.over) for mine in givers)


@given(st.lists(HELD, max_size=4), st.lists(st.tuples(ROLES, REACHES, st.sampled_from([A, B, C])), max_size=12))
def test_no_chain_of_gifts_makes_a_platform_admin_where_there_was_none(
    held: list[Held], gifts: list[tuple[str, Over, UUID]]
) -> None:
    """Everybody gives all they may to everybody else; the top role and the widest reach appear from nothing never."""
    had_top = any(mine.role == PLATFORM_ADMIN for mine in held)
    had_all = any(mine.over.partners is None and mine.role in GIVES for mine in held)
    everybody = list(held)
    for role, over, at in gifts:
        if may_give(everybody, role, over, at):
            everybody.append(Held(role, over, None if role in HOST_ROLES else at))
    fresh = everybody[len(held) :]
    assert had_top or all(mine.role != PLATFORM_ADMIN for mine in fresh)
    assert had_all or all(mine.over.partners is not None for mine in fresh)


def test_who_may_give_what() -> None:
    manager = [Held(CHANNEL_MANAGER, Over(frozenset({A, B})))]
    assert may_give(manager, PARTNER_ADMIN, Over(frozenset({A})), A)
    assert not may_give(manager, PARTNER_ADMIN, Over(frozenset({C})), C)
    assert not may_give(manager, PLATFORM_ADMIN, Over(None), A)
    assert not may_give(manager, CHANNEL_MANAGER, Over(frozenset({A})), A)
    assert not may_give([Held(PROGRAMME_LEAD, Over(None))], PLATFORM_ADMIN, Over(None), A)
    assert may_give([Held(PLATFORM_ADMIN, Over(None))], PLATFORM_ADMIN, Over(None), A)
    assert not may_give([Held(PARTNER_IT, Over(frozenset({A})), A)], PARTNER_IT, Over(frozenset({A})), A)
    assert not may_give([Held("learner", Over(None))], PARTNER_IT, Over(frozenset({A})), A)


def test_a_partner_admin_gives_roles_at_the_own_partner_only() -> None:
    distributor = [Held(PARTNER_ADMIN, Over(frozenset({A, B}), grows=True), A)]
    assert may_give(distributor, PARTNER_ADMIN, Over(frozenset({A, B}), grows=True), A)
    assert not may_give(distributor, PARTNER_ADMIN, Over(frozenset({B})), B)
    alone = [Held(PARTNER_ADMIN, Over(frozenset({A})), A)]
    assert not may_give(alone, PARTNER_ADMIN, Over(frozenset({A}), grows=True), A), "who comes below later is beyond"


def test_an_end_of_the_other_holder_only_puts_the_gap_off() -> None:
    assert somebody_stays([None])
    assert not somebody_stays([datetime(2030, 1, 1, tzinfo=UTC)])
    assert not somebody_stays([])
