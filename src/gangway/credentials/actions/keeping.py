"""The holder proves a mailbox of their own, and keeps their awards by it when they leave."""

from datetime import datetime, timedelta
from uuid import UUID

from gangway.credentials.models import Award, AwardClaim, MailboxTry, PrivateMailbox
from gangway.credentials.rules import CODE_LIFE, CODES_A_DAY, PROVE, Proven, may_be_typed
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.kernel.values import mail_key
from gangway.messaging import actions as messaging
from gangway.messaging.letters import Priority
from gangway.messaging.queries import mailbox_digest
from gangway.people import queries as people


class NotPrivate(Refusal):
    code = "credentials.not_private"
    message = "That is the address your company knows you by; it ends with your account."
    next_step = "Give an address that stays yours wherever you work."


class TooManyCodes(Refusal):
    code = "credentials.too_many_codes"
    status = 429
    message = "Enough codes were sent for one day."
    next_step = "Look for the last letter, also among spam, or ask again tomorrow."


@action("credentials.mailbox.ask")
def ask_to_keep(*, person_id: UUID, address: str, actor: Actor, now: datetime) -> None:
    """Send a code to a mailbox of the person's own. Refuses with Invalid, NotPrivate and TooManyCodes."""
    key, person = mail_key(address), people.person(person_id)
    if person.email and mail_key(person.email) == key:
        raise NotPrivate
    if MailboxTry.objects.filter(person_id=person_id, asked_at__gt=now - timedelta(days=1)).count() >= CODES_A_DAY:
        raise TooManyCodes
    code = secrets.code()
    row = MailboxTry.objects.create(
        person_id=person_id, mailbox=mailbox_digest(address), code=_code_digest(person_id, code), asked_at=now
    )
    messaging.queue_message(
        person_id=person_id,
        letter_key=PROVE,
        dedupe_key=f"{PROVE}:{row.pk}",
        secret=code,
        to=address,
        priority=Priority.SIGN_IN,
        not_after=now + CODE_LIFE,
        actor=actor,
        now=now,
    )
    _note(actor, "credentials.mailbox.ask", person_id, {}, now)


@action("credentials.mailbox.prove")
def prove_mailbox(*, person_id: UUID, code: str, actor: Actor, now: datetime) -> Proven:
    """The code of the last letter: every award the person holds, or earns from now on, is kept by that mailbox alone.

    A wrong code is counted, so it is an answer and no refusal; after five of them, or half an hour, none opens.
    """
    row = MailboxTry.objects.select_for_update().filter(person_id=person_id).order_by("-asked_at", "-id").first()
    if row is None or not may_be_typed(
        asked_at=row.asked_at, wrong_tries=row.wrong_tries, used_at=row.used_at, now=now
    ):
        return Proven.VOID
    if not secrets.same(row.code, _code_digest(person_id, code)):
        row.wrong_tries += 1
        row.save(update_fields=["wrong_tries"])
        return Proven.WRONG
    row.used_at = now
    row.save(update_fields=["used_at"])
    PrivateMailbox.objects.update_or_create(
        person_id=person_id, defaults={"mailbox": bytes(row.mailbox), "proven_at": now, "ended_at": None}
    )
    held = Award.objects.filter(person_id=person_id)
    AwardClaim.objects.filter(award_id__in=list(held.values_list("pk", flat=True))).delete()
    AwardClaim.objects.bulk_create(_claim(award, bytes(row.mailbox)) for award in held)
    _note(actor, "credentials.mailbox.keep", person_id, {"awards": held.count()}, now)
    return Proven.KEPT


@action("credentials.mailbox.let_go")
def let_mailbox_go(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """The person's awards are reached by no private mailbox any more. Done twice it is done once."""
    if release(person_id, now):
        _note(actor, "credentials.mailbox.let_go", person_id, {}, now)


def release(person_id: UUID, now: datetime) -> bool:
    """Blank the mailbox and drop what leads from it to the person's awards; whether there was one."""
    ended = PrivateMailbox.objects.filter(person_id=person_id, mailbox__isnull=False)
    found = bool(ended.update(mailbox=None, ended_at=now))
    held = Award.objects.filter(person_id=person_id).values_list("pk", flat=True)
    AwardClaim.objects.filter(award_id__in=list(held)).delete()
    return found


def keep_new(award: Award) -> None:
    """An award that was just issued is kept like those before it."""
    kept = PrivateMailbox.objects.filter(person_id=award.person_id, mailbox__isnull=False).first()
    if kept is not None:
        _claim(award, bytes(kept.mailbox)).save()


def _claim(award: Award, mailbox: bytes) -> AwardClaim:
    return AwardClaim(mailbox=mailbox, partner_id=award.partner_id, award=award)


def _code_digest(person_id: UUID, code: str) -> bytes:
    signs = "".join(sign for sign in code if sign.isdecimal())[:12]
    return secrets.digest(f"private-mailbox:{person_id}:{signs}")


def _note(actor: Actor, verb: str, person_id: UUID, changes: dict[str, int], now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="people.person", object_id=person_id, changes=changes, now=now)
