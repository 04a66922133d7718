"""The robot looks at its awards as a stranger would: over HTTP, without a session, outside any transaction."""

import socket
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from django.conf import settings
from django.urls import reverse

from gangway.credentials import queries as credentials
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbound import http
from gangway.kernel.outbox import publish
from gangway.kernel.said import pack
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.rehearsal import queries, rules
from gangway.rollout.rehearsal.events import AwardPageChecked
from gangway.rollout.rehearsal.models import AwardPageCheck


def look_at_awards(
    *, award_id: UUID | None = None, unseen_since: datetime | None = None, actor: Actor, now: datetime
) -> tuple[int, int]:
    """Fetch the public page of one award, or of every award of the daily robots that counts. (looked at, passed).

    With `unseen_since`, awards that were looked at after it are left alone.
    """
    passed = []
    try:
        shell_id = partners.find_partner(rules.SHELL_SLUG).id
    except partners.UnknownPartner:
        return 0, 0
    with scopes.one(shell_id):
        passed += [_look(award, actor, now) for award in _standing(award_id, unseen_since, now)]
    return len(passed), sum(passed)


def _standing(award_id: UUID | None, unseen_since: datetime | None, now: datetime) -> list[credentials.AwardRow]:
    """The robots' awards that were not revoked, or the one asked for, without those that were seen lately."""
    looks = queries.latest_checks() if unseen_since else ()
    seen = {look.award_id for look in looks if unseen_since and look.checked_at > unseen_since}
    robots = [person.id for person in people.everybody() if person.synthetic]
    awards = [award for robot_id in robots for award in credentials.awards_of(robot_id, now)]
    wanted = [award for award in awards if award_id in (None, award.id)]
    return [award for award in wanted if award.revoked_at is None and award.id not in seen]


@action("rehearsal.award_page.record")
def record_check(*, award_id: UUID, address: str, status: int, seen: rules.Seen, actor: Actor, now: datetime) -> UUID:
    """Store what a look at an award's page found."""
    row = AwardPageCheck.objects.create(
        award_id=award_id,
        address=address,
        status=status,
        passed=seen.passed,
        words=str(seen.words)[:400],
        said=pack(seen.words),
        checked_at=now,
    )
    check_id: UUID = row.pk
    audit.record(
        actor=actor,
        verb="rehearsal.award_page.record",
        object_type="award",
        object_id=award_id,
        changes={"passed": seen.passed, "status": status},
        now=now,
    )
    event = AwardPageChecked(check_id=check_id, award_id=award_id, passed=seen.passed)
    publish(event, subject_id=award_id, now=now, actor=actor)
    return check_id


def _look(award: credentials.AwardRow, actor: Actor, now: datetime) -> bool:
    address = _address(award.number)
    page, control = _fetch(address), _fetch(_address(rules.made_up(award.number)))
    holder = people.person(award.person_id).name
    seen = rules.judge_page(page, number=award.number, title=award.title, holder=holder, control=control)
    record_check(award_id=award.id, address=address, status=page.status, seen=seen, actor=actor, now=now)
    return seen.passed


def _address(number: str) -> str:
    return f"{settings.BASE_URL}{reverse('credentials:verify', args=[number])}"


def _fetch(address: str) -> rules.Page:
    """One GET without cookies, to this installation only."""
    try:
        with http(allow=_own_addresses()) as client:
            answer = client.get(address, headers={"Accept-Language": "en"})
    except (httpx.HTTPError, OSError):
        return rules.Page(0, "")
    return rules.Page(answer.status_code, answer.text)


def _own_addresses() -> list[tuple[str, int]]:
    base = urlsplit(settings.BASE_URL)
    port = base.port or (443 if base.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(base.hostname, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return []
    return [(str(row[4][0]), port) for row in found]
