"""My courses, one course (P5), one lesson (P6), a page to keep."""

from datetime import datetime
from itertools import groupby

from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from gangway.catalog.queries import LessonRow, is_another_language
from gangway.kernel import clock
from gangway.kernel.web import Request, route
from gangway.learning import actions, queries
from gangway.learning.access import LEARN
from gangway.learning.actions.subject import WaitsForOthers
from gangway.learning.rules import ReasonKind, Step
from gangway.learning.views.onward import certificate_of
from gangway.ui import render


@route(right=LEARN)
def mine(request: Request) -> HttpResponse:
    """Every course this person learns or may begin: what next, what else, what is done."""
    who = request.principal
    cards = [card.in_language(who.locale) for card in queries.my_courses(who.person_id, clock.now())]
    taken = {card.course.course_id for card in cards}
    others = [
        row.in_language(who.locale) for row in queries.courses_to_begin(who.partner_id) if row.course_id not in taken
    ]
    context = {
        "open": [card for card in cards if card.step is not Step.DONE],
        "done": [card for card in cards if card.step is Step.DONE],
        "others": others,
        "paths": queries.paths_for(who.person_id, who.partner_id),
    }
    return render(request, "learning/courses.jinja", context)


@route(right=LEARN)
def course(request: Request, course: str) -> HttpResponse:
    """P5: is it worth my time?"""
    who = request.principal
    page = queries.course_page(
        person_id=who.person_id, partner_id=who.partner_id, course_key=course, locale=who.locale, now=clock.now()
    )
    proves = page.course.check is not None and page.card is not None and not page.card.attested  # else it earns nothing
    certificate = certificate_of(page.card.enrolment_id) if page.card and proves else None
    context = {"page": page, "modules": _modules(page), "certificate": certificate}
    return render(request, "learning/course.jinja", context)


@route(right=LEARN)
def begin(request: Request, course: str) -> HttpResponse:
    """Enrol because I want to, and go to the first lesson, or to the check where I know it already."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    who, now = request.principal, clock.now()
    course_id = queries.course_to_begin(who.partner_id, course)
    try:
        actions.enrol(person_id=who.person_id, course_id=course_id, reason=ReasonKind.SELF, actor=who.actor, now=now)
    except WaitsForOthers:
        return redirect("learning:course", course=course)  # the page says for which
    if request.POST.get("then") == "check":
        return redirect("learning:check", course=course)
    card = queries.own_card(who.person_id, course, now)
    return redirect(_lesson_or_course(course, card.lesson_key))


@route(right=LEARN)
def lesson(request: Request, course: str, lesson: str) -> HttpResponse:
    """P6: where am I? A press on Next finishes the lesson and leads on."""
    now = clock.now()
    try:
        return _lesson(request, course, lesson, now)
    except WaitsForOthers:
        return redirect("learning:course", course=course)  # the page says for which


def _lesson(request: Request, course: str, lesson: str, now: datetime) -> HttpResponse:
    who = request.principal
    if request.method == "POST":
        card = queries.own_card(who.person_id, course, now)
        done = actions.finish_lesson(enrolment_id=card.enrolment_id, lesson_key=lesson, actor=who.actor, now=now)
        return redirect(_after(course, done, card.course.check is not None))
    view = queries.lesson_page(
        person_id=who.person_id, course_key=course, lesson_key=lesson, locale=who.locale, now=now
    )
    if request.method == "GET" and who.viewer is None and lesson not in view.card.opened_keys:
        actions.open_lesson(enrolment_id=view.card.enrolment_id, lesson_key=lesson, actor=who.actor, now=now)
    return render(request, "learning/lesson.jinja", {"view": view})


@route(right=LEARN)
def resource(request: Request, course: str, resource: str) -> HttpResponse:
    """Something to keep: short enough for a phone, and printable."""
    who = request.principal
    row, page = queries.resource_page(
        person_id=who.person_id, course_key=course, resource_key=resource, locale=who.locale, now=clock.now()
    )
    return render(
        request,
        "learning/resource.jinja",
        {"course": row, "page": page, "wanted": who.locale, "is_foreign": is_another_language(page.locale, who.locale)},
    )


def _after(course: str, done: actions.LessonFinishedRow, has_check: bool) -> str:
    """Where finishing a lesson leads: the next unfinished one, the check, or the course that is complete."""
    if done.next_key is None and has_check and not done.completed:
        return reverse("learning:check", kwargs={"course": course})
    return _lesson_or_course(course, done.next_key)


def _lesson_or_course(course: str, lesson: str | None) -> str:
    if lesson is None:
        return reverse("learning:course", kwargs={"course": course})
    return reverse("learning:lesson", kwargs={"course": course, "lesson": lesson})


def _modules(page: queries.CoursePage) -> list[tuple[str, str, list[LessonRow]]]:
    """Lessons under the headings they come with, in their order; each heading with its language."""
    grouped = groupby(page.lessons, key=lambda row: row.module)
    return [(*page.course.module_in(title, page.wanted), list(rows)) for title, rows in grouped]
