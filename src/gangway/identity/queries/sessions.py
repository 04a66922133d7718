"""Who is signed in, read at every request in one statement; and the sessions that were."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q
from django.utils.translation import gettext_noop as _

from gangway.identity.models import Session
from gangway.identity.rules import POLICY_VERSION, Method
from gangway.identity.rules.factors import Policy, must_hold
from gangway.kernel import secrets
from gangway.kernel.access import Grant, Principal, Reach, Viewer
from gangway.kernel.tenancy import scopes
from gangway.people import queries as people

# Session, person, partner, grants and the welcome in one statement; nothing is cached, so that a session ends with the
# request after its person's epoch was raised. Who signed in (p, t) decides whether it lives; who is shown (v, w) is
# somebody else while they look with other eyes. PostgreSQL runs the same text as a function of the owner (migration
# 0006): before the scope is known, row-level security would hide the person.
_SQLITE = """
SELECT s.id, v.id, v.partner_id, w.kind, w.name, v.name, v.email, v.locale, v.zone, v.access_epoch, v.synthetic,
       EXISTS (SELECT 1 FROM identity_acceptance a
               WHERE a.partner_id = v.partner_id AND a.person_id = v.id AND a.version = :policy),
       EXISTS (SELECT 1 FROM identity_passkey k WHERE k.partner_id = v.partner_id AND k.person_id = v.id)
       OR EXISTS (SELECT 1 FROM identity_authenticatorapp o
                  WHERE o.partner_id = v.partner_id AND o.person_id = v.id AND o.confirmed_at IS NOT NULL),
       EXISTS (SELECT 1 FROM identity_factorpolicy f WHERE f.partner_id = v.partner_id AND f.admins = 'required'),
       (SELECT json_group_array(json_array(g.role, g.reach, g.reach_id)) FROM people_grant g
        WHERE g.partner_id = v.partner_id AND g.person_id = v.id AND (g.until IS NULL OR g.until > :at)),
       CASE WHEN s.view_until > :at THEN p.id END, p.name, p.locale, s.view_until
FROM identity_session s
JOIN people_person p ON p.id = s.person_id AND p.partner_id = s.partner_id
JOIN partners_partner t ON t.id = s.partner_id
JOIN people_person v ON v.id = CASE WHEN s.view_until > :at THEN s.viewed_person_id ELSE s.person_id END
     AND v.partner_id = CASE WHEN s.view_until > :at THEN s.viewed_partner_id ELSE s.partner_id END
JOIN partners_partner w ON w.id = v.partner_id
WHERE s.digest = :wanted AND s.ended_at IS NULL AND s.expires_at > :at
  AND s.access_epoch = p.access_epoch AND p.state = 'active' AND t.state = 'active'
