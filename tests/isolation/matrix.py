"""Runs cases and says what came of them."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from tests.isolation.asking import FORM, JSON, Ask, Case
from tests.isolation.oracle import fingerprints, leaks, text_of, without_given, without_manager
from tests.isolation.world import MARKS, PARTNER_OF, Role, World

# Whoever asks, a letter goes to the mailbox that was named: that is a row of the partner of whoever reads it.
MAY_WRITE_TO_OTHERS = {"identity:sign_in", "identity:again", "identity:invitation"}
_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE)(?:(?: OR \w+)? INTO| FROM)? \"?(\w+)", re.IGNORECASE)
_TABLES = re.compile(r'(?:FROM|JOIN|INTO|UPDATE) "(\w+)"')


@dataclass
class Report:
    """Counts and findings of a run. `entered` and `refused`: (route, method); `tables`: what each route read."""

    requests: int = 0
    compared: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    entered: set[tuple[str, str]] = field(default_factory=set)
    refused: set[tuple[str, str]] = field(default_factory=set)
    tables: dict[str, set[str]] = field(default_factory=dict)

    @property
    def findings(self) -> list[str]:
        return [*self.leaks, *self.differences, *self.changes, *self.errors]

    def words(self) -> str:
        told = ", ".join(f"{number}× {status}" for status, number in sorted(self.statuses.items()))
        return (
            f"{self.requests} requests ({told}); {self.compared} compared with ids that never existed; "
            f"{len(self.leaks)} leaks, {len(self.differences)} differences, {len(self.changes)} foreign rows changed, "
            f"{len(self.errors)} errors"
        )


class Prober:
    """Sends the cases of one role. Each stands alone: what it wrote is rolled back."""

    def __init__(self, world: World, role: Role, cookie: str, report: Report) -> None:
        self.world, self.role, self.report = world, role, report
        self.client, self.cookie = Client(raise_request_exception=False), cookie
        mine = PARTNER_OF.get(role.owner, "")
        self.others = frozenset(owner for owner in MARKS if PARTNER_OF[owner] != mine and owner not in role.sees)
        self.untouched = fingerprints(world, self.others)

    def run(self, cases: Iterable[Case], until: Callable[[Report], bool] = lambda report: False) -> None:
        for case in cases:
            self.probe(case)
            if until(self.report):
                return

    def probe(self, case: Case) -> None:
        """One case: the request, and its twin with ids that never existed."""
        where = f"{self.role.name}: {case.words}"
        self.touched = self.report.tables.setdefault(case.route.key, set())
        text, status = self.send(case.route.name, case.method, case.ask, where)
        if status < 400 and (self.role.signed_in or "/sign-in" not in text[:300]):
            self.report.entered.add((case.route.key, case.method))
        if status == 405:
            self.report.refused.add((case.route.key, case.method))
        if case.twin is not None:
            self.report.compared += 1
            other, _ = self.send(case.route.name, case.method, case.twin, where)
            if not self.role.sees >= frozenset({self.role.foreign}) and other != text:
                self.report.differences.append(f"{where}: {_first_difference(text, other)}")

    def send(self, route: str, method: str, ask: Ask, where: str) -> tuple[str, int]:
        with transaction.atomic():
            with _noticing(self.touched) as wrote:
                response = self._request(method, ask)
                text = without_given(text_of(response), ask)
            text = without_manager(text, self.world, self.role, route)
            if wrote and route not in MAY_WRITE_TO_OTHERS and self._changed(wrote):
                self.report.changes.append(where)
            transaction.set_rollback(True)
        self.report.requests += 1
        self.report.statuses[response.status_code] += 1
        if response.status_code >= 500:
            self.report.errors.append(f"{where}: {response.status_code} {response.exc_info and response.exc_info[1]!r}")
        self.report.leaks += [f"{where}: {leak}" for leak in leaks(self.world, self.role, text, ask.opens)]
        return text, response.status_code

    def _changed(self, tables: set[str]) -> bool:
        """Whether rows of others changed in the tables that were written."""
        now = fingerprints(self.world, self.others, tables)
        return now != {table: self.untouched[table] for table in now}

    def _request(self, method: str, ask: Ask) -> HttpResponse:
        self.client.cookies.clear()
        if self.cookie:
            self.client.cookies[settings.SESSION_COOKIE] = self.cookie
        extra: dict[str, Any] = {"QUERY_STRING": _encoded(ask.query)} if ask.query else {}
        if ask.kind == JSON:
            extra["headers"] = {"Accept": JSON}
        body = "" if ask.body is None else json.dumps(ask.body) if ask.kind == JSON else _encoded(ask.body)
        return self.client.generic(method, ask.path, body, content_type=ask.kind or FORM, **extra)


def _encoded(values: dict[str, Any]) -> str:
    from urllib.parse import urlencode

    return urlencode(values, doseq=True)


def _first_difference(left: str, right: str) -> str:
    for mine, other in zip(left.splitlines(), right.splitlines(), strict=False):
        if mine != other:
            return f"{mine.strip()[:120]!r} against {other.strip()[:120]!r}"
    return f"{len(left)} against {len(right)} characters"


@contextmanager
def _noticing(touched: set[str]) -> Any:
    """The tables that statements write, as they are sent; `touched` learns every table that is named."""
    wrote: set[str] = set()

    def notice(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        touched.update(_TABLES.findall(sql))
        if writes := _WRITES.match(sql):
            wrote.add(writes[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(notice):
        yield wrote
