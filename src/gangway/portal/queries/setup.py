"""C1: what is missing before day 1. Each line ticks itself from what the system sees."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, ngettext

from gangway.identity import queries as identity
from gangway.kernel import access
from gangway.kernel.language import listing, say
from gangway.kernel.said import said
from gangway.messaging import queries as messaging
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.plans import queries as plans

NAMES = 5  # of those who lack something, as many as a line holds


@dataclass(frozen=True, slots=True)
class SetupLine:
    """key; whether it is done; the fact seen; how to do it; where to go (route and the button's words)."""

    key: str
    title: str
    done: bool
    fact: str
    how: str = ""
    route: str = ""
    go: str = ""


def setup_lines(now: datetime) -> tuple[SetupLine, ...]:
    """The lines in the order they are usually done. There is no line for what Gangway cannot do yet."""
    return (
        _address(),
        _mail(),
        _staff(now),
        _factors(now),
        _types(),
        _partners(),
        _managers(),
        _people(),
        _kickoff(),
    )


def _address() -> SetupLine:
    return SetupLine(
        key="address",
        title=gettext("Address"),
        done=settings.BASE_URL.startswith("https://"),
        fact=gettext("Letters lead to %(url)s.") % {"url": settings.BASE_URL},
        how=gettext("Set BASE_URL to the https address that partners will use."),
    )


def _mail() -> SetupLine:
    sent = messaging.counts_by_state().get("sent", 0)
    fact = (
        ngettext("%(n)s letter left this house.", "%(n)s letters left this house.", sent) % {"n": sent}
        if settings.EMAIL_URL
        else gettext("No mail server is set: letters are kept here and can be read.")
    )
    return SetupLine(
        key="mail",
        title=gettext("Mail"),
        done=bool(settings.EMAIL_URL) and sent > 0,
        fact=fact,
        how=gettext("Set EMAIL_URL and let one letter go out."),
        route="messaging:list",
        go=gettext("Read the letters"),
    )


def _staff(now: datetime) -> SetupLine:
    holders = {grant.person_id for role in access.HOST_ROLES for grant in people.holders(role, now)}
    n = len(holders)
    return SetupLine(
        key="staff",
        title=gettext("Staff"),
        done=n > 1,
        fact=ngettext("%(n)s person of your team can come in.", "%(n)s people of your team can come in.", n) % {"n": n},
        how=gettext("Import your team with `gangway person import`, and give roles with `gangway person grant`."),
        route="people:list",
        go=gettext("See people"),
    )


def _factors(now: datetime) -> SetupLine:
    """Staff see every partner's people: a mailbox that somebody else reads should not be enough."""
    team = {grant.person_id: grant.name for role in access.HOST_ROLES for grant in people.holders(role, now)}
    held = identity.holders_of_factors(team)
    lacking = sorted(name for person_id, name in team.items() if person_id not in held)
    n = len(held)
    fact = ngettext(
        "%(n)s of %(all)s people of your team holds a passkey or an authenticator app.",
        "%(n)s of %(all)s people of your team hold a passkey or an authenticator app.",
        n,
    ) % {"n": n, "all": len(team)}
    return SetupLine(
        key="factors",
        title=gettext("Second proof of staff"),
        done=bool(team) and not lacking,
        fact=fact,
        how=gettext("Still by mail alone: %(names)s.") % {"names": listing(lacking[:NAMES])}
        + (" …" if len(lacking) > NAMES else ""),
        route="identity:security",
        go=gettext("Look at my security"),
    )


def _types() -> SetupLine:
    used = {row.type for row in partners.list_partners() if row.type}
    return SetupLine(
        key="types",
        title=gettext("Partner types"),
        done=bool(used),
        fact=ngettext("%(n)s type is in use.", "%(n)s types are in use.", len(used)) % {"n": len(used)},
        how=gettext("Name them, and give each partner one."),
        route="partners:words",
        go=gettext("See types and tiers"),
    )


def _partners() -> SetupLine:
    n = len(partners.partner_ids())
    return SetupLine(
        key="partners",
        title=gettext("Partners"),
        done=n > 0,
        fact=ngettext("%(n)s partner is here.", "%(n)s partners are here.", n) % {"n": n},
        how=gettext("Paste the rows of your sheet, or bring a file."),
        route="partners:list" if n else "partners:bring",
        go=gettext("See partners") if n else gettext("Bring partners"),
    )


def _managers() -> SetupLine:
    known = set(partners.partner_ids())
    cared = len(known & {partner_id for partner_id, _ in partners.portfolios()})
    words = ngettext(
        "%(n)s of %(all)s partner is looked after.", "%(n)s of %(all)s partners are looked after.", len(known)
    )
    return SetupLine(
        key="managers",
        title=gettext("Channel managers"),
        done=bool(known) and cared == len(known),
        fact=words % {"n": cared, "all": len(known)},
        how=gettext("Choose partners in the list and give them to somebody of your team."),
        route="partners:list",
        go=gettext("See partners"),
    )


def _people() -> SetupLine:
    counts = people.people_counts(partners.partner_ids())
    n = sum(count.here for count in counts.values())
    return SetupLine(
        key="people",
        title=gettext("People of partners"),
        done=n > 0,
        fact=ngettext("%(n)s person is here.", "%(n)s people are here.", n) % {"n": n},
        how=gettext("Read a file with `gangway person import`."),
        route="people:list",
        go=gettext("See people"),
    )


def _kickoff() -> SetupLine:
    plan = plans.current_plan()
    return SetupLine(
        key="kickoff",
        title=gettext("Kickoff"),
        done=plan is not None,
        fact=(
            say(said("The plan starts in the week of {day}.", day=plan.kickoff_on))
            if plan
            else gettext("There is no plan yet.")
        ),
        how=gettext("Start the twelve weeks with `gangway plan new`."),
        route="plans:week" if plan else "",
        go=gettext("Open the plan"),
    )
