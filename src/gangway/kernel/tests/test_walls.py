"""The walls of the database, tried on every table that stands behind them, each with a control: without it, red."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.postgresql import base as plain_postgresql
from tests.planting import (
    Planter,
    append_only_models,
    insert_unfiltered,
    partner_models,
    rows_of,
    tenant_keys,
    unfiltered,
)

from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes, walls
from gangway.kernel.tests.conftest import make_partner

PARTNER_TABLES = pytest.mark.parametrize("model", partner_models(), ids=lambda model: model._meta.label)
KEYS = pytest.mark.parametrize("model, key", tenant_keys(), ids=lambda part: getattr(part, "name", "") or part.__name__)
APPEND_ONLY = pytest.mark.parametrize("model", append_only_models(), ids=lambda model: model._meta.label)
COMMITTED = pytest.mark.django_db(transaction=True)
AS_OWNER = pytest.mark.django_db(transaction=True, databases=list(settings.DATABASES))
ON_POSTGRES = pytest.mark.postgres_only
ON_SQLITE = pytest.mark.sqlite_only


class Fence:
    """Nordwind with its reseller Nordlicht below it, and Südstern, whom a channel manager looks after."""

    def __init__(self) -> None:
        self.nordwind, self.nordlicht, self.suedstern = (
            make_partner(slug) for slug in ("nordwind", "nordlicht", "suedstern")
        )
        self.manager = new_id()
        apps.get_model("partners", "PartnerClosure").objects.create(
            ancestor_id=self.nordwind, descendant_id=self.nordlicht, depth=1
        )
        apps.get_model("partners", "PortfolioPartner").objects.create(person_id=self.manager, partner_id=self.suedstern)
        self.planters = {
            partner: Planter(partner, mark)
            for partner, mark in (
                (self.nordwind, "NORDWIND"),
                (self.nordlicht, "NORDLICHT"),
                (self.suedstern, "SUEDSTERN"),
            )
        }

    def plant(self, model: Any) -> dict[UUID, Any]:
        """One row of `model` per partner."""
        return {partner: planter.row(model) for partner, planter in self.planters.items()}

    def reads(self) -> dict[str, tuple[AbstractContextManager[Any], set[UUID]]]:
        """Scope → whose rows it may read."""
        everybody = set(self.planters)
        return {
            "none": (nullcontext(), set()),
            "one": (scopes.one(self.nordlicht), {self.nordlicht}),
            "stranger": (scopes.one(new_id()), set()),
            "tree": (scopes.tree(self.nordwind), {self.nordwind, self.nordlicht}),
            "portfolio": (scopes.portfolio(self.manager), {self.suedstern}),
            "nobody's portfolio": (scopes.portfolio(new_id()), set()),
            "host": (scopes.host(), everybody),
            "unscoped": (scopes.unscoped(scopes.Reason.INVARIANTS), everybody),
        }


@pytest.fixture
def fence(db: None) -> Fence:
    return Fence()


def refused(attempt: Callable[[], Any]) -> str:
    """What the database said when it refused, "0 rows" when there was nothing to change, "" when it obeyed."""
    try:
        with transaction.atomic():
            done = attempt()
    except DatabaseError as error:
        return str(error)
    return "0 rows" if done == 0 else ""


def change(row: Any, column: str = "") -> int:
    """Change a row in the database, whatever its model says; how many rows changed."""
    fields = row._meta.local_concrete_fields
    field = next((f for f in fields if f.column == column), fields[-1])
    return unfiltered(type(row)).filter(pk=row.pk).update(**{field.attname: getattr(row, field.attname)})


def remove(row: Any) -> int:
    return int(unfiltered(type(row)).filter(pk=row.pk)._raw_delete("default"))


@contextmanager
def owner(*statements: str) -> Iterator[None]:
    """Change the schema as the role that may."""
    with connections["owner" if "owner" in connections.settings else "default"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    yield


# ── Row-level security ──────────────────────────────────────────────────────────────────────────────────────────────


@ON_POSTGRES
@PARTNER_TABLES
def test_row_security_lets_each_scope_read_its_own_rows_only(fence: Fence, model: Any) -> None:
    fence.plant(model)
    for name, (scope, allowed) in fence.reads().items():
        with scope:
            assert set(rows_of(model)) == allowed, name


def writes_that_got_through(fence: Fence, model: Any) -> list[str]:
    """Each verb on each row that is not the scope's own partner's, in each scope."""
    rows = fence.plant(model)
    fresh = {partner: planter.build(model) for partner, planter in fence.planters.items()}
    through = []
    for name, (scope, allowed) in fence.reads().items():
        with scope:
            for partner in fence.planters:
                if name == "one" and partner in allowed:
                    continue
                attempts = {
                    "insert": lambda: insert_unfiltered(fresh[partner]),  # noqa: B023
                    "update": lambda: change(rows[partner]),  # noqa: B023
                    "delete": lambda: remove(rows[partner]),  # noqa: B023
                }
                through += [f"{verb} in {name}" for verb, attempt in attempts.items() if not refused(attempt)]
    return through


@ON_POSTGRES
@PARTNER_TABLES
def test_row_security_stops_each_write_outside_ones_own_partner(fence: Fence, model: Any) -> None:
    assert writes_that_got_through(fence, model) == []


@ON_POSTGRES
@AS_OWNER
def test_without_row_security_the_same_acts_get_through() -> None:
    """The control: the two tests above are red where the wall is missing."""
    fence, model = Fence(), apps.get_model("people", "Group")
    with owner("ALTER TABLE people_group DISABLE ROW LEVEL SECURITY"):
        through = writes_that_got_through(fence, model)
        assert {verb.split()[0] for verb in through} == {"insert", "update", "delete"}
        with scopes.one(fence.nordlicht):
            assert set(rows_of(model)) - {fence.nordlicht}


@ON_POSTGRES
@PARTNER_TABLES
def test_a_row_cannot_be_moved_to_another_partner(fence: Fence, model: Any) -> None:
    row = fence.planters[fence.nordwind].row(model)
    with scopes.one(fence.nordwind):
        answer = refused(lambda: unfiltered(model).filter(pk=row.pk).update(partner_id=fence.suedstern))
    assert "row-level security" in answer or "permission denied" in answer


@ON_POSTGRES
def test_every_table_of_partners_is_secured(db: None) -> None:
    """Read from the catalogue of PostgreSQL: what a query could not show, an unsecured table would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
        secured = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tablename, count(*) FROM pg_policies GROUP BY tablename")
        policies = dict(cursor.fetchall())
    tables = {model._meta.db_table for model in partner_models()} | {"partners_partner"}
    assert secured == tables
    assert policies == dict.fromkeys(tables, 4)


