"""The lists of people: in the console, on the desk, of a group, of a partner; and of partners with their people."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.kernel.lists import BulkAction, Column, Filter, ListSpec
from gangway.kernel.values import sort_key
from gangway.partners.queries import PARTNER_LIST
from gangway.people.models import Person
from gangway.people.queries.groups import GROUP_FILTER, members
from gangway.people.queries.portfolio import managers_in_reach, managers_of, partners_of_manager
from gangway.people.queries.roles import ROLE_FILTER
from gangway.people.queries.rows import shown_to_parent
from gangway.people.rules import GONE, State

# Words are marked here and translated where they are shown.
STATE_WORDS: dict[str, str] = {
    State.INVITED.value: _("invited"),
    State.ACTIVE.value: _("came in"),
    State.SUSPENDED.value: _("suspended"),
    State.LEFT.value: _("left"),
    State.ERASED.value: _("erased"),
}
_SHOWN = tuple((state, words) for state, words in STATE_WORDS.items() if state != State.ERASED)


def _cells(found: Any) -> Mapping[str, Any]:
    return {
        "href": reverse("portal:person", args=[found.pk]),
        "name": found.name,
        "email": found.email,
        "partner": found.partner_name,
        "state": gettext(STATE_WORDS[found.state]),
        "invited_at": found.invited_at,
        "activated_at": found.activated_at,
        "partner_href": reverse("partners:one", args=[found.partner_id]),
    }


def _rows() -> QuerySet[Any]:
    rows: QuerySet[Any] = Person.objects.exclude(state=State.ERASED).annotate(partner_name=F("partner__name"))
    return rows.exclude(partner__kind="shell")  # robots are looked at where they rehearse


_COLUMNS = (
    Column("name", _("Name"), "person"),
    Column("email", _("Mail address")),
    Column("state", _("State"), "state"),
    Column("invited_at", _("Invited on"), "instant"),
    Column("activated_at", _("Came in first"), "instant"),
)
_STATE_FILTER = Filter("state", _("State"), _SHOWN, lambda rows, value: rows.filter(state=value))

PEOPLE_LIST = ListSpec(
    key="people",
    noun=(_("person"), _("people")),
    rows=_rows,
    columns=(*_COLUMNS[:2], Column("partner", _("Partner")), *_COLUMNS[2:]),
    cells=_cells,
    order=("sort_key", "id"),
    search=("sort_key", "email_key"),
    fold=sort_key,
    filters=(_STATE_FILTER, ROLE_FILTER, GROUP_FILTER),
    bulk=(
        BulkAction("suspend", _("Suspend"), "people:suspend"),
        BulkAction("resume", _("Let in again"), "people:resume"),
        BulkAction("sign_out", _("Sign out everywhere"), "identity:end_of_people"),
        BulkAction("view_as", _("See what they see"), "identity:view_as"),
        BulkAction("join", _("Put into a group"), "people:join_group"),
    ),
)


def _team_rows() -> QuerySet[Any]:
    """The own team; with reach `tree` also the teams of those partners below that let their parent see people."""
    return _rows().filter(shown_to_parent())


def _team_cells(found: Any) -> Mapping[str, Any]:
    return {**_cells(found), "href": reverse("portal:person_team", args=[found.pk])}


TEAM_LIST = replace(
    PEOPLE_LIST,
    key="team",
    rows=_team_rows,
    cells=_team_cells,
    columns=_COLUMNS,
    bulk=(
        BulkAction("suspend", _("Suspend"), "people:suspend_team"),
        BulkAction("resume", _("Let in again"), "people:resume_team"),
        BulkAction("sign_out", _("Sign out everywhere"), "identity:end_of_team"),
        BulkAction("join", _("Put into a group"), "people:join_group_team"),
    ),
)


def people_in_group(group_id: UUID, *, desk: bool) -> ListSpec:
    """Who is in a group the scope reaches."""
    base, route = (TEAM_LIST, "people:quit_group_team") if desk else (PEOPLE_LIST, "people:quit_group")
    return replace(
        base,
        key="group-people",
        rows=lambda: base.rows().filter(members(group_id)),
        columns=_COLUMNS,
        filters=(_STATE_FILTER, ROLE_FILTER),
        bulk=(BulkAction("quit", _("Take out of the group"), route, (group_id,)),),
    )


def people_of(partner_id: UUID) -> ListSpec:
    """The people of one partner, for staff whose scope reaches it."""
    return replace(PEOPLE_LIST, key="partner-people", rows=lambda: _rows().filter(partner=partner_id), columns=_COLUMNS)


def _partners_with_people() -> QuerySet[Any]:
    """The console's partners, each with the number of its people who have not left, and who looks after it."""
    here = Person.objects.filter(partner=OuterRef("pk"), synthetic=False).exclude(state__in=GONE).order_by()
    counted = here.values("partner").annotate(n=Count("id")).values("n")
    manager = managers_of(OuterRef(OuterRef("pk"))).values("name")[:1]
    rows: QuerySet[Any] = PARTNER_LIST.rows().annotate(people=Subquery(counted), manager=Subquery(manager))
    return rows


def _partner_cells(found: Any) -> Mapping[str, Any]:
    return {**PARTNER_LIST.cells(found), "people": found.people or 0, "manager": found.manager}


PARTNERS_WITH_PEOPLE = replace(
    PARTNER_LIST,
    rows=_partners_with_people,
    cells=_partner_cells,
    columns=(
        *PARTNER_LIST.columns[:5],
        Column("people", _("People"), "number"),
        Column("manager", _("Looked after by")),
        *PARTNER_LIST.columns[5:],
    ),
    filters=(*PARTNER_LIST.filters, Filter("manager", _("Looked after by"), managers_in_reach, partners_of_manager)),
    bulk=(BulkAction("give", _("Give to …"), "partners:give"),),
)
