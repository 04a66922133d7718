"""The vendor confirms a version of a partner type's tech spec."""

from datetime import datetime
from uuid import UUID

from gangway.identity.events import SpecSigned
from gangway.identity.models import SignedSpec
from gangway.identity.queries.specs import spec_page
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Refusal


class SpecMoved(Refusal):
    code = "identity.spec_moved"
    status = 409
    message = "The configuration has changed since you opened this spec."
    next_step = "Read what it says now, then sign that."


@action("identity.spec.sign")
def sign_spec(*, type_key: str, digest: str, locale: str, signed_by: UUID, actor: Actor, now: datetime) -> None:
    """Keep that `signed_by` of the staff confirmed the spec of a type, whose SHA-256 is `digest`, as they read it in
    the language `locale`; in the vendor's scope. Signing the same version twice keeps one signature. NotFound: no such
    type. SpecMoved: it says something else by now."""
    page = spec_page(type_key, now)
    if page.live.digest != digest:
        raise SpecMoved
    if page.signed is not None and page.signed.digest == digest:
        return
    made = SignedSpec.objects.create(
        type_key=type_key, text=page.live.text, digest=digest, locale=locale, signed_by=signed_by, at=now
    )
    audit.record(
        actor=actor,
        verb="identity.spec.sign",
        object_type="identity.signed_spec",
        object_id=made.id,
        changes={"type": type_key, "digest": digest, "language": locale},
        now=now,
    )
    fact = SpecSigned(spec_id=made.id, type_key=type_key, digest=digest)
    publish(fact, subject_id=made.id, now=now, actor=actor)