# ── The scope is told again ─────────────────────────────────────────────────────────────────────────────────────────


def told() -> tuple[str, str]:
    """What the session believes, asked below Django, so that asking tells it nothing."""
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('gangway.mode', true), current_setting('gangway.partner', true)")
        mode, partner = cursor.fetchone()
    return mode or "", partner or ""


def ask() -> None:
    """Any statement at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def scope_after_rollback(first: UUID, second: UUID) -> tuple[str, str]:
    with scopes.one(first):
        ask()
    with scopes.one(second):
        with transaction.atomic():
            ask()
            transaction.set_rollback(True)
        ask()
        return told()


def scope_after_savepoint_rollback(first: UUID, second: UUID) -> tuple[str, str]:
    with transaction.atomic():
        with scopes.one(first):
            savepoint = transaction.savepoint()
        with scopes.one(second):
            ask()
            transaction.savepoint_rollback(savepoint)
            ask()
            return told()


def scope_after_failed_statement(first: UUID, second: UUID) -> tuple[str, str]:
    with transaction.atomic():
        with scopes.one(first):
            savepoint = transaction.savepoint()
        with scopes.one(second):
            with pytest.raises(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
            transaction.savepoint_rollback(savepoint)
            ask()
            return told()


def scope_after_the_pool(first: UUID, second: UUID) -> tuple[str, str]:
    """This thread speaks for `second`, lends its connection to a thread that speaks for `first`, and takes it back."""

    def borrow() -> None:
        with scopes.one(first):
            take(session)
            ask()
        connection.close()

    with scopes.one(second):
        ask()
        session = connection.connection.info.backend_pid
        connection.close()
        thread = threading.Thread(target=borrow)
        thread.start()
        thread.join()
        take(session)
        ask()
        return told()


def take(session: int) -> None:
    """Borrow from the pool until it lends this very session; a pool of several lends them in turn."""
    for _ in range(50):
        connection.ensure_connection()
        if connection.connection.info.backend_pid == session:
            return
        connection.close()
    pytest.fail("The pool did not lend the same connection again, so this shows nothing.")


RETELLING = {
    scope_after_rollback: "_rollback",
    scope_after_savepoint_rollback: "_savepoint_rollback",
    scope_after_failed_statement: "_savepoint_rollback",
    scope_after_the_pool: "connect",
}


@ON_POSTGRES
@COMMITTED
@pytest.mark.parametrize("play", RETELLING, ids=lambda play: play.__name__)
def test_the_session_is_told_its_scope_again(play: Callable[[UUID, UUID], tuple[str, str]]) -> None:
    first, second = new_id(), new_id()
    assert play(first, second) == ("one", str(second))


@ON_POSTGRES
@COMMITTED
@pytest.mark.parametrize("play", RETELLING, ids=lambda play: play.__name__)
def test_a_session_that_is_not_told_again_speaks_for_the_wrong_partner(play: Any, monkeypatch: Any) -> None:
    """The control: with Django's own method in place of ours, the same play ends in another scope."""
    name = RETELLING[play]
    monkeypatch.setattr(type(connections["default"]), name, getattr(plain_postgresql.DatabaseWrapper, name))
    first, second = new_id(), new_id()
    assert play(first, second) != ("one", str(second))


