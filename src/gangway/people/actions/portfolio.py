"""Who of the channel team looks after a partner."""

from datetime import datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partner_actions
from gangway.partners import queries as partners
from gangway.people.models import Person
from gangway.people.rules import COMES_IN


@action("people.portfolio.give")
def give_to(*, person_id: UUID | None, actor: Actor, now: datetime) -> None:
    """Let one person at the host look after the scope's partner, and nobody else; None: nobody does.

    Invalid: the partner is the host itself, or the person is not (any more) at the host.
    """
    partner = partners.partner_by_id(scopes.writer())
    if partner.kind == "host":
        raise Invalid(field="manager", problem="Your own company is looked after by all of you.")
    if person_id is not None and not _works_at_host(person_id):
        problem = "This person is not of the channel team."
        raise Invalid(field="manager", problem=problem, mend="Choose somebody who works at your own company.")
    for other in partners.looked_after_by(partner.id):
        if other != person_id:
            partner_actions.set_portfolio(person_id=other, looked_after=False, actor=actor, now=now)
    if person_id is not None and person_id not in partners.looked_after_by(partner.id):
        partner_actions.set_portfolio(person_id=person_id, looked_after=True, actor=actor, now=now)


def _works_at_host(person_id: UUID) -> bool:
    host = partners.host_partner()
    if host is None:
        return False
    with scopes.one(host.id):
        return bool(Person.objects.filter(pk=person_id, state__in=COMES_IN).exists())
