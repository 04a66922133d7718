"""Statements that are written once: the answers of the queries they stand for, in whatever scope they are asked."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from gangway.kernel import prepared
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import PartnerManager, PartnerQuerySet
from gangway.kernel.tests.conftest import MONDAY


def partner() -> Any:
    return apps.get_model("partners", "Partner")


def brand() -> Any:
    return apps.get_model("partners", "Brand")


@prepared.prepared
def called(slug: str) -> QuerySet[Any]:
    return partner().objects.filter(slug=slug).values_list("id", "slug", "created_at")


@prepared.prepared
def made_before(at: datetime, partner_id: UUID) -> QuerySet[Any]:
    return partner().objects.filter(created_at__lt=at, pk=partner_id, state="active").values_list("slug")


@prepared.prepared
def locked(slug: str) -> QuerySet[Any]:
    return partner().objects.select_for_update().filter(slug=slug).values_list("id")


@prepared.prepared
def whole(partner_id: UUID) -> QuerySet[Any]:
    return partner().objects.filter(pk=partner_id).values_list(*prepared.columns(partner()))


def test_each_scope_gets_its_own_rows_from_the_same_statement(nordwind, suedstern):
    with scopes.one(nordwind):
        assert called("nordwind") == [(nordwind, "nordwind", MONDAY)]
        assert called("suedstern") == []
    with scopes.one(suedstern):
        assert called("nordwind") == [], "the partner is a value of the statement, not a part of it"
        assert called("suedstern") == [(suedstern, "suedstern", MONDAY)]
    with scopes.host():
        assert called("nordwind")
        assert called("suedstern")
    with pytest.raises(scopes.NoScope):
        called("nordwind")


made: list[Any] = []


def _remember(row: tuple[Any, ...]) -> Any:
    made.append(row)
    return f"{row[1]} since {row[2]:%Y}"


@prepared.prepared_as(_remember)
def named(slug: str) -> QuerySet[Any]:
    return partner().objects.filter(slug=slug).values_list("id", "slug", "created_at")


def test_what_is_made_of_a_row_is_made_again_when_the_row_is_another(nordwind, suedstern, monkeypatch):
    made.clear()
    prepared.forget()
    with scopes.one(nordwind):
        assert named("nordwind") == named("nordwind") == ["nordwind since 2026"]
        assert made == [(nordwind, "nordwind", MONDAY)], "made once"
        assert named("suedstern") == []
        partner().objects.filter(pk=nordwind).update(created_at=MONDAY.replace(year=2020))
        assert named("nordwind") == ["nordwind since 2020"]
    with scopes.one(suedstern):
        assert named("nordwind") == [], "what was made in one scope is not given in another"
    with scopes.host():
        assert named("suedstern") == ["suedstern since 2026"], "asked itself where the scope is wider"
    monkeypatch.setattr(prepared, "MADE", 1)
    with scopes.one(nordwind):
        partner().objects.filter(pk=nordwind).update(created_at=MONDAY.replace(year=2021))
        made.clear()
        assert named("nordwind") == named("nordwind") == ["nordwind since 2021"]
    assert len(made) == 1, "few are kept, the youngest among them"


def test_values_are_compared_as_the_fields_compare_them(nordwind):
    with scopes.one(nordwind):
        assert made_before(MONDAY + timedelta(microseconds=1), nordwind) == [("nordwind",)]
        assert made_before(MONDAY, nordwind) == []
        assert made_before(at=MONDAY + timedelta(days=1), partner_id=nordwind) == [("nordwind",)]
        assert called("x' OR 1=1 --") == []


def test_the_sql_is_what_the_query_says(nordwind):
    with scopes.one(nordwind):
        for _ in range(2):  # written, then kept
            with CaptureQueriesContext(
                connection,
            ) as asked:
                called("nordwind")
            with CaptureQueriesContext(connection) as plain:
                list(partner().objects.filter(slug="nordwind").values_list("id", "slug", "created_at"))
            assert [one["sql"] for one in asked] == [one["sql"] for one in plain]


def test_a_row_is_what_the_manager_gives(nordwind):
    with scopes.one(nordwind):
        (read,) = prepared.loaded(partner(), whole(nordwind))
        plain = partner().objects.get(pk=nordwind)
        assert {name: getattr(read, name) for name in prepared.columns(partner())} == {
            name: getattr(plain, name) for name in prepared.columns(partner())
        }
        read.name = "Nordwind & Co"
        read.save()
        assert partner().objects.get(pk=nordwind).name == "Nordwind & Co"


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_inside_a_transaction_only(nordwind):
    with scopes.one(nordwind):
        with transaction.atomic():
            assert locked("nordwind") == [(nordwind,)]
        with pytest.raises(transaction.TransactionManagementError):
            locked("nordwind")


def test_what_changes_its_argument_cannot_be_prepared(nordwind):
    @prepared.prepared
    def begins(slug: str) -> QuerySet[Any]:
        return partner().objects.filter(slug__startswith=slug).values_list("id")

    @prepared.prepared
    def models_of(slug: str) -> QuerySet[Any]:
        return partner().objects.filter(slug=slug)

    with scopes.one(nordwind):
        with pytest.raises(TypeError, match="begins cannot be prepared"):
            begins("nord")
        with pytest.raises(TypeError, match="no values_list"):
            models_of("nordwind")
    with pytest.raises(TypeError, match="not with <class 'int'>"):

        @prepared.prepared
        def numbered(number: int) -> QuerySet[Any]:
            raise AssertionError


def test_what_was_written_is_written_anew_when_told_so(nordwind, suedstern, monkeypatch):
    with scopes.one(nordwind):
        assert called("suedstern") == []
        monkeypatch.setattr(PartnerManager, "get_queryset", lambda self: PartnerQuerySet(self.model, using=self._db))
        assert called("suedstern") == []
        prepared.forget()
        try:
            found = called("suedstern")
        finally:
            prepared.forget()
    assert found == ([] if connection.vendor == "postgresql" else [(suedstern, "suedstern", MONDAY)])


def test_new_rows_are_whole_and_belong_to_the_scope(nordwind, suedstern):
    with scopes.one(nordwind):
        row = brand()(accent="#123456")
        prepared.insert(row)
        assert row.partner_id == nordwind
        kept = brand().objects.get(pk=row.pk)
        assert all(getattr(kept, name) == getattr(row, name) for name in prepared.columns(brand()))
        row.accent = "#654321"
        row.save()
        assert brand().objects.get().accent == "#654321", "it is no new row any more"
        with pytest.raises(scopes.WrongScope):
            prepared.insert(brand()(partner_id=suedstern, accent="#123456"))
        prepared.insert()
    with pytest.raises(scopes.NoScope):
        prepared.insert(brand()(accent="#123456"))


def test_the_database_refuses_what_it_refuses_else(nordwind):
    with scopes.one(nordwind):
        row = brand()(accent="#123456")
        prepared.insert(row)
        with pytest.raises(IntegrityError), transaction.atomic():
            prepared.insert(brand()(id=row.pk, accent="#123456"))


def test_many_rows_are_written_by_another_statement(nordwind):
    entry = apps.get_model("kernel", "AuditEntry")
    rows = [
        entry(id=new_id(), at=MONDAY, actor_kind="job", actor_id="x", via="x", verb="many", object_type="x",
              object_id=str(n))
        for n in range(prepared.FEW + 1)
    ]  # fmt: skip
    prepared.insert(*rows)
    prepared.insert(entry(at=MONDAY, actor_kind="job", actor_id="x", via="x", verb="many", object_type="x"))
    assert entry.objects.filter(verb="many").count() == prepared.FEW + 2


def test_a_row_that_was_read_is_written_whole(nordwind, suedstern):
    with scopes.one(nordwind):
        row = brand()(accent="#123456")
        prepared.insert(row)
        row.accent = "#654321"
        prepared.update(row)
        assert brand().objects.get().accent == "#654321"
    with scopes.one(suedstern), pytest.raises(scopes.WrongScope):
        prepared.update(row)
    with scopes.one(nordwind):
        brand().objects.all().delete()
        with pytest.raises(prepared.NoRow):
            prepared.update(row)
        assert not brand().objects.exists(), "a row that is gone does not come back"


class Seen(Exception):
    """What a wrapper raised."""


def test_whoever_watches_statements_sees_these_too(nordwind):
    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise Seen(sql)

    with scopes.one(nordwind):
        row = brand()(accent="#123456")
        called("nordwind")  # its SQL is written
        for what in (lambda: called("nordwind"), lambda: prepared.insert(row), lambda: prepared.update(row)):
            with connection.execute_wrapper(refuse), pytest.raises(Seen, match='"'):
                what()
        assert not brand().objects.exists()


def test_nothing_is_asked_in_a_transaction_that_is_broken(nordwind):
    with scopes.one(nordwind):
        called("nordwind")
        with transaction.atomic():
            transaction.set_rollback(True)
            with pytest.raises(transaction.TransactionManagementError):
                called("nordwind")


def test_a_sign_that_looks_like_a_placeholder_is_none():
    assert prepared._question_marks("a = %s AND b LIKE '100%%' AND c = %s") == "a = ? AND b LIKE '100%' AND c = ?"
    assert prepared._question_marks("a LIKE '%%s' AND b = %s") == "a LIKE '%s' AND b = ?"