"""
METHOD_WORDS: dict[str, str] = {
    Method.CODE: _("a code by mail"),
    Method.LINK: _("a link by mail"),
    Method.PASSKEY: _("a passkey"),
    Method.SAML: _("their company's sign-in (SAML)"),
    Method.OIDC: _("their company's sign-in (OpenID Connect)"),
    Method.PORTAL: _("the vendor's portal"),
    Method.OPERATOR: _("a link of the operator"),
    Method.SETUP: _("the set-up"),
}
_POSTGRESQL = "SELECT * FROM gangway_principal(%s, %s, %s)"


def read_principal(cookie: str, now: datetime) -> Principal | None:
    """Whose session this cookie opens now; None where there is none, or it ended, ran out or was revoked."""
    digest = secrets.digest(f"session:{cookie}")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL, [digest, now, POLICY_VERSION])
        else:
            at = connection.ops.adapt_datetimefield_value(now)
            cursor.execute(*_bound(_SQLITE, {"policy": POLICY_VERSION, "at": at, "wanted": digest}))
        row = cursor.fetchone()
    return _principal(row) if row else None


NAME = re.compile(r":(\w+)")


def _bound(sql: str, values: dict[str, Any]) -> tuple[str, list[Any]]:
    """The statement as Django takes it: each `:name` a place of its own."""
    return NAME.sub("%s", sql), [values[name] for name in NAME.findall(sql)]


def _principal(row: tuple[Any, ...]) -> Principal:
    (session, person, partner, kind, partner_name, name, email, locale, zone, epoch, synthetic, welcomed,
     holds_factor, admins_must, granted) = row[:15]  # fmt: skip
    viewer = _viewer(*row[15:])
    grants = tuple(Grant(role, Reach(reach), _uuid(reach_id)) for role, reach, reach_id in _list(granted))
    lacking = not holds_factor and must_hold(
        staff=kind == "host",
        roles={grant.role for grant in grants},
        for_staff=Policy(settings.STAFF_FACTOR),
        for_admins=Policy.REQUIRED if admins_must else Policy.OFFERED,
    )
    return Principal(
        person_id=_uuid(person),
        partner_id=_uuid(partner),
        partner_kind=kind,
        partner_name=partner_name,
        name=name,
        email=email or "",
        locale=locale,
        zone=zone,
        access_epoch=epoch,
        session_id=_uuid(session),
        synthetic=bool(synthetic),
        welcomed=bool(welcomed),
        grants=grants,
        must_first="identity:security" if lacking and not synthetic and viewer is None else "",
        viewer=viewer,
    )


def _viewer(person: UUID | str | None, name: str, locale: str, until: datetime | str | None) -> Viewer | None:
    if person is None or until is None:
        return None
    at = datetime.fromisoformat(until).replace(tzinfo=UTC) if isinstance(until, str) else until
    return Viewer(_uuid(person), name, locale, at if at.tzinfo else at.replace(tzinfo=UTC))


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _list(value: str | list[Any] | None) -> list[Any]:
    return json.loads(value) if isinstance(value, str) else value or []


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser as its owner sees it."""

    id: UUID
    device: str
    method: Method
    started_at: datetime
    expires_at: datetime


def open_sessions(person_id: UUID, access_epoch: int, now: datetime) -> list[SessionRow]:
    """A person's sessions that would still let them in, youngest first."""
    rows = Session.objects.filter(
        person_id=person_id, access_epoch=access_epoch, ended_at__isnull=True, expires_at__gt=now
    ).order_by("-started_at", "-id")
    return [SessionRow(row.id, row.device, Method(row.method), row.started_at, row.expires_at) for row in rows[:100]]


@dataclass(frozen=True, slots=True)
class FirstSignIn:
    """The first time a human of a partner came in by mail, and how many different people have since.

    team_at: the same of somebody who is no partner admin; an admin comes in to agree.
    """

    partner_id: UUID
    at: datetime
    people: int
    team_at: datetime | None


def first_human_sign_ins() -> list[FirstSignIn]:
    """One row per partner of the open scope somebody has come in at. One statement.

    Robots do not count, nor do sessions on the operator's word: only those that proved a mailbox.
    """
    proven = [method for method in Method if method.proves_mailbox]
    rows = (
        Session.objects.filter(_in_scope(), synthetic=False, method__in=proven)
        .values("partner_id")
        .annotate(
            at=Min("started_at"),
            people=Count("person_id", distinct=True),
            team_at=Min("started_at", filter=~Q(person_id__in=people.admins())),
        )
        .order_by("partner_id")
    )
    return [FirstSignIn(**row) for row in rows]


def _in_scope() -> Q:
    """Directory rows carry no scope of their own: keep to the partners that the open scope shows."""
    scope = scopes.required()
    if scope.mode in (scopes.Mode.HOST, scopes.Mode.UNSCOPED):
        return Q()
    if scope.mode is scopes.Mode.ONE:
        return Q(partner_id=scope.partner_id)
    return Q(partner_id__in=_visible_partners())


def _visible_partners() -> list[UUID]:
    from gangway.partners.queries import list_partners

    return [partner.id for partner in list_partners()]
