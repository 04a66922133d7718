"""Writes of credentials: define what a course earns, issue, revoke and renew it, show one's name, remind, keep."""

from gangway.credentials.actions.asking import AsksWait, ask_for_kept, forget_asks, write_kept_letter
from gangway.credentials.actions.awards import AlreadyRevoked, Completed, NotDefinedYet, issue_award, revoke_award
from gangway.credentials.actions.configuring import CONFIGURED
from gangway.credentials.actions.definitions import (
    CredentialUsed,
    NothingPublished,
    define_credential,
    define_default,
    take_away_credential,
)
from gangway.credentials.actions.keeping import (
    NotPrivate,
    TooManyCodes,
    ask_to_keep,
    let_mailbox_go,
    prove_mailbox,
    release,
)
from gangway.credentials.actions.names import agree_to_name
from gangway.credentials.actions.reminding import remind_of_ending
from gangway.credentials.actions.renewing import NotOffered, NotRenewable, renew_award
from gangway.credentials.rules import RevokeReason

__all__ = [
    "CONFIGURED",
    "AlreadyRevoked",
    "AsksWait",
    "Completed",
    "CredentialUsed",
    "NotDefinedYet",
    "NotOffered",
    "NotPrivate",
    "NotRenewable",
    "NothingPublished",
    "RevokeReason",
    "TooManyCodes",
    "agree_to_name",
    "ask_for_kept",
    "ask_to_keep",
    "define_credential",
    "define_default",
    "forget_asks",
    "issue_award",
    "let_mailbox_go",
    "prove_mailbox",
    "release",
    "remind_of_ending",
    "renew_award",
    "revoke_award",
    "take_away_credential",
    "write_kept_letter",
]
