"""People by what a rule may name them by: their partner's type and tier, their groups, their language."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from gangway.kernel.lists import ListSpec
from gangway.people.models import GroupMember, Person
from gangway.people.queries.groups import in_groups
from gangway.people.queries.lists import PEOPLE_LIST
from gangway.people.rules import GONE


@dataclass(frozen=True, slots=True)
class Trait:
    """A person's language, and the keys of their groups."""

    locale: str
    groups: frozenset[str]


def here_by_traits(ids: Iterable[UUID]) -> Mapping[UUID, Trait]:
    """Those of these people who are in scope and have not left. Two statements."""
    wanted = list(ids)
    found = dict(Person.objects.filter(pk__in=wanted).exclude(state__in=GONE).values_list("pk", "locale"))
    inside: dict[UUID, set[str]] = {}
    for person_id, key in GroupMember.objects.filter(person__in=wanted).values_list("person_id", "group__key"):
        inside.setdefault(person_id, set()).add(key)
    return {pk: Trait(locale, frozenset(inside.get(pk, ()))) for pk, locale in found.items()}


def named_people(
    *,
    types: Collection[str],
    tiers: Collection[str],
    groups: Collection[str],
    languages: Collection[str],
    also: Q,
) -> ListSpec:
    """The people of partners in scope who are of one of each kind that is not empty, and whom `also` lets in. Nobody of
    the vendor's own, of a closed partner, or who has left; no robot of a rehearsal."""
    kinds = {"partner__type__key": types, "partner__tier__key": tiers}
    found = Q(**{f"{name}__in": list(values) for name, values in kinds.items() if values}) & also
    found &= Q(synthetic=False) & ~Q(state__in=GONE) & ~Q(partner__kind="host") & ~Q(partner__state="closed")
    if languages:
        spoken = Q(locale__in=list(languages))
        for language in languages:
            spoken |= Q(locale__startswith=f"{language}-")
        found &= spoken
    if groups:
        found &= Q(in_groups(groups))
    return replace(PEOPLE_LIST, key="named-people", rows=lambda: PEOPLE_LIST.rows().filter(found), bulk=())
