"""Coming in with a factor: as the second proof after the mailbox, or by a passkey alone."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from gangway.identity.actions import failed
from gangway.identity.actions.candidates import Candidate, candidate_of, direct_candidate
from gangway.identity.actions.ceremonies import spend
from gangway.identity.actions.challenges import Completed, stored
from gangway.identity.actions.factors import recovery_digest, tell
from gangway.identity.actions.identities import link_named
from gangway.identity.actions.sessions import NewSession, begin_session
from gangway.identity.models import AuthenticatorApp, Challenge, Passkey, RecoveryCode
from gangway.identity.queries import factors as held
from gangway.identity.queries.doors import browser_digest, youngest_of
from gangway.identity.rules import Method, State, passkeys, safe_next
from gangway.identity.rules.factors import (
    FACTOR_TRIES,
    Factor,
    Purpose,
    Standing,
    accepted_step,
    count_went_back,
    owner_of,
    standing_of,
)
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes

CLOSED = {Standing.OVER: State.EXPIRED, Standing.LOCKED: State.LOCKED}


@action("identity.factor.prove", scoped=False)
def prove_factor(
    *,
    browser: str,
    factor: Factor,
    answer: str,
    device: str = "",
    replaces: str = "",
    actor: Actor,
    now: datetime,
) -> Completed:
    """Sign in the person whose mailbox this browser proved, by what they hold beside it.

    answer: the app's six digits, a recovery code as it was made, or an authenticator's answer as JSON. A wrong one is
    an answer with the tries that remain, not an exception: the try must stay counted. EXPIRED where nobody is asked
    here, or their access changed since the mailbox was proven; LOCKED after five wrong ones, or twenty within a day.
    """
    row = youngest_of(browser)
    if row is None or not held.asked_here(row, browser):
        return Completed(State.EXPIRED)
    standing = standing_of(held.asking(row, now), now)
    if standing is not Standing.OPEN or not _count(row):
        return Completed(CLOSED.get(standing, State.LOCKED))
    candidate = stored(row)[0]
    if candidate != candidate_of(candidate.partner_id, candidate.person_id):
        return Completed(State.EXPIRED)
    with scopes.one(candidate.partner_id):
        if not _holds(factor, answer, candidate, browser, now):
            return _wrong(row, candidate, factor, now)
        if not Challenge.objects.filter(pk=row.pk, used_at=None).update(
            used_at=now, factor_tries=F("factor_tries") - 1
        ):
            return Completed(State.USED)
        failed.came_in(candidate.person_id, row.number, now)
        _link(row, candidate, now)
        _note("identity.factor.pass", candidate, {"factor": factor.value}, now)
        session = _begin(candidate, Method(row.proven_by), device, replaces, now)
    return Completed(State.OPEN, session, next_path=row.next_path)


def _link(row: Challenge, candidate: Candidate, now: datetime) -> None:
    """Who named them knows them from now on, as where no factor is asked."""
    if row.provider is not None:
        actor = Actor.person(candidate.person_id)
        link_named(provider=row.provider, subject=row.subject, person_id=candidate.person_id, actor=actor, now=now)


def _count(row: Challenge) -> bool:
    """Count the try before comparing: parallel guesses cannot outrun the limit."""
    open_row = Challenge.objects.filter(pk=row.pk, factor_tries__lt=FACTOR_TRIES, used_at=None)
    return bool(open_row.update(factor_tries=F("factor_tries") + 1))


def _wrong(row: Challenge, candidate: Candidate, factor: Factor, now: datetime) -> Completed:
    row.refresh_from_db()
    _note("identity.factor.refuse", candidate, {"factor": factor.value, "tries": row.factor_tries}, now)
    standing = standing_of(held.asking(row, now), now)
    left = max(0, FACTOR_TRIES - row.factor_tries)
    return Completed(CLOSED.get(standing, State.OPEN), tries_left=left, next_path=row.next_path)


def _holds(factor: Factor, answer: str, candidate: Candidate, browser: str, now: datetime) -> bool:
    match factor:
        case Factor.APP:
            return _app_shows(candidate.person_id, answer, now)
        case Factor.RECOVERY:
            return _recovers(candidate, answer, now)
        case Factor.PASSKEY:
            nonce = spend(Purpose.FACTOR, browser, now)
            return nonce is not None and _signed(candidate, answer, nonce, verified=False, now=now)


def _app_shows(person_id: UUID, code: str, now: datetime) -> bool:
    """Whether the app shows this code, and showed it to us for the first time."""
    app = AuthenticatorApp.objects.filter(person_id=person_id, confirmed_at__isnull=False).first()
    step = accepted_step(code, secrets.unseal(app.secret), app.last_step, now) if app else None
    if app is None or step is None:
        return False
    unseen = AuthenticatorApp.objects.filter(Q(last_step=None) | Q(last_step__lt=step), pk=app.pk)
    return bool(unseen.update(last_step=step, last_used_at=now))


def _recovers(candidate: Candidate, code: str, now: datetime) -> bool:
    unused = RecoveryCode.objects.filter(
        person_id=candidate.person_id, digest=recovery_digest(candidate.person_id, code), used_at=None
    )
    if not unused.update(used_at=now):
        return False
    tell("recovery_used", candidate.person_id, Actor.person(candidate.person_id), now)
    return True


def _signed(candidate: Candidate, answer: str, nonce: bytes, *, verified: bool, now: datetime) -> bool:
    """Whether a passkey of this person signed this question. One that counts backwards is refused and audited."""
    party = held.party()
    try:
        claim = passkeys.claim_of(answer)
        row = Passkey.objects.filter(person_id=candidate.person_id, credential_id=claim.credential_id).first()
        if row is None or party is None:
            return False
        done = passkeys.proven(party, nonce, answer, public_key=bytes(row.public_key), verified=verified)
    except passkeys.Unproven:
        return False
    if count_went_back(row.sign_count, done.sign_count):
        counts = {"passkey": str(row.id), "stored": row.sign_count, "shown": done.sign_count}
        _note("identity.passkey.count_went_back", candidate, counts, now)
        return False
    ours = Passkey.objects.filter(pk=row.pk, sign_count=row.sign_count)
    return bool(ours.update(sign_count=done.sign_count, last_used_at=now))


# ---------------------------------------------------------------- a passkey alone


@action("identity.passkey.sign_in", scoped=False)
def sign_in_by_passkey(
    *,
    browser: str,
    answer: str,
    next_path: str = "/",
    device: str = "",
    replaces: str = "",
    actor: Actor,
    now: datetime,
) -> Completed:
    """Sign in whose passkey answered, if it verified its user: it stands for the mailbox and the factor.

    Whatever is wrong (nobody's, removed, somebody's who may not come in, not verified, another question) the answer
    is EXPIRED: strangers learn nothing.
    """
    nonce = spend(Purpose.SIGN_IN, browser, now)
    candidate = _claimed(answer, browser, now) if nonce else None
    if nonce is None or candidate is None:
        return Completed(State.EXPIRED)
    with scopes.one(candidate.partner_id):
        if not _signed(candidate, answer, nonce, verified=True, now=now):
            return Completed(State.EXPIRED)
        failed.came_in(candidate.person_id, "", now)
        session = _begin(candidate, Method.PASSKEY, device, replaces, now)
    return Completed(State.OPEN, session, next_path=safe_next(next_path))


def _claimed(answer: str, browser: str, now: datetime) -> Candidate | None:
    """Whose passkey it says it is, if such a person may come in by it: not past their company's sign-in."""
    try:
        owner = owner_of(passkeys.claim_of(answer).handle)
        return direct_candidate(*owner, now, browser_digest(browser)) if owner else None
    except (passkeys.Unproven, NotFound):
        return None


def _begin(candidate: Candidate, method: Method, device: str, replaces: str, now: datetime) -> NewSession:
    return begin_session(
        person_id=candidate.person_id,
        method=method,
        device=device,
        replaces=replaces,
        actor=Actor.person(candidate.person_id),
        now=now,
    )


def _note(verb: str, candidate: Candidate, changes: dict[str, str | int], now: datetime) -> None:
    audit.record(
        actor=Actor.person(candidate.person_id),
        verb=verb,
        object_type="people.person",
        object_id=candidate.person_id,
        changes=changes,
        now=now,
    )
