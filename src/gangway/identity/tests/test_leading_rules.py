"""Which role a group of theirs gives: one at most, and nothing else of the rules is touched."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules.scim import folded, given_by, role_of_group, rules_with_role

NAMES = st.sampled_from(["Sales", "SALES", "Straße", "strasse", "IT", "", "x-1"])
ROLES = st.sampled_from(["", "partner_admin", "partner_it"])
RULES = st.lists(
    st.fixed_dictionaries({"group": NAMES}, optional={"into": st.just("sales"), "role": ROLES.filter(bool)}), max_size=6
)


@given(RULES, NAMES.filter(bool), st.sampled_from(["", "x-1", "x-2"]), ROLES)
def test_a_group_gives_the_role_that_was_said_and_no_other(
    rules: list[dict[str, Any]], name: str, external_id: str, role: str
) -> None:
    written = rules_with_role(rules, name, external_id, role)
    assert role_of_group(written, name, external_id) == role
    roles = {one.role for one in given_by(written, [(name, external_id)]) if one.role}
    assert roles == ({role} if role else set())
    assert rules_with_role(written, name, external_id, role) == written


@given(RULES, NAMES.filter(bool), ROLES)
def test_places_in_groups_stay_and_so_do_the_roles_of_others(rules: list[dict[str, Any]], name: str, role: str) -> None:
    written = rules_with_role(rules, name, "", role)
    for other in ("Sales", "Straße", "IT", "x-1"):
        before, after = (given_by(one, [(other, "")]) for one in (rules, written))
        assert {one for one in before if one.into} == {one for one in after if one.into}
        if folded(other) != folded(name):
            assert before == after
