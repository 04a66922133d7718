"""Work of identity that waits: letters that were asked for, and tries to be forgotten."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from gangway.identity import actions, queries
from gangway.identity.actions import scim
from gangway.identity.queries import scim as scim_queries
from gangway.identity.rules import LETTERS_WAITING, Step
from gangway.identity.rules.saml import METADATA_LIMIT
from gangway.identity.saml.fetching import fetch_metadata
from gangway.identity.saml.metadata import read_metadata
from gangway.kernel import clock, dns, outbound
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import progress, task
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.messaging import queries as messaging
from gangway.partners import queries as partners

BATCH = 50
LOOK_FOR = timedelta(minutes=2)
LOOK_AGAIN = timedelta(minutes=1)  # at one provider, however many ask for codes
LOOK_SECONDS = 5.0
_LOOKED: dict[UUID, datetime] = {}  # when this process asked a provider last
WRITER = Actor.job("identity.write_asked")
WATCHER = Actor.job("identity.watch_expiry")
REFRESHER = Actor.job("identity.refresh_saml_metadata")


def write_asked(now: datetime) -> int:
    """The worker's round: write the letters that the sign-in page noted; how many were looked at.

    While the mail server is behind, they stay noted: those it could not take in time are never written. Who asks for a
    code past a company's sign-in may do so because it is down, which a browser sees and we do not: so it is asked.
    """
    if messaging.urgent_waiting(LETTERS_WAITING):
        return 0
    asked = queries.letters_asked_for(BATCH)
    for challenge_id in asked:
        _look_at_providers(challenge_id, now)
        actions.write_letter(challenge_id=challenge_id, actor=WRITER, now=now)
    return len(asked)


def _look_at_providers(challenge_id: UUID, now: datetime) -> None:
    for one in queries.providers_to_look_at(challenge_id, now):
        last = _LOOKED.get(one.connection_id)
        if last is not None and timedelta(0) <= now - last < LOOK_AGAIN:
            continue
        _LOOKED[one.connection_id] = now
        problem = _silence(one)
        if problem:
            actions.note_provider_failure(
                connection_id=one.connection_id,
                partner_id=one.partner_id,
                step=Step.PROVIDER_BROKEN,
                reason=one.reason,
                detail=problem,
                actor=WRITER,
                now=now,
            )


def _silence(one: queries.Lookable) -> str:
    """Why a provider cannot be reached where it tells about itself; "" where it can, or was moved into our house."""
    try:
        answer = outbound.fetch(one.address, allow=one.inside, seconds=LOOK_SECONDS, limit=METADATA_LIMIT)
    except outbound.NotOutside:
        return ""
    except outbound.NoAnswer as error:
        return f"It was asked whether it is there: {error}."
    return f"It was asked whether it is there: the answer was {answer.status}." if answer.status >= 500 else ""


@task()
def forget_old_challenges() -> int:
    """Nightly: challenges, questions to authenticators and departures nobody can use or count any more, failed sign-ins
    and lines of directories' logs of a month ago, and who waited in vain to join; how many."""
    actor, now = Actor.job("identity.forget_old_challenges"), clock.now()
    forget = (
        actions.forget_challenges,
        actions.forget_ceremonies,
        actions.forget_departures,
        actions.forget_failed,
        actions.forget_joining,
    )
    return sum(forget_these(actor=actor, now=now) for forget_these in forget) + _forget_logs(actor, now)


def _forget_logs(actor: Actor, now: datetime) -> int:
    gone = 0
    for partner_id, connection_id in scim_queries.connections_heard():
        piece = scim.PIECE
        while piece == scim.PIECE:
            piece = scim.forget_exchanges(partner_id=partner_id, connection_id=connection_id, actor=actor, now=now)
            gone += piece
    return gone


@task()
def look_at_domains() -> int:
    """Every five minutes: ask the zones of domains that wait for their proof; how many were asked.

    A zone that does not answer costs seconds, so one turn ends after LOOK_FOR; the longest waiting go first.
    """
    until, asked = clock.now() + LOOK_FOR, 0
    for partner_id, claim_id in queries.domains_to_look_at(clock.now(), BATCH):
        if clock.now() > until:
            break
        with scopes.one(partner_id):
            _look(claim_id)
        asked += 1
    return asked


def _look(claim_id: UUID) -> None:
    try:
        texts: tuple[str, ...] | None = dns.texts(queries.domain_claim(claim_id, clock.now()).record)
    except dns.Silent:
        texts = None
    actions.note_look(claim_id=claim_id, texts=texts, actor=Actor.job("identity.look_at_domains"), now=clock.now())


@task()
def refresh_saml_metadata() -> int:
    """Daily: ask the providers whose metadata stand at an address; how many brought something new.

    What cannot be fetched or read leaves everything as it was, and is kept beside it for whoever looks.
    """
    return sum(_refresh(one) for one in queries.saml_refreshable())


def _refresh(one: queries.Refreshable) -> bool:
    https_only, now = settings.BASE_URL.startswith("https://"), clock.now()
    with scopes.one(one.partner_id):
        try:
            raw = fetch_metadata(one.metadata_url, https_only=https_only)
            metadata = read_metadata(raw, https_only=https_only, now=now, entity_id=one.entity_id)
            return actions.set_saml_metadata(
                connection_id=one.connection_id, metadata=metadata, url=one.metadata_url, actor=REFRESHER, now=now
            )
        except Refusal as refusal:
            actions.note_saml_problem(connection_id=one.connection_id, problem=str(refusal), actor=REFRESHER, now=now)
            return False


@task()
def watch_expiry() -> int:
    """Daily: look at what open connections live on, and tell both sides where it runs out; how many were told of."""
    return watch_expiry_at(clock.now())


def watch_expiry_at(now: datetime) -> int:
    """The same at a given time. Safe to run again: each step is told once."""
    told, watched = 0, queries.connections_to_watch()
    for number, (partner_id, connection_id) in enumerate(watched, 1):
        step = actions.tell_expiry(partner_id=partner_id, connection_id=connection_id, actor=WATCHER, now=now)
        told += step is not None
        progress(number, len(watched))
    host = partners.host_partner()
    if host is not None:
        with scopes.one(host.id):
            told += actions.tell_portal_keys(actor=WATCHER, now=now)
    return told


@task()
def forget_saml_answers() -> int:
    """Hourly: what providers and the vendor's portal sent and nobody fetched, and what ran out of it; how many."""
    actor, now, gone = Actor.job("identity.forget_saml_answers"), clock.now(), 0
    for partner_id in queries.partners_with_saml():
        with scopes.one(partner_id):
            gone += actions.forget_assertions(actor=actor, now=now)
    return gone + actions.forget_handovers(actor=actor, now=now)


@task()
def ask_access_reviews() -> int:
    """Daily: ask the admins of each partner whose quarter has begun to confirm who sees its data; how many partners."""
    return ask_access_reviews_at(clock.now())


def ask_access_reviews_at(now: datetime) -> int:
    """The same at a given time. Safe to run again: each quarter is asked for once."""
    asker, asked, all_ = Actor.job("identity.ask_access_reviews"), 0, queries.partners_to_ask()
    for number, partner_id in enumerate(all_, 1):
        asked += actions.ask_access_review(partner_id=partner_id, actor=asker, now=now)
        progress(number, len(all_))
    return asked
