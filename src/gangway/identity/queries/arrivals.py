"""D2: who came in, who is stuck and why. A person, joined downward to the last letter that invited them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.identity.rules.arrivals import BY_LETTER, GONE, ORDER, STUCK, Arrival, arrival
from gangway.identity.rules.arrivals import OUTSIDE as OUTSIDE
from gangway.kernel.lists import BulkAction, Column, Filter, ListSpec
from gangway.kernel.tenancy import scopes
from gangway.messaging import queries as messaging
from gangway.messaging.queries import LetterState
from gangway.partners import queries as partners
from gangway.people import queries as people

INVITES = ("identity.launch",)  # the letters that let somebody in
_RANK = {where: rank for rank, where in enumerate(ORDER)}


@dataclass(frozen=True, slots=True)
class ArrivalCounts:
    """How many people stand where. Robots and people who have left do not count."""

    returned: int = 0
    no_address: int = 0
    uninvited: int = 0
    waiting: int = 0
    written: int = 0
    came_in: int = 0
    suspended: int = 0
    unreached: int = 0  # of those who came in: nobody knows a mail address, so no letter goes to them

    @property
    def here(self) -> int:
        return self.outside + self.came_in + self.suspended

    @property
    def outside(self) -> int:
        """Who may come in and has not."""
        return self.returned + self.no_address + self.uninvited + self.waiting + self.written


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """Where one person stands. `words`, `reason`: in the reader's language; `said`: the mail server, as it spoke.

    `shape`: of the chip (ui); `letter`: the last letter that invited them.
    """

    arrival: Arrival
    shape: str
    words: str
    reason: str
    said: str
    letter: LetterState | None


# Words are marked here and translated where they are shown.
ARRIVAL_WORDS: Mapping[Arrival, tuple[str, str]] = {
    Arrival.RETURNED: ("failed", _("letter came back")),
    Arrival.NO_ADDRESS: ("failed", _("no mail address")),
    Arrival.UNINVITED: ("unmeasurable", _("not invited yet")),
    Arrival.WAITING: ("decayed", _("letter waits")),
    Arrival.WRITTEN: ("unproven", _("has not come yet")),
    Arrival.CAME_IN: ("proven", _("came in")),
    Arrival.SUSPENDED: ("failed", _("suspended")),
    Arrival.LEFT: ("decayed", _("left")),
}
UNKNOWN = ("unmeasurable", _("arrival unknown"))


def chip_of(where: Arrival) -> tuple[str, str]:
    """Shape and words. Where nothing tells us of letters that come back, whether one arrived is unknown."""
    shape, words = UNKNOWN if where is Arrival.WRITTEN and not messaging.bounces_known() else ARRIVAL_WORDS[where]
    return shape, gettext(words)


def why(where: Arrival, letter: str | None, reason: str, *, launched: bool, has_address: bool = True) -> str:
    """Why somebody stands there, in a sentence for people who read no mail server's codes; "" where it is plain."""
    match where:
        case Arrival.RETURNED:
            return messaging.plain_reason(letter or "", reason)
        case Arrival.NO_ADDRESS:
            return gettext("Nobody can write to them.")
        case Arrival.CAME_IN if not has_address:
            return gettext("No mail address is known: no letter reaches them.")
        case Arrival.UNINVITED if not launched:
            return gettext("The letter goes out when your channel team launches the company.")
        case Arrival.WAITING if letter == "kept":
            return gettext("Kept here: this installation sends no mail yet.")
        case Arrival.WAITING if reason:
            return gettext("Their mail server asked us to try again later.")
        case Arrival.WRITTEN if not messaging.bounces_known():
            return gettext("Sent. Nothing tells us whether it came back.")
    return ""


def arrival_of(person_id: UUID) -> ArrivalRow:
    """Where a person of the open scope stands; NotFound outside it."""
    person = people.person(person_id)
    letter = messaging.letter_states([person_id], INVITES).get(person_id)
    where = arrival(
        state=person.state,
        came_in=person.activated_at is not None,
        has_address=bool(person.email),
        letter=letter.state.value if letter else None,
    )
    launched = partners.launched_at(person.partner_id) is not None
    reason = letter.reason if letter else ""
    said = reason if where is Arrival.RETURNED else ""
    words = why(
        where, letter.state.value if letter else None, reason, launched=launched, has_address=bool(person.email)
    )
    return ArrivalRow(where, *chip_of(where), words, said, letter)


def _with_arrival(rows: QuerySet[Any]) -> QuerySet[Any]:
    """People with `rank`: where they stand, as a place in ORDER. What rules.arrival says, in SQL."""
    whens = [When(state__in=states, then=Value(_RANK[where])) for where, states in BY_LETTER.items()]
    by_letter = (
        messaging.letters_of_outer_person(INVITES)
        .annotate(rank=Case(*whens, default=Value(_RANK[Arrival.UNINVITED]), output_field=IntegerField()))
        .values("rank")[:1]
    )
    rank = Case(
        When(state__in=GONE, then=Value(_RANK[Arrival.LEFT])),
        When(state="suspended", then=Value(_RANK[Arrival.SUSPENDED])),
        When(activated_at__isnull=False, then=Value(_RANK[Arrival.CAME_IN])),
        When(email__isnull=True, then=Value(_RANK[Arrival.NO_ADDRESS])),
        default=Coalesce(Subquery(by_letter), Value(_RANK[Arrival.UNINVITED])),
        output_field=IntegerField(),
    )
    found: QuerySet[Any] = rows.annotate(rank=rank)
    return found


