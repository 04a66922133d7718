"""Scenarios of partners: what a file or a form changes in them, and who looks after them."""

from gangway.kernel.sheets import Line
from gangway.partners import actions as partners
from gangway.partners.rules import State, TierSpec, TypeSpec
from gangway.people import actions as people
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, PARTNERS, at_host, at_nordwind


@scenario("partner apply", kind="steps", aside=("partners.ApplyRun", "partners.ApplyRow", "kernel.AuditEntry"))
def partner_apply(stage: Stage) -> None:
    more = [Line(4, {"slug": "suedstern", "name": "Südstern", "contact_email": "kim@suedstern.example"})]
    rows = [*PARTNERS[:1], *more, Line(5, {"slug": "nordwind", "name": "Nordwind GmbH"})][1:]
    partners.apply_partners(rows=rows, actor=OPERATOR, now=NOW)


def _applied(stage: Stage) -> None:
    """A file that changes one partner, makes another and defines a tier."""
    rows = [
        Line(2, {"slug": "nordwind", "name": "Nordwind GmbH", "tier": "gold"}),
        Line(3, {"slug": "suedstern", "name": "Südstern", "tier": "platinum"}),
    ]
    tiers = [TierSpec("platinum", "Platinum", 9)]
    stage["run"] = partners.apply_partners(rows=rows, tiers=tiers, actor=OPERATOR, now=NOW).run


@scenario("partner undo", kind="steps", prepare=_applied)
def partner_undo(stage: Stage) -> None:
    partners.undo_run(run_id=stage["run"], actor=OPERATOR, now=NOW)


@scenario("partner edit")
def partner_edit(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.edit_partner(said={"name": "Nordwind SE", "tier": "gold"}, reason="Earned", actor=OPERATOR, now=NOW)


@scenario("session length")
def session_length(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.limit_sessions(hours="12", actor=OPERATOR, now=NOW)


def _domain_kept(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.keep_domain(name="nordwind.example", actor=OPERATOR, now=NOW)


@scenario("keep domain")
def keep_domain(stage: Stage) -> None:
    _domain_kept(stage)


@scenario("drop domain", prepare=_domain_kept)
def drop_domain(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.drop_domain(name="nordwind.example", actor=OPERATOR, now=NOW)


def _contact(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["contact"] = partners.add_contact(name="Ben", email="ben@nordwind.example", actor=OPERATOR, now=NOW)


@scenario("add contact", kind="once")
def add_contact(stage: Stage) -> None:
    _contact(stage)


@scenario("change contact", prepare=_contact, kind="once")
def change_contact(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.change_contact(
            contact_id=stage["contact"], name="Benno", email="benno@nordwind.example", actor=OPERATOR, now=NOW
        )


@scenario("remove contact", prepare=_contact, kind="once")
def remove_contact(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.remove_contact(contact_id=stage["contact"], actor=OPERATOR, now=NOW)


@scenario("remove type", kind="once")
def remove_type(stage: Stage) -> None:
    with at_host(stage):
        partners.remove_type(key="distributor", actor=OPERATOR, now=NOW)


@scenario("remove tier", kind="once")
def remove_tier(stage: Stage) -> None:
    with at_host(stage):
        partners.remove_tier(key="registered", actor=OPERATOR, now=NOW)


@scenario("vocabulary")
def vocabulary(stage: Stage) -> None:
    with at_host(stage):
        partners.define_types_and_tiers(
            types=[TypeSpec("scout", "Scout")], tiers=[TierSpec("platinum", "Platinum", 9)], actor=OPERATOR, now=NOW
        )


@scenario("tier")
def tier(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_tier(tier="gold", reason="Earned", actor=OPERATOR, now=NOW)


@scenario("brand", kind="once")
def brand(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_brand(accent="#123456", actor=OPERATOR, now=NOW)


@scenario("partner state")
def partner_state(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_state(state=State.SUSPENDED, actor=OPERATOR, now=NOW)


@scenario("portfolio", kind="once")
def portfolio(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_portfolio(person_id=stage["dee"], looked_after=True, actor=OPERATOR, now=NOW)


@scenario("give a partner", kind="once")
def give_partner(stage: Stage) -> None:
    with at_nordwind(stage):
        people.give_to(person_id=stage["dee"], actor=OPERATOR, now=NOW)
