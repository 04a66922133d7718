"""The list of staff, and the words of states and reasons."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from gangway.credentials.models import Award
from gangway.credentials.rules import (
    RevokeReason,
    Status,
)
from gangway.kernel.lists import Column, Filter, ListSpec

STATUS_WORDS: dict[Status, str] = {
    Status.VALID: _("valid"),
    Status.EXPIRED: _("expired"),
    Status.REVOKED: _("revoked"),
}
REASON_WORDS: dict[RevokeReason, str] = {
    RevokeReason.ISSUED_IN_ERROR: _("It was issued in error."),
    RevokeReason.REQUIREMENT_WITHDRAWN: _("What it stood for is no longer required or offered."),
    RevokeReason.MISCONDUCT: _("It was not earned by the rules."),
    RevokeReason.HOLDER_ASKED: _("Its holder asked for it."),
}


_ENDS = (("30", _("within 30 days")), ("60", _("within 60 days")), ("over", _("ran out")))


def _awards() -> QuerySet[Award]:
    rows: QuerySet[Award] = Award.objects.exclude(partner__kind="shell").select_related("person", "partner")
    return rows


def _revoked_or_not(rows: QuerySet[Award], value: str) -> QuerySet[Award]:
    return rows.filter(revoked_at__isnull=value == "no")


def _ends(rows: QuerySet[Award], value: str) -> QuerySet[Award]:
    """By the database's clock: a list has no other."""
    if value == "over":
        return rows.filter(expires_at__lte=Now())
    within = ExpressionWrapper(Now() + timedelta(days=int(value)), output_field=DateTimeField())
    return rows.filter(expires_at__gt=Now(), expires_at__lte=within, revoked_at__isnull=True)


def _cells(row: Award) -> Mapping[str, Any]:
    return {
        "href": reverse("credentials:award", args=[row.pk]),
        "person": row.person.name,
        "partner": row.partner.name,
        "title": row.title,
        "issued": row.issued_at,
        "expires": row.expires_at,
        "revoked": row.revoked_at,
    }


AWARD_LIST = ListSpec(
    key="awards",
    noun=(_("award"), _("awards")),
    rows=_awards,
    columns=(
        Column("person", _("Person"), "person"),
        Column("partner", _("Partner")),
        Column("title", _("Award")),
        Column("issued", _("Issued"), "instant"),
        Column("expires", _("Valid until"), "instant"),
        Column("revoked", _("Revoked"), "instant"),
    ),
    cells=_cells,
    order=("-issued_at", "-id"),
    search=("person__sort_key", "title"),
    filters=(
        Filter("revoked", _("Revoked"), (("yes", _("revoked")), ("no", _("not revoked"))), _revoked_or_not),
        Filter("ends", _("Ends"), _ENDS, _ends),
    ),
)
