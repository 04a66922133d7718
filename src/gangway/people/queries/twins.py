"""Whose account may be whose: people of one partner with the same name, or whose mail addresses begin the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Value, Window
from django.db.models.functions import Left, RowNumber, StrIndex

from gangway.kernel.tenancy import scopes
from gangway.people.models import ExternalId, Person
from gangway.people.queries.rows import PersonRow, person_row
from gangway.people.rules import COMES_IN, GONE

AT_MOST = 50  # twins of one person
PAGE = 30  # names, or beginnings of addresses
SHOWN = 8  # people of each: an office's `info@` may be anybody's


class Alike(StrEnum):
    """In what they are alike: `NAME`, or the part of their address before the @."""

    NAME = "name"
    ADDRESS = "address"


COLUMN = {Alike.NAME: "sort_key", Alike.ADDRESS: "local"}


def _here() -> QuerySet[Any]:
    local = Left(F("email_key"), StrIndex(F("email_key"), Value("@")) - 1)
    rows: QuerySet[Any] = Person.objects.filter(state__in=COMES_IN, synthetic=False).annotate(local=local)
    return rows


def twins_of(person_id: UUID) -> tuple[PersonRow, ...]:
    """Others at the same partner with the same name, or with the same word before the @ of their mail address."""
    found = Person.objects.get(pk=person_id)
    alike = Q(sort_key=found.sort_key)
    if found.email_key:
        alike |= Q(email_key__startswith=found.email_key.rpartition("@")[0] + "@")
    with scopes.one(found.partner_id):
        rows = _here().filter(alike).exclude(pk=person_id).order_by("sort_key", "id")[:AT_MOST]
        return tuple(person_row(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Twins:
    """People of one partner (`home`, its name) who may be one human: all `n` of them, and the first eight."""

    home: str
    n: int
    people: tuple[PersonRow, ...]

    @property
    def more(self) -> int:
        return self.n - len(self.people)


@dataclass(frozen=True, slots=True)
class TwinsPage:
    """`after`: somebody of the last twins shown, where there are more; the next page begins behind them."""

    twins: tuple[Twins, ...]
    after: UUID | None


def likely_twins(alike: Alike, after: UUID | None = None) -> TwinsPage:
    """Those whom the scope reaches, staff left out, partner by partner. Three statements at most, however many people
    there are; whoever is called the same is not told once more by an address."""
    column = COLUMN[alike]
    rows = _here().exclude(partner__kind="host")
    if alike is Alike.ADDRESS:
        rows = rows.filter(email_key__isnull=False)
    if after is not None:
        rows = _behind(rows, column, after)
    counted = rows.exclude(**{column: ""}).values_list("partner_id", column).annotate(n=Count("id")).filter(n__gt=1)
    if alike is Alike.ADDRESS:
        counted = counted.annotate(names=Count("sort_key", distinct=True)).filter(names__gt=1)
    found = [(row[0], row[1], row[2]) for row in counted.order_by("partner_id", column)[: PAGE + 1]]
    shown = {(partner, word): n for partner, word, n in found[:PAGE]}
    people = _first_of(column, shown)
    twins = tuple(Twins(people[key][0], n, tuple(people[key][1])) for key, n in shown.items() if key in people)
    return TwinsPage(twins, twins[-1].people[0].id if len(found) > PAGE else None)


def _behind(rows: QuerySet[Any], column: str, after: UUID) -> QuerySet[Any]:
    """The rows behind somebody's name or address; all of them, where the scope does not reach who that is."""
    last = _here().filter(pk=after).values_list("partner_id", column).first()
    if last is None or last[1] is None:
        return rows
    return rows.filter(Q(partner_id__gt=last[0]) | Q(partner_id=last[0], **{f"{column}__gt": last[1]}))


def _first_of(column: str, keys: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], tuple[str, list[PersonRow]]]:
    """The name of their partner, and the first people of each."""
    among = _here().filter(**{"partner_id__in": {key[0] for key in keys}, f"{column}__in": {key[1] for key in keys}})
    place = Window(RowNumber(), partition_by=[F("partner_id"), F(column)], order_by=["sort_key", "id"])
    found: dict[tuple[UUID, str], tuple[str, list[PersonRow]]] = {}
    rows = among.annotate(word=F(column), home=F("partner__name"), place=place).filter(place__lte=SHOWN)
    for row in rows.order_by("sort_key", "id"):
        found.setdefault((row.partner_id, row.word), (row.home, []))[1].append(person_row(row))
    return found


@dataclass(frozen=True, slots=True)
class Shared:
    """What several accounts of one partner share. people: accounts that were looked at; mailboxes, numbers: how many
    mailboxes, and ids in other systems, are more than one account's; homes: the names of the partners."""

    people: int
    mailboxes: int
    numbers: int
    homes: tuple[str, ...]


def shared_by_accounts() -> Shared:
    """Among those at partners in scope who have not left; robots and staff are left out. Two systems may give one
    number to two accounts: nothing but this look sees it. Three statements; they grow with the people, so no page asks.
    """
    here = Person.objects.filter(synthetic=False, partner__kind="partner").exclude(state__in=GONE)
    named = here.exclude(email_key=None).values("partner_id", "email_key").annotate(n=Count("id")).filter(n__gt=1)
    numbered = (
        ExternalId.objects.filter(person__synthetic=False, partner__kind="partner")
        .exclude(person__state__in=GONE)
        .values("partner_id", "value")
        .annotate(n=Count("person_id", distinct=True))
        .filter(n__gt=1)
    )
    mailboxes = list(named.values_list("partner__name", flat=True))
    numbers = list(numbered.values_list("partner__name", flat=True))
    return Shared(here.count(), len(mailboxes), len(numbers), tuple(sorted({*mailboxes, *numbers})))
