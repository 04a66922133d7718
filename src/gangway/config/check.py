"""`gangway check`: are the settings, the database and the promises of the house in order?

Each check returns what it found in words; nothing is changed. The invariants count rows that must not exist, over all
partners.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, TypedDict, cast

from django.apps import apps
from django.conf import settings
from django.core import checks as django_checks
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Exists, OuterRef

from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.inspection import expected_walls, standing_walls
from gangway.kernel.tenancy.models import PartnerModel, TenantForeignKey, TenantTable
from gangway.kernel.tenancy.walls import house_models

MAIN = "default"


@dataclass(frozen=True)
class Finding:
    """One line of the report. `ok` None: could not be looked at."""

    key: str
    ok: bool | None
    words: str


Check = Callable[[], Finding]


def run() -> list[Finding]:
    """Every check in order. What stands on a check that failed is not looked at."""
    findings = [check() for check in SETTINGS]
    with scopes.unscoped(scopes.Reason.INVARIANTS):
        for needed, stage in ((None, DATABASE), ("reachable", SCHEMA), ("migrations", INVARIANTS)):
            stands = needed is None or any(finding.key == needed and finding.ok for finding in findings)
            findings += [check() if stands else Finding(name(check), None, f"needs: {needed}") for check in stage]
    return findings


class Report(TypedDict):
    """The report as one document."""

    ok: bool
    checks: list[dict[str, Any]]


def report() -> Report:
    """`ok` is true when every check is; one that could not be looked at is not."""
    findings = run()
    return {"ok": all(finding.ok for finding in findings), "checks": [asdict(finding) for finding in findings]}


def name(check: Check) -> str:
    return check.__name__


# ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────────────


def declarations() -> Finding:
    """Django's own checks and ours of the models."""
    errors = [message for message in django_checks.run_checks() if message.level >= django_checks.ERROR]
    words = "; ".join(str(error.msg) for error in errors[:3]) if errors else "settings and models are well formed"
    return Finding("declarations", not errors, words)


def home() -> Finding:
    writable = os.access(settings.HOME, os.W_OK)
    return Finding("home", writable, f"{settings.HOME} {'can' if writable else 'cannot'} be written")


def mail() -> Finding:
    """No mail server is a choice, not a fault: letters are kept and readable."""
    return Finding("mail", True, "letters go out by SMTP" if settings.EMAIL_URL else "no EMAIL_URL: letters are kept")


def address() -> Finding:
    production = settings.GANGWAY_ENVIRONMENT == "production" and not settings.BASE_URL.startswith("http://127.")
    secure = settings.BASE_URL.startswith("https://")
    words = f"people use {settings.BASE_URL}"
    return Finding("address", secure or not production, words if secure or not production else f"{words}, without TLS")


# ── Database ────────────────────────────────────────────────────────────────────────────────────────────────────────


def reachable() -> Finding:
    try:
        with connections[MAIN].cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError as error:
        return Finding("reachable", False, f"the database does not answer: {str(error).strip().splitlines()[0]}")
    return Finding("reachable", True, f"{connections[MAIN].vendor} answers")


def role() -> Finding:
    """On PostgreSQL the process must be held by row-level security: no superuser, no BYPASSRLS, no owner."""
    if connections[MAIN].vendor != "postgresql":
        return Finding("role", True, "SQLite knows no roles; the managers are the wall")
    with connections[MAIN].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper OR rolbypassrls, EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n "
            "ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND pg_has_role(c.relowner, 'MEMBER')) "
            "FROM pg_roles WHERE rolname = current_user"
        )
        user, free, owner = cursor.fetchone()
    if free or owner:
        reason = "is a superuser or bypasses row-level security" if free else "owns tables"
        return Finding("role", False, f"{user} {reason}; connect as gangway_app and migrate by DATABASE_OWNER_URL")
    return Finding("role", True, f"{user} owns nothing and is held by row-level security")


def migrations() -> Finding:
    executor = MigrationExecutor(connections[MAIN])
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding("migrations", False, f"{len(missing)} not applied, first {missing[0][0]}; `gangway up` does it")
    return Finding("migrations", True, f"all {len(executor.loader.applied_migrations)} applied")


def walls() -> Finding:
    """Row-level security, composite keys and append-only triggers: all that walls.py builds is there."""
    expected = expected_walls(MAIN)
    missing = sorted(expected - standing_walls(MAIN))
    if missing:
        return Finding("walls", False, f"{len(missing)} of {len(expected)} missing, first {missing[0]}")
    return Finding("walls", True, f"all {len(expected)} stand")


# ── Invariants ──────────────────────────────────────────────────────────────────────────────────────────────────────


def partners_kept_apart() -> Finding:
    """No row of a partner refers to a row of another partner."""
    keys = list(_tenant_keys())
    broken = {f"{model.__name__}.{key.name}": n for model, key in keys if (n := _strangers(model, key))}
    words = ", ".join(f"{n} in {where}" for where, n in broken.items())
    return Finding("partners_kept_apart", not broken, words or f"0 rows over {len(keys)} keys refer to another partner")


def nothing_parked() -> Finding:
    failures = apps.get_model("kernel", "Failure").objects.filter(state="parked").count()
    return Finding("nothing_parked", not failures, f"{failures} reactions to events wait for staff")


def jobs_well() -> Finding:
    failed = apps.get_model("kernel", "Job").objects.filter(state="failed").count()
    return Finding("jobs_well", not failed, f"{failed} jobs gave up")


SETTINGS: tuple[Check, ...] = (declarations, home, mail, address)
DATABASE: tuple[Check, ...] = (reachable,)
SCHEMA: tuple[Check, ...] = (role, migrations)
INVARIANTS: tuple[Check, ...] = (walls, partners_kept_apart, nothing_parked, jobs_well)


def _tenant_keys() -> Iterator[tuple[type[TenantTable], TenantForeignKey]]:
    for model in house_models():
        if issubclass(model, PartnerModel):
            for key in model._meta.local_fields:
                if isinstance(key, TenantForeignKey):
                    yield model, key


def _strangers(model: type[TenantTable], key: TenantForeignKey) -> int:
    """Rows whose key finds no row of the same partner."""
    target = cast(type[TenantTable], key.related_model)
    mine = {"pk": OuterRef(key.attname), target.partner_column: OuterRef(model.partner_column)}
    rows = model._base_manager.filter(**{f"{key.attname}__isnull": False})
    return int(rows.exclude(Exists(target._base_manager.filter(**mine))).count())
