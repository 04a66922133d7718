"""Writes of credentials: define what a course earns, issue, revoke and renew it, show one's name, remind."""

from gangway.credentials.actions.awards import AlreadyRevoked, Completed, NotDefinedYet, issue_award, revoke_award
from gangway.credentials.actions.definitions import NothingPublished, define_credential, define_default
from gangway.credentials.actions.names import agree_to_name
from gangway.credentials.actions.reminding import remind_of_ending
from gangway.credentials.actions.renewing import NotOffered, NotRenewable, renew_award

__all__ = [
    "AlreadyRevoked",
    "Completed",
    "NotDefinedYet",
    "NotOffered",
    "NotRenewable",
    "NothingPublished",
    "agree_to_name",
    "define_credential",
    "define_default",
    "issue_award",
    "remind_of_ending",
    "renew_award",
    "revoke_award",
]
