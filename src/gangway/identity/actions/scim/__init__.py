"""Writes of directories (SCIM): users, groups, breakers and the log."""

from gangway.identity.actions.scim.groups import (
    Change,
    ChangedMeanwhile,
    NameTaken,
    change_group,
    create_group,
    delete_group,
    lead_group,
)
from gangway.identity.actions.scim.holding import Held, decide_hold, open_hold
from gangway.identity.actions.scim.log import PIECE, forget_exchanges, note_exchange
from gangway.identity.actions.scim.users import MailboxTaken, change_user, create_user, delete_user

__all__ = [
    "PIECE",
    "Change",
    "ChangedMeanwhile",
    "Held",
    "MailboxTaken",
    "NameTaken",
    "change_group",
    "change_user",
    "create_group",
    "create_user",
    "decide_hold",
    "delete_group",
    "delete_user",
    "forget_exchanges",
    "lead_group",
    "note_exchange",
    "open_hold",
]