def arrival_counts(partner_id: UUID) -> ArrivalCounts:
    """How many people of one partner in scope stand where. One statement."""
    rows = _with_arrival(people.PEOPLE_LIST.rows().filter(partner=partner_id, synthetic=False))
    counted = rows.order_by().values_list("rank").annotate(n=Count("id"), known=Count("email"))
    found = {ORDER[rank]: (n, n - known) for rank, n, known in counted}
    found.pop(Arrival.LEFT, None)
    unreached = found.get(Arrival.CAME_IN, (0, 0))[1]
    return ArrivalCounts(**{where.value: n for where, (n, _unknown) in found.items()}, unreached=unreached)


# ---------------------------------------------------------------- the lists


def _rows(base: ListSpec) -> QuerySet[Any]:
    letters = messaging.letters_of_outer_person(INVITES)
    rows: QuerySet[Any] = _with_arrival(base.rows()).annotate(
        letter_state=Subquery(letters.values("state")[:1]),
        letter_error=Subquery(letters.values("last_error")[:1]),
        letter_at=Subquery(letters.annotate(at=Coalesce("sent_at", "ended_at", "queued_at")).values("at")[:1]),
        launched_at=F("partner__launched_at"),
    )
    return rows


def _cells(base: ListSpec, found: Any, route: str) -> Mapping[str, Any]:
    where = ORDER[found.rank]
    launched, has_address = found.launched_at is not None, found.email is not None
    reason = why(where, found.letter_state, found.letter_error or "", launched=launched, has_address=has_address)
    if where is Arrival.SUSPENDED and found.managed_by:
        reason = gettext("Only their company's directory lets them in again.")
    return {
        **base.cells(found),
        "state": chip_of(where),
        "reason": reason,
        "since": _since(found, where),
        "next": _next(found, where, route),
    }


def _since(found: Any, where: Arrival) -> datetime | None:
    """Since when they stand there; of a suspension the audit knows, and no column."""
    match where:
        case Arrival.SUSPENDED:
            return None
        case Arrival.LEFT:
            left: datetime | None = found.left_at
            return left
    at: datetime = found.activated_at or found.letter_at or found.invited_at
    return at


def _next(found: Any, where: Arrival, route: str) -> tuple[str, str] | None:
    """What can be done about it: words and address; own people only."""
    if (
        where not in OUTSIDE
        or where is Arrival.WAITING
        or (route == "portal:letter_team" and found.partner_id != scopes.required().partner_id)
    ):
        return None
    if where is Arrival.UNINVITED and found.launched_at is None:
        return None
    words = {
        Arrival.RETURNED: gettext("Mend the address"),
        Arrival.NO_ADDRESS: gettext("Add the address"),
        Arrival.UNINVITED: gettext("Send the invitation"),
    }.get(where, gettext("Remind"))
    return words, reverse(route, args=[found.pk])


_COLUMNS = (
    Column("name", _("Name"), "person"),
    Column("email", _("Mail address")),
    Column("state", _("State"), "state"),
    Column("reason", _("Why")),
    Column("since", _("Since"), "instant"),
    Column("next", _("Next"), "link", export=False),
)
_CHOICES = (
    ("stuck", _("stuck")),
    ("outside", _("has not come in")),
    ("unreached", _("came in, no mail address")),
    *((where.value, words) for where, (_shape, words) in ARRIVAL_WORDS.items()),
)


def _narrowed(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "unreached":
        return rows.filter(rank=_RANK[Arrival.CAME_IN], email__isnull=True)
    chosen = {"stuck": STUCK, "outside": OUTSIDE}.get(value) or (Arrival(value),)
    return rows.filter(rank__in=[_RANK[where] for where in chosen])


def _list(base: ListSpec, key: str, route: str, bulk: tuple[BulkAction, ...]) -> ListSpec:
    """A list of people, those who are stuck first."""
    return replace(
        base,
        key=key,
        rows=lambda: _rows(base),
        cells=lambda found: _cells(base, found, route),
        columns=_COLUMNS,
        order=("rank", "sort_key", "id"),
        filters=(Filter("state", _("State"), _CHOICES, _narrowed), *base.filters[1:]),
        bulk=bulk,
    )


TEAM_LIST = _list(
    people.TEAM_LIST,
    "team-arrivals",
    "portal:letter_team",
    (BulkAction("remind", _("Remind"), "portal:remind_team"), *people.TEAM_LIST.bulk),
)


def arrivals_at(partner_id: UUID) -> ListSpec:
    """The people of one partner, for staff whose scope reaches it."""
    base = people.people_of(partner_id)
    remind = BulkAction("remind", _("Remind"), "portal:remind")
    return _list(base, "partner-people", "portal:letter", (remind, *base.bulk))


def last_letter_at(person_id: UUID) -> tuple[str | None, datetime | None]:
    """State of the last letter that invited a person of the open scope, and when it got there; (None, None): none."""
    letter = messaging.letter_states([person_id], INVITES).get(person_id)
    return (letter.state.value, letter.at) if letter else (None, None)
