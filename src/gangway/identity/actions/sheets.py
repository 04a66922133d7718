"""A partner's IT confirms a version of the connection sheet."""

from datetime import datetime
from uuid import UUID

from gangway.identity.events import SheetSigned
from gangway.identity.models import SignedSheet
from gangway.identity.queries.sheets import last_signature, live_sheet
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Refusal
from gangway.kernel.values import clean_line


class SheetMoved(Refusal):
    code = "identity.sheet_moved"
    status = 409
    message = "The configuration has changed since you opened this sheet."
    next_step = "Read what it says now, then sign that."


@action("identity.sheet.sign")
def sign_sheet(*, digest: str, signer: str, locale: str, link_id: UUID, actor: Actor, now: datetime) -> None:
    """Keep that `signer` confirmed the sheet of the scope's partner, whose SHA-256 is `digest`, as they read it in the
    language `locale`. Signing the same version twice keeps one signature. SheetMoved: it says something else by now.
    Invalid: no name."""
    name = clean_line(signer, "signer")
    live = live_sheet(now)
    if live.digest != digest:
        raise SheetMoved
    last = last_signature()
    if last is not None and last.digest == digest:
        return
    made = SignedSheet.objects.create(
        text=live.text, digest=digest, locale=locale, signer=name, link_id=link_id, at=now
    )
    audit.record(
        actor=actor,
        verb="identity.sheet.sign",
        object_type="identity.signed_sheet",
        object_id=made.id,
        changes={"digest": digest, "language": locale, "link": str(link_id)},
        now=now,
    )
    publish(SheetSigned(sheet_id=made.id, digest=digest), subject_id=made.id, now=now, actor=actor)
