"""What courses earn: the list, and one with how many hold it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from gangway.credentials.models import Award, Credential
from gangway.kernel.language import number
from gangway.kernel.lists import Column, ListSpec
from gangway.kernel.refusal import NotFound
from gangway.partners import queries as partners


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """What completing a course earns. valid_months: None where it does not expire. held: awards in scope that were not
    revoked, also those that ran out."""

    key: str
    title: str
    valid_months: int | None
    course_id: UUID
    course: str
    held: int


def credential(key: str, *, owner_id: UUID) -> CredentialRow:
    """One of this owner's; NotFound otherwise. Two statements."""
    found = _titled(Credential.objects.filter(key=key, owner_id=owner_id)).first()
    if found is None:
        raise NotFound
    return CredentialRow(
        key=found.key,
        title=found.title,
        valid_months=found.valid_months,
        course_id=found.course_id,
        course=found.course_title,
        held=Award.objects.filter(credential_id=found.pk, revoked_at=None).count(),
    )


@dataclass(frozen=True, slots=True)
class Definition:
    """What completing a course earns, by keys. valid_months: None where it does not expire."""

    key: str
    title: str
    valid_months: int | None
    course: str


def credentials_of(owner_id: UUID) -> tuple[Definition, ...]:
    """What this owner's courses earn, by key. One statement."""
    rows = Credential.objects.filter(owner_id=owner_id).order_by("key")
    return tuple(Definition(*row) for row in rows.values_list("key", "title", "valid_months", "course__key"))


def credential_counts(*, owner_id: UUID) -> tuple[int, int]:
    """How many awards this owner's courses can earn, and how many of them never expire."""
    found = list(Credential.objects.filter(owner_id=owner_id).values_list("valid_months", flat=True))
    return len(found), found.count(None)


def lasts(months: int | None) -> str:
    """How long an award is valid, in the reader's words."""
    if months is None:
        return gettext("without limit")
    return ngettext("%(n)s month", "%(n)s months", months) % {"n": number(months)}


def _titled(rows: QuerySet[Credential]) -> QuerySet[Any]:
    titled: QuerySet[Any] = rows.annotate(course_title=F("course__current__title"))
    return titled


def _of_the_vendor() -> QuerySet[Any]:
    """By the vendor's key, since within one partner's scope PostgreSQL shows no row of the vendor's."""
    host = partners.host_partner()
    return _titled(Credential.objects.filter(owner_id=host.id if host else None))


def _cells(row: Any) -> Mapping[str, Any]:
    return {
        "href": reverse("credentials:definition", args=[row.key]),
        "title": row.title,
        "course": row.course_title,
        "lasts": lasts(row.valid_months),
    }


CREDENTIAL_LIST = ListSpec(
    key="credentials",
    noun=(_("award"), _("awards")),
    rows=_of_the_vendor,
    columns=(Column("title", _("Award")), Column("course", _("Course")), Column("lasts", _("Valid for"))),
    cells=_cells,
    order=("title", "id"),
    search=("title", "key"),
)
