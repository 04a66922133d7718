"""What a sign-in says of people, and what it means here: the same form on the desk and behind the link for IT."""

from typing import Any

from django.http import HttpRequest

from gangway.identity import queries
from gangway.identity.actions import Conduct
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import USUAL_CLAIMS
from gangway.identity.rules.mapping import DEFAULTS, GroupRule

FREE_LINES = 2


def said(request: HttpRequest) -> Conduct:
    """What the form says: a claim per field, groups line by line; where it asks, whether people come just in time."""
    post = request.POST
    pairs = zip(post.getlist("their_group"), post.getlist("our_group"), strict=False)
    return Conduct(
        claims={field: post.get(f"claim_{field}", "").strip() for field in USUAL_CLAIMS},
        admits=post.get("admits") == "on" if "jit" in post else None,
        groups=[GroupRule(theirs.strip(), ours) for theirs, ours in pairs if theirs.strip() and ours],
    )


def mapping(row: ConnectionRow) -> dict[str, Any]:
    """What the form shows. `fields`: (field, the claim named for it, those read where none is named); `lines`: their
    group and the key of ours, with free ones; `defaults`: how each provider names the fields."""
    if not row.kind.signs_in:
        return {}
    lines = [(str(rule.get("group", "")), str(rule.get("into", ""))) for rule in row.group_rules]
    offered = queries.groups_to_fill()
    return {
        "fields": [(field, row.claims.get(field, ""), usual) for field, usual in USUAL_CLAIMS.items()],
        "lines": [*lines, *[("", "")] * (FREE_LINES if offered else 0)],
        "offered": offered,
        "defaults": DEFAULTS[row.kind],
    }
