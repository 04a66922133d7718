"""Groups that a sign-in names: who comes in is in the groups that the connection maps them to, and in no other of
those."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity.queries.connections import ConnectionRow
from gangway.identity.queries.mapping import groups_of_directories
from gangway.identity.rules.connections import Asserted, ConnectionKind
from gangway.identity.rules.mapping import GROUP_NAME_LENGTH, GROUP_RULES_AT_MOST, GroupRule, groups_said, moves
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid
from gangway.kernel.values import clean_line
from gangway.people import actions as people_actions
from gangway.people import queries as people


def follow_groups(row: ConnectionRow, asserted: Asserted, person_id: UUID, actor: Actor, now: datetime) -> None:
    """Put somebody into the groups that their sign-in names and take them out of those it does not; only groups that
    the connection maps are touched. A group that is no more gives nothing."""
    if not row.group_rules:
        return
    named = {str(rule["into"]) for rule in row.group_rules if rule.get("into")}
    known = {key: group_id for key in sorted(named) if (group_id := people.group_of_key(key)) is not None}
    theirs = set(people.memberships([person_id]).get(person_id, ()))
    inside = {key for key, group_id in known.items() if group_id in theirs}
    moved = moves(row.group_rules, groups_said(asserted, row.claims), inside)
    for key in sorted(moved.join & known.keys()):
        people_actions.join_group(group_id=known[key], person_ids=[person_id], actor=actor, now=now)
    for key in sorted(moved.quit):
        people_actions.quit_group(group_id=known[key], person_ids=[person_id], actor=actor, now=now)


def clean_group_rules(kind: ConnectionKind, rules: Sequence[GroupRule]) -> list[dict[str, Any]]:
    """The rules as a connection of the open scope keeps them. Invalid: too many, a name that is none, a group that the
    partner does not have or that its directory fills; a directory says by itself who is in its groups."""
    if not kind.signs_in:
        raise Invalid(
            field="group_rules", problem="A directory brings its groups itself.", mend="Map them at a sign-in."
        )
    if len(rules) > GROUP_RULES_AT_MOST:
        raise Invalid(
            field="group_rules",
            problem="{n} groups are too many.",
            mend="Name {limit} at most.",
            n=len(rules),
            limit=GROUP_RULES_AT_MOST,
        )
    filled = groups_of_directories()
    kept: list[dict[str, Any]] = []
    for rule in rules:
        group_id = people.group_of_key(rule.into)
        if group_id is None:
            raise Invalid(
                field="group_rules",
                problem="There is no group with the key “{key}”.",
                mend="Make it first.",
                key=rule.into[:60],
            )
        if group_id in filled:
            raise Invalid(
                field="group_rules",
                problem="Who is in “{key}” is said by the company's directory.",
                mend="Choose another group.",
                key=rule.into,
            )
        entry = {"group": clean_line(rule.group, "group_rules", limit=GROUP_NAME_LENGTH), "into": rule.into}
        kept += [] if entry in kept else [entry]
    return kept
