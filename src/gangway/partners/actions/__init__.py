"""Writes about partners: a whole file (`apply`), its undo (`runs`), one partner (`partner`, `contacts`,
`launch`, `domains`), a shell's doors (`shells`), the words for types and tiers (`vocabulary`), and all of it as
configuration by keys (`configuring`)."""

from gangway.partners.actions.apply import ApplyReport, apply_partners
from gangway.partners.actions.configuring import CONFIGURED, put_partner, take_away_partner
from gangway.partners.actions.contacts import add_contact, change_contact, remove_contact
from gangway.partners.actions.domains import drop_domain, keep_domain
from gangway.partners.actions.launch import set_launched
from gangway.partners.actions.partner import (
    HostExists,
    create_host,
    edit_partner,
    limit_sessions,
    set_brand,
    set_portfolio,
    set_state,
    set_tier,
)
from gangway.partners.actions.runs import UndoReport, undo_run
from gangway.partners.actions.shells import NotAShell, close_shell, open_shell
from gangway.partners.actions.vocabulary import define_types_and_tiers, remove_tier, remove_type

__all__ = [
    "CONFIGURED",
    "ApplyReport",
    "HostExists",
    "NotAShell",
    "UndoReport",
    "add_contact",
    "apply_partners",
    "change_contact",
    "close_shell",
    "create_host",
    "define_types_and_tiers",
    "drop_domain",
    "edit_partner",
    "keep_domain",
    "limit_sessions",
    "open_shell",
    "put_partner",
    "remove_contact",
    "remove_tier",
    "remove_type",
    "set_brand",
    "set_launched",
    "set_portfolio",
    "set_state",
    "set_tier",
    "take_away_partner",
    "undo_run",
]
