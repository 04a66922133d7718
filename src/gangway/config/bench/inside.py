"""What `gangway bench learning` runs inside the house, in a process of its own.

    main(["statements", cookies, path, …])   SQL statements of each page, and which of them the scope needs
    main(["certificates", slug, count])      issue so many awards, one action each, then draw their PDFs

Each prints one JSON document.
"""

import json
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import UUID


def main(words: list[str]) -> None:
    """Do the work that is named, and say what it cost."""
    work, *rest = words
    said: Any = _statements(*rest) if work == "statements" else _certificates(*rest)
    print(json.dumps(said))


def _statements(cookies: str, *paths: str) -> dict[str, int]:
    """path → how many SQL statements it costs at the second look, when nothing is read for the first time."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    import_module("gangway.config.bare")  # the pages of the server that was measured
    client = Client(SERVER_NAME="127.0.0.1")
    for pair in cookies.split("; "):
        name, _, value = pair.partition("=")
        client.cookies[name] = value
    said = {}
    for path in paths:
        for _ in range(2):
            seen: list[str] = []

            def count(execute: Callable[..., Any], sql: str, *rest: Any, seen: list[str] = seen) -> Any:
                seen.append(sql)
                return execute(sql, *rest)

            with connection.execute_wrapper(count):
                answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code} under {settings.ALLOWED_HOSTS}")
        said[path] = len(seen)
    return said


def _certificates(slug: str, count: str) -> dict[str, float]:
    """Issue and draw so many: awards a second and CPU of each, PDFs a second and CPU of each, and a PDF's kilobytes."""
    from gangway.credentials import actions, queries
    from gangway.credentials.views.certificate import Holder, draw
    from gangway.kernel import clock
    from gangway.kernel.actor import Actor
    from gangway.kernel.tenancy import scopes
    from gangway.partners.queries import find_partner

    now, actor = clock.now(), Actor.operator()
    with scopes.one(find_partner(slug).id):
        completed = _complete(int(count), now)
        issued, issue = _timed(lambda one: actions.issue_award(completed=one, actor=actor, now=now), completed)
        awards = [queries.award(found[0], now) for found in issued]
        holder = Holder("Benedikta Benchmark", "en", "Europe/Berlin")
        address = "https://gangway.example/verify/"
        draw(awards[0], holder, accent="#1f5eff", address=address + awards[0].number)  # fonts are read once
        drawn, paper = _timed(lambda one: draw(one, holder, accent="#1f5eff", address=address + one.number), awards)
    return {
        "certificates": len(drawn),
        "issued_per_second": issue[0],
        "issue_cpu_ms": issue[1],
        "drawn_per_second": paper[0],
        "draw_cpu_ms": paper[1],
        "pdf_kilobytes": round(sum(map(len, drawn)) / len(drawn) / 1024, 1),
    }


def _complete(count: int, now: Any) -> list[Any]:
    """So many people of the open scope have completed the course, straight into the tables."""
    from django.apps import apps

    from gangway.credentials.actions import Completed

    enrolments = apps.get_model("learning", "Enrolment").objects.filter(course__key="partner-essentials")
    rows = list(enrolments.select_related("course").order_by("id")[:count])
    if len(rows) < count:
        raise RuntimeError(f"{len(rows)} people are enrolled instead of {count}")
    completion = apps.get_model("learning", "Completion").objects
    return [
        Completed(
            completion_id=_id(completion.create(enrolment=row, n=1, at=now, course_version_id=row.course.current_id)),
            person_id=row.person_id,
            course_id=row.course_id,
            course_key=row.course.key,
            cycle=row.cycle,
        )
        for row in rows
    ]


def _id(row: Any) -> UUID:
    found: UUID = row.pk
    return found


def _timed(work: Callable[[Any], Any], over: list[Any]) -> tuple[list[Any], tuple[float, float]]:
    """What the work returned for each, and: how many a second, milliseconds of CPU of each."""
    begun, spent = time.perf_counter(), time.process_time()
    done = [work(one) for one in over]
    seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    return done, (round(len(over) / seconds, 1), round(spent * 1000 / len(over), 2))
