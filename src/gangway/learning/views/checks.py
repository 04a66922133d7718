"""A knowledge check: what is asked before it starts, one question a page (P7), handing in, the result (P8)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from gangway.kernel import clock
from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request, route
from gangway.learning import actions, queries
from gangway.learning.access import LEARN
from gangway.learning.actions.attempts import (
    AlreadyPassed,
    AttemptClosed,
    LessonsFirst,
    NoTriesLeft,
    TimeOver,
    TooSoon,
)
from gangway.learning.actions.subject import WaitsForOthers
from gangway.learning.rules import MAX_ANSWER_CHARACTERS, Step, may_start, needed, takes_answers
from gangway.learning.views.onward import certificate_of, certificates
from gangway.ui import render


@route(right=LEARN)
def check(request: Request, course: str) -> HttpResponse:
    """What the check asks of me, when I may take it, and the button that starts it."""
    who, now = request.principal, clock.now()
    card = queries.own_card(who.person_id, course, now)
    if card.step is Step.BLOCKED:
        return redirect("learning:course", course=course)  # the page says for which it waits
    if request.method == "POST":
        return _start(request, card.enrolment_id, course)
    card = card.in_language(who.locale)
    row = card.course.check
    if row is None:
        raise NotFound
    context = {
        "card": card,
        "check": row,
        "needed": needed(row.pass_percent, row.questions),
        "wait": not may_start(card.tries.retake, now),
        "foreign": queries.foreign_questions(card.course, who.locale),
        "wanted": who.locale,
    }
    return render(request, "learning/check.jinja", context)


def _start(request: Request, enrolment_id: UUID, course: str) -> HttpResponse:
    who = request.principal
    try:
        started = actions.start_attempt(enrolment_id=enrolment_id, locale=who.locale, actor=who.actor, now=clock.now())
    except (TooSoon, AlreadyPassed, LessonsFirst, NoTriesLeft, WaitsForOthers):
        return redirect("learning:check", course=course)  # the page says why
    return redirect("learning:question", attempt=started.attempt_id, n=started.position)


@route(right=LEARN, private=True)
def question(request: Request, attempt: UUID, n: int) -> HttpResponse:
    """P7: one question; what is chosen is saved at once, and again by Next."""
    who, now = request.principal, clock.now()
    page = queries.question_page(person_id=who.person_id, attempt_id=attempt, position=n, locale=who.locale)
    if page.attempt.submitted_at is not None:
        return redirect("learning:result", attempt=attempt)
    if request.method == "POST":
        return _save(request, page)
    context = {"page": page, "open": takes_answers(page.attempt.deadline_at, now), "longest": MAX_ANSWER_CHARACTERS}
    return render(request, "learning/question.jinja", context)


def _save(request: Request, page: queries.QuestionPage) -> HttpResponse:
    """Keep the answer; a script that saves in place gets its one line, everybody else the next page."""
    attempt, n, saved = page.attempt.id, page.item.position, None
    try:
        saved = actions.save_answer(
            attempt_id=attempt,
            position=n,
            answer=request.POST.getlist("answer"),
            actor=request.principal.actor,
            now=clock.now(),
        )
    except (TimeOver, AttemptClosed):
        if not request.POST.get("stay"):
            return redirect("learning:hand_in", attempt=attempt)
    if request.POST.get("stay"):
        return render(request, "learning/saved.jinja", {"saved": saved})
    return redirect(_after(attempt, n, page.questions))


def _after(attempt: UUID, n: int, questions: int) -> str:
    if n < questions:
        return reverse("learning:question", kwargs={"attempt": attempt, "n": n + 1})
    return reverse("learning:hand_in", kwargs={"attempt": attempt})


@route(right=LEARN, private=True)
def hand_in(request: Request, attempt: UUID) -> HttpResponse:
    """The answers at a glance before they are handed in; pressing twice hands in once."""
    who = request.principal
    row, course, questions, answered = queries.attempt_overview(person_id=who.person_id, attempt_id=attempt)
    if request.method == "POST":
        actions.submit_attempt(attempt_id=attempt, actor=who.actor, now=clock.now())
        return redirect("learning:result", attempt=attempt)
    if row.submitted_at is not None:
        return redirect("learning:result", attempt=attempt)
    context = {"attempt": row, "course": course, "questions": questions, "answered": answered}
    return render(request, "learning/hand_in.jinja", context)


@route(right=LEARN, private=True)
def result(request: Request, attempt: UUID) -> HttpResponse:
    """P8: did I pass, what now?"""
    who, now = request.principal, clock.now()
    page = queries.result_page(person_id=who.person_id, attempt_id=attempt, locale=who.locale, now=now)
    certificate = certificate_of(page.attempt.enrolment_id) if page.grade.passed else None
    context = {"page": page, "certificate": certificate, "certificates": certificates()}
    return render(request, "learning/result.jinja", context)