@ON_POSTGRES
@COMMITTED
def test_a_borrowed_connection_without_a_scope_reads_nothing() -> None:
    partner = make_partner("nordwind")
    with scopes.one(partner):
        ask()
        session = connection.connection.info.backend_pid
        connection.close()
    take(session)
    ask()
    assert told() == ("", "")
    assert list(rows_of(apps.get_model("partners", "Partner"))) == []


# ── Keys stay inside their partner ──────────────────────────────────────────────────────────────────────────────────

ANOTHER = r"FOREIGN KEY of another partner|gw_fk_"


@KEYS
def test_a_key_cannot_point_at_another_partners_row(fence: Fence, model: Any, key: Any) -> None:
    ours, theirs = fence.planters[fence.nordwind], fence.planters[fence.suedstern]
    foreign = theirs.row(key.related_model)
    with scopes.one(fence.nordwind):
        crossing = ours.build(model, **{key.attname: foreign.pk})
        with pytest.raises(DatabaseError, match=ANOTHER), transaction.atomic():
            insert_unfiltered(crossing)
        row = ours.row(model)
        if not model.append_only:
            with pytest.raises(DatabaseError, match=ANOTHER), transaction.atomic():
                unfiltered(model).filter(pk=row.pk).update(**{key.attname: foreign.pk})


@AS_OWNER
@ON_POSTGRES
def test_without_the_composite_key_the_crossing_is_stored_on_postgresql() -> None:
    with owner('ALTER TABLE people_groupmember DROP CONSTRAINT "gw_fk_people_groupmember_person_id"'):
        assert crossing_is_stored()


@COMMITTED
@ON_SQLITE
def test_without_the_trigger_the_crossing_is_stored_on_sqlite() -> None:
    with owner('DROP TRIGGER "gw_ins_people_groupmember_person_id"'):
        assert crossing_is_stored()


def crossing_is_stored() -> bool:
    fence, member = Fence(), apps.get_model("people", "GroupMember")
    foreign = fence.planters[fence.suedstern].row(apps.get_model("people", "Person"))
    with scopes.one(fence.nordwind):
        insert_unfiltered(fence.planters[fence.nordwind].build(member, person_id=foreign.pk))
        return unfiltered(member).count() == 1


@ON_SQLITE
@PARTNER_TABLES
def test_a_row_stays_with_its_partner_on_sqlite(fence: Fence, model: Any) -> None:
    """PostgreSQL refuses this by row-level security, see above."""
    row = fence.planters[fence.nordwind].row(model)
    with pytest.raises(DatabaseError, match=rf"stays with its partner|append-only|{ANOTHER}"), transaction.atomic():
        unfiltered(model).filter(pk=row.pk).update(partner_id=fence.suedstern)


@KEYS
def test_joins_carry_the_partner_along(fence: Fence, model: Any, key: Any) -> None:
    theirs = key.related_model._meta.db_table
    with scopes.one(fence.nordwind):
        sql = str(unfiltered(model).select_related(key.name).query)
    join = sql.split(" JOIN ", 1)[1]
    assert f'"{theirs}"' in join
    assert '."partner_id" = ' in join


@KEYS
def test_following_a_key_looks_inside_the_rows_partner(fence: Fence, model: Any, key: Any) -> None:
    foreign = fence.planters[fence.suedstern].row(key.related_model)
    row = fence.planters[fence.nordwind].build(model, **{key.attname: foreign.pk})
    for scope in (scopes.one(fence.nordwind), scopes.host()):
        with scope, pytest.raises(key.related_model.DoesNotExist):
            getattr(row, key.name)


# ── Append-only ─────────────────────────────────────────────────────────────────────────────────────────────────────


