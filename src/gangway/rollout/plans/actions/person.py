"""The person behind an actor, where only a person will do."""

from uuid import UUID

from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import Refusal


class NeedsAPerson(Refusal):
    """Vouching, deciding and attending are done by a signed-in person, never by a job or a token."""

    code = "plans.needs_a_person"
    status = 403
    message = "Only a person who is signed in can do this."
    next_step = "Sign in and do it from the plan's page."


def person_of(actor: Actor) -> UUID:
    """The person's id. Refuses everyone else with NeedsAPerson."""
    if actor.kind is not ActorKind.PERSON:
        raise NeedsAPerson()
    return UUID(actor.id)
