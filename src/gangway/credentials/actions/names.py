"""The holder agrees that strangers see their name, or takes it back."""

from datetime import datetime
from uuid import UUID

from gangway.credentials.models import NameConsent
from gangway.credentials.rules import CONSENT_VERSION
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.people import queries as people


@action("credentials.name.agree")
def agree_to_name(*, person_id: UUID, agreed: bool, locale: str, actor: Actor, now: datetime) -> None:
    """Show the person's name on the public pages of their awards, or no longer. Saying the same again adds nothing."""
    people.person(person_id)
    last = NameConsent.objects.filter(person_id=person_id).order_by("-n").first()
    if (last.agreed if last else False) == agreed:
        return
    NameConsent.objects.create(
        person_id=person_id,
        n=(last.n if last else 0) + 1,
        agreed=agreed,
        version=CONSENT_VERSION,
        locale=locale,
        at=now,
    )
    audit.record(
        actor=actor,
        verb="credentials.name.agree",
        object_type="people.person",
        object_id=person_id,
        changes={"agreed": agreed, "version": CONSENT_VERSION},
        now=now,
    )
