"""A partner's IT is asked to connect it: the link is made and closed, a sign-in is tried, a connection that works is
opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.actions.connecting import Conduct, set_conduct
from gangway.identity.actions.connections import set_connection_state
from gangway.identity.actions.provider import joined_person
from gangway.identity.models import SetUpLink, Trial
from gangway.identity.queries.connections import connection
from gangway.identity.queries.reach import went
from gangway.identity.queries.setup import last_trial, link_of_set_up_digest
from gangway.identity.rules.connections import Asserted, ConnectionState
from gangway.identity.rules.trial import LINK_LIFE, LINKS_AT_ONCE, Met, judge, passes
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners


class EnoughLinks(Refusal):
    code = "identity.enough_set_up_links"
    message = "{n} links for IT are open already."
    next_step = "Forward one of them, or close one first."


class NotTried(Refusal):
    code = "identity.not_tried"
    message = "Nobody has tried this sign-in yet, or the last try failed."
    next_step = "Press “Try it” and sign in once; nobody else is told."


class AdminsYes(Refusal):
    code = "identity.admins_yes"
    message = "Your company has proven no mail domain, so its admin opens this connection."
    next_step = "Prove a domain, or ask the admin to press Open it."


@dataclass(frozen=True, slots=True)
class MadeLink:
    """`token` stands in the address and is stored nowhere."""

    link_id: UUID
    token: str
    expires_at: datetime


@action("identity.set_up_link.make")
def make_set_up_link(*, asked_by: UUID, actor: Actor, now: datetime) -> MadeLink:
    """A link for the IT of the scope's partner, for thirty days. EnoughLinks: five hold at once."""
    partner_id = scopes.writer()
    holding = SetUpLink.objects.filter(partner=partner_id, closed_at=None, expires_at__gt=now)
    if holding.count() >= LINKS_AT_ONCE:
        raise EnoughLinks(n=LINKS_AT_ONCE)
    token = secrets.token()
    row = SetUpLink.objects.create(
        digest=link_of_set_up_digest(token),
        partner_id=partner_id,
        asked_by=asked_by,
        made_at=now,
        expires_at=now + LINK_LIFE,
    )
    _note("identity.set_up_link.make", "identity.set_up_link", row.id, {}, actor, now)
    return MadeLink(row.id, token, row.expires_at)


@action("identity.set_up_link.close")
def close_set_up_link(*, link_id: UUID, actor: Actor, now: datetime) -> None:
    """It opens nothing from the next request on. NotFound beyond the scope's partner."""
    mine = SetUpLink.objects.filter(pk=link_id, partner=scopes.writer())
    if not mine.exists():
        raise NotFound
    if mine.filter(closed_at=None).update(closed_at=now):
        _note("identity.set_up_link.close", "identity.set_up_link", link_id, {}, actor, now)


@action("identity.trial.keep")
def keep_trial(*, connection_id: UUID, met: Sequence[Met], claims: Sequence[str], actor: Actor, now: datetime) -> bool:
    """Keep what a tried sign-in was found to be, as evidence; whether people could sign in like this."""
    row = connection(connection_id)
    passed = passes(met)
    trial = Trial.objects.create(
        connection_id=row.id,
        at=now,
        passed=passed,
        rules=[[one.rule.value, one.passed, one.detail[:300]] for one in met],
        claims=sorted(claims)[:100],
    )
    changes: dict[str, str | bool] = {"connection": str(row.id), "passed": passed}
    _note("identity.trial.keep", "identity.trial", trial.id, changes, actor, now)
    return passed


@action("identity.trial.judge", scoped=False)
def try_sign_in(
    *, connection_id: UUID, partner_id: UUID, asserted: Asserted, actor: Actor, now: datetime
) -> tuple[Met, ...]:
    """Judge what a provider signed for a connection that is not open, and keep it. Nobody is signed in or admitted."""
    with scopes.one(partner_id):
        row = connection(connection_id)
        met = judge(
            asserted,
            row.claims,
            proven=[domain.name for domain in partners.domains(partner_id)],
            join_claim=row.join_claim if row.joined_id is not None else None,
            joins=joined_person(row, asserted) is not None,
            account=went(row, asserted).where if row.account_claim else None,
        )
        keep_trial(connection_id=row.id, met=met, claims=list(asserted.claims), actor=actor, now=now)
        return met


@action("identity.connection.open_tried")
def open_tried(*, connection_id: UUID, actor: Actor, now: datetime) -> None:
    """Open a connection on the word of whoever set it up by a link. NotTried: the last try has to have passed (a
    directory needs none). AdminsYes: without a proven mail domain the partner's admin opens it. Where nobody has
    said whose way in a sign-in is, it becomes that of all the proven domains: open to nobody it would be no use."""
    row = connection(connection_id)
    trial = last_trial(row.id)
    if row.kind.signs_in and (trial is None or not trial.passed):
        raise NotTried
    proven = [domain.name for domain in partners.domains(row.partner_id)]
    if not proven:
        raise AdminsYes
    if row.kind.signs_in and not row.domains:
        set_conduct(connection_id=row.id, conduct=Conduct(domains=proven), actor=actor, now=now)
    set_connection_state(connection_id=row.id, state=ConnectionState.ACTIVE, actor=actor, now=now)


def _note(verb: str, kind: str, key: UUID, changes: dict[str, str | bool], actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type=kind, object_id=key, changes=changes, now=now)
