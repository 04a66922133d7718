"""How an export differs from this installation is looked at, and kept as evidence."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.rollout.operations import queries
from gangway.rollout.operations.events import EnvironmentsCompared
from gangway.rollout.operations.models import Comparison
from gangway.rollout.operations.rules import Export, check_fields, digest_of, steps


@action("operations.environments.compare", scoped=False)
def compare(*, export: Export, source: str, actor: Actor, now: datetime) -> UUID:
    """Look at how an export differs from what is configured here, and keep what was seen.

    Invalid: it says something that this version does not know. NotFound: there is no vendor yet.
    """
    host_id = partners.host_id()
    here, parts = queries.configured(), queries.parts()
    check_fields(export.configuration, parts)
    found = steps(here, export.configuration, parts)
    rows = [{**asdict(step), "by_hand": str(step.by_hand)} for step in found[: queries.KEPT_ROWS]]
    with scopes.one(host_id):
        Comparison.objects.exclude(export={}).update(export={})
        row = Comparison.objects.create(
            actor_kind=actor.kind,
            actor_id=actor.id,
            source=source[:200],
            environment=export.environment,
            theirs=export.digest,
            ours=digest_of(here),
            found=len(found),
            rows=rows,
            export=dict(export.configuration),
            compared_at=now,
        )
        changes = {"environment": export.environment, "digest": export.digest, "differences": len(found)}
        audit.record(
            actor=actor,
            verb="operations.environments.compare",
            object_type="operations.comparison",
            object_id=row.pk,
            changes=changes,
            now=now,
        )
        event = EnvironmentsCompared(comparison_id=row.pk, environment=export.environment, differences=len(found))
        publish(event, subject_id=row.pk, now=now, actor=actor)
    made: UUID = row.pk
    return made