@APPEND_ONLY
def test_what_is_append_only_is_neither_changed_nor_removed(fence: Fence, model: Any) -> None:
    row = fence.planters[fence.nordwind].row(model)
    with scopes.one(fence.nordwind):
        for column in walls.guarded_columns(model):
            answer = refused(lambda: change(row, column))  # noqa: B023
            assert "append-only" in answer or "permission denied" in answer, column
        answer = refused(lambda: remove(row))
        assert "append-only" in answer or "permission denied" in answer


@APPEND_ONLY
def test_what_is_erasable_can_be_erased(fence: Fence, model: Any) -> None:
    row = fence.planters[fence.nordwind].row(model)
    with scopes.one(fence.nordwind):
        for column in model.erasable_columns:
            assert refused(lambda: change(row, column)) == ""  # noqa: B023


@ON_SQLITE
@APPEND_ONLY
def test_replacing_a_row_does_not_pass_by_the_triggers(fence: Fence, model: Any) -> None:
    """SQLite's REPLACE removes rows silently unless it is told to call triggers for that too."""
    row = fence.planters[fence.nordwind].row(model)
    table = model._meta.db_table
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'REPLACE INTO "{table}" SELECT * FROM "{table}" WHERE id = %s', [row.pk.hex])


@AS_OWNER
@ON_POSTGRES
@APPEND_ONLY
def test_each_of_the_two_walls_holds_alone(model: Any) -> None:
    """The trigger stops even the owner; without the trigger, the role of production still has no right to change."""
    fence = Fence()
    row = fence.planters[fence.nordwind].row(model)
    table = model._meta.db_table
    column = walls.guarded_columns(model)[0]
    same = f'UPDATE "{table}" SET "{column}" = "{column}"'
    with pytest.raises(DatabaseError, match="append-only"), owner(same):
        pass
    with pytest.raises(DatabaseError, match="append-only"), owner(f'DELETE FROM "{table}"'):
        pass
    with (
        owner(
            f'DROP TRIGGER "{walls._short(f"gw_keep_{table}")}" ON "{table}"',
            f'DROP TRIGGER "{walls._short(f"gw_hold_{table}")}" ON "{table}"',
        ),
        scopes.one(fence.nordwind),
    ):
        assert "permission denied" in refused(lambda: change(row, column))
        assert "permission denied" in refused(lambda: remove(row))


@AS_OWNER
@ON_POSTGRES
def test_without_both_walls_history_is_rewritten_on_postgresql() -> None:
    with owner(
        'DROP TRIGGER "gw_keep_kernel_auditentry" ON kernel_auditentry',
        'DROP TRIGGER "gw_hold_kernel_auditentry" ON kernel_auditentry',
        'GRANT UPDATE, DELETE ON kernel_auditentry TO "gangway_app"',
    ):
        assert history_is_rewritten()


@COMMITTED
@ON_SQLITE
def test_without_the_triggers_history_is_rewritten_on_sqlite() -> None:
    with owner('DROP TRIGGER "gw_keep_kernel_auditentry"', 'DROP TRIGGER "gw_hold_kernel_auditentry"'):
        assert history_is_rewritten()


def history_is_rewritten() -> bool:
    fence, entry = Fence(), apps.get_model("kernel", "AuditEntry")
    row = fence.planters[fence.nordwind].row(entry)
    return entry.objects.filter(pk=row.pk).update(verb="x") == 1 and remove(row) == 1


# ── Raising the walls ───────────────────────────────────────────────────────────────────────────────────────────────


@AS_OWNER
def test_raising_the_walls_again_changes_nothing_and_mends_what_is_missing() -> None:
    using = "owner" if "owner" in connections.settings else "default"
    before = standing()
    walls.raise_walls(using)
    assert standing() == before
    names = {
        "postgresql": "DROP POLICY gw_read ON people_person",
        "sqlite": "DROP TRIGGER gw_ins_people_groupmember_person_id",
    }
    with owner(names[connection.vendor]):
        assert standing() != before
    walls.raise_walls(using)
    assert standing() == before


def standing() -> set[str]:
    """The names of all walls."""
    queries = {
        "sqlite": "SELECT name || sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tablename || policyname || coalesce(qual, '') || coalesce(with_check, '') "
        "FROM pg_policies "
        "UNION SELECT conname FROM pg_constraint WHERE conname LIKE 'gw%' "
        "UNION SELECT tgname FROM pg_trigger WHERE tgname LIKE 'gw%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        return {name for (name,) in cursor.fetchall()}
