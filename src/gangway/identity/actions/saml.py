"""What a SAML provider says of itself is kept; its assertions are taken once."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from gangway.identity.actions.connections import Departed, come_back, own_connection
from gangway.identity.models import SamlAnswer, SamlSettings
from gangway.identity.queries.saml import answer_digest, assertion_digest
from gangway.identity.rules.connections import Asserted, ConnectionKind
from gangway.identity.rules.saml import ANSWER_LIFE, CLOCK_DRIFT, NotProven, ProviderMetadata
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal


class NoSaml(Refusal):
    code = "identity.no_saml"
    message = "The connection {key} does not speak SAML."
    next_step = "Name the partner's SAML connection, or make one with `gangway connection add --kind saml`."


class OtherProvider(Refusal):
    code = "identity.saml_other_provider"
    message = "This connection is bound to the provider {pinned}; these metadata are of {came}."
    next_step = "Make another connection for another provider: whom this one knows, the other one may call differently."


class Replayed(Refusal):
    code = "identity.saml_replayed"
    message = "This assertion was used before."
    next_step = "Sign in once more: the provider makes a new one."


@action("identity.saml.set_metadata")
def set_saml_metadata(
    *,
    connection_id: UUID,
    metadata: ProviderMetadata,
    url: str = "",
    subject_attribute: str | None = None,
    actor: Actor,
    now: datetime,
) -> bool:
    """Keep what a connection's provider says of itself; whether anything that counts is new.

    url: where it is asked again every night; "" for a file. What was given by a link stays until the same address names
    it too, or it runs out. subject_attribute: where a person's subject is read; None
    leaves it as it is. NoSaml. OtherProvider: the first metadata bind a connection to their entity id.
    """
    connection = own_connection(connection_id)
    if connection.kind != ConnectionKind.SAML:
        raise NoSaml(key=connection.key)
    row = SamlSettings.objects.filter(connection=connection).first() or SamlSettings(connection=connection)
    if row.entity_id not in ("", metadata.entity_id):
        raise OtherProvider(pinned=row.entity_id, came=metadata.entity_id)
    before = _counts(row)
    row.entity_id, row.sso_url = metadata.entity_id, metadata.sso_url
    named = [
        {"pem": one.pem, "fingerprint": one.fingerprint, "not_after": one.not_after.isoformat()}
        for one in metadata.certificates
    ]
    row.certificates = [*named, *(_ahead(row, metadata, now) if url and url == row.metadata_url else ())]
    row.metadata_url, row.fetched_at = url, now
    row.problem, row.problem_at = "", None
    if subject_attribute is not None:
        row.subject_attribute = subject_attribute
    row.save()
    changes = {name: value for name, value in _counts(row).items() if value != before[name]}
    if changes:
        _note(connection_id, "identity.saml.set_metadata", changes, actor, now)
    return bool(changes)


def _ahead(row: SamlSettings, metadata: ProviderMetadata, now: datetime) -> list[dict[str, Any]]:
    named = {one.fingerprint for one in metadata.certificates}
    given = (one for one in row.certificates if one.get("given") and one["fingerprint"] not in named)
    return [one for one in given if datetime.fromisoformat(one["not_after"]) > now]


def _counts(row: SamlSettings) -> dict[str, object]:
    return {
        "entity_id": row.entity_id,
        "sso_url": row.sso_url,
        "certificates": [one["fingerprint"] for one in row.certificates],
        "subject_attribute": row.subject_attribute,
        "metadata_url": row.metadata_url,
    }


@action("identity.saml.note_problem")
def note_saml_problem(*, connection_id: UUID, problem: str, actor: Actor, now: datetime) -> None:
    """The refresh brought nothing: what was known stays, and why is kept until one succeeds."""
    SamlSettings.objects.filter(connection=connection_id).update(problem=problem[:300], problem_at=now)


@action("identity.saml.remember_assertion")
def remember_assertion(
    *,
    connection_id: UUID,
    assertion_id: str,
    until: datetime,
    state: str,
    asserted: Asserted,
    actor: Actor,
    now: datetime,
) -> str:
    """Take a verified assertion, once; the handle by which the browser that was sent (`state`) fetches it.

    Replayed: it was taken before, here or by another worker.
    """
    words = {"state": state, "subject": asserted.subject, "claims": {k: list(v) for k, v in asserted.claims.items()}}
    try:
        with transaction.atomic():
            return _keep(connection_id, assertion_id, words, now, until + CLOCK_DRIFT)
    except IntegrityError as error:
        raise Replayed from error


@action("identity.saml.remember_refused")
def remember_refused(*, connection_id: UUID, state: str, refused: NotProven, actor: Actor, now: datetime) -> str:
    """Keep why an answer proves nothing, for the browser that was sent (`state`); the handle by which it fetches it."""
    words = {"state": state, "reason": refused.reason.value, "detail": refused.detail}
    return _keep(connection_id, secrets.token(24), words, now, now + ANSWER_LIFE)


def _keep(connection_id: UUID, name: str, words: dict[str, Any], now: datetime, until: datetime) -> str:
    handle = secrets.token(24)
    SamlAnswer.objects.create(
        connection_id=connection_id,
        assertion=assertion_digest(name),
        handle=answer_digest(handle),
        brought=secrets.seal(json.dumps(words)),
        taken_at=now,
        keep_until=until,
    )
    return handle


@dataclass(frozen=True, slots=True)
class Arrived:
    """Whom the provider named to the browser that we sent there; or, where `asserted` is None, why nobody."""

    departed: Departed
    asserted: Asserted | None
    reason: str = ""
    detail: str = ""


@action("identity.saml.fetch_answer")
def fetch_answer(*, connection_id: UUID, handle: str, browser: str, actor: Actor, now: datetime) -> Arrived | None:
    """What the provider's answer said, for the browser that was sent to it, once, within two minutes; else None."""
    row = SamlAnswer.objects.select_for_update().filter(connection=connection_id, handle=answer_digest(handle)).first()
    if row is None or not row.brought or row.taken_at + ANSWER_LIFE < now:
        return None
    words = json.loads(secrets.unseal(row.brought))
    departed = come_back(state=words["state"], connection_id=connection_id, browser=browser, actor=actor, now=now)
    if departed is None:
        return None
    SamlAnswer.objects.filter(pk=row.pk).update(brought="")
    if "reason" in words:
        return Arrived(departed, None, words["reason"], words["detail"])
    return Arrived(departed, Asserted(words["subject"], {name: tuple(one) for name, one in words["claims"].items()}))


@action("identity.saml.forget_assertions")
def forget_assertions(*, actor: Actor, now: datetime) -> int:
    """Forget assertions that nobody would take any more, and what others said and nobody fetched; how many."""
    SamlAnswer.objects.filter(taken_at__lt=now - ANSWER_LIFE).exclude(brought="").update(brought="")
    gone: int = SamlAnswer.objects.filter(keep_until__lt=now).delete()[0]
    return gone


def _note(connection_id: UUID, verb: str, changes: dict[str, object], actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="identity.connection", object_id=connection_id, changes=changes, now=now
    )
