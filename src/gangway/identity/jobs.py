"""Work of identity that waits: letters that were asked for, and tries to be forgotten."""

from datetime import datetime, timedelta
from uuid import UUID

from gangway.identity import actions, queries
from gangway.identity.rules import LETTERS_WAITING
from gangway.kernel import clock, dns
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import task
from gangway.kernel.tenancy import scopes
from gangway.messaging import queries as messaging

BATCH = 50
LOOK_FOR = timedelta(minutes=2)
WRITER = Actor.job("identity.write_asked")


def write_asked(now: datetime) -> int:
    """The worker's round: write the letters that the sign-in page noted; how many were looked at.

    While the mail server is behind, they stay noted: those it could not take in time are never written.
    """
    if messaging.urgent_waiting(LETTERS_WAITING):
        return 0
    asked = queries.letters_asked_for(BATCH)
    for challenge_id in asked:
        actions.write_letter(challenge_id=challenge_id, actor=WRITER, now=now)
    return len(asked)


@task()
def forget_old_challenges() -> int:
    """Nightly: challenges, questions to authenticators and departures nobody can use or count any more, and failed
    sign-ins of a month ago; how many."""
    actor, now = Actor.job("identity.forget_old_challenges"), clock.now()
    forget = (
        actions.forget_challenges,
        actions.forget_ceremonies,
        actions.forget_departures,
        actions.forget_failed,
    )
    return sum(forget_these(actor=actor, now=now) for forget_these in forget)


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
