"""The name another system uses for somebody, where that system does not look after them."""

from datetime import datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound
from gangway.people.actions.persons import AlreadyHere, locked, note
from gangway.people.models import ExternalId
from gangway.people.rules import GONE


@action("people.person.name_elsewhere")
def name_elsewhere(*, person_id: UUID, source: str, value: str, actor: Actor, now: datetime) -> bool:
    """Say by which name a system (`source`) knows somebody of the open scope; "" takes it away. Whether it is another.

    NotFound: they are gone. Invalid: a name that cannot be. AlreadyHere: it is somebody else's there.
    """
    person = locked(person_id)
    if person.state in GONE:
        raise NotFound
    if len(value) > 255 or not (value == "" or value.isprintable()):
        raise Invalid(field="external_id", problem="The number elsewhere is no text of at most 255 signs.")
    known = ExternalId.objects.filter(person=person.id, source=source).first()
    if (known.value if known else "") == value:
        return False
    if value and ExternalId.objects.filter(source=source, value=value).exists():
        raise AlreadyHere(field="external_id", email=value)
    if known is not None:
        known.delete()
    if value:
        ExternalId.objects.create(person=person, source=source, value=value)
    note(actor, "people.person.name_elsewhere", person.id, {"source": source, "external_id": value}, now)
    return True
