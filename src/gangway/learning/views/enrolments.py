"""The courses of one person, and one of their enrolments: for the console, and for the desk over the own team."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from gangway.kernel import clock
from gangway.kernel.language import clauses, explain, number
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed
from gangway.learning import actions, queries
from gangway.learning.access import ENROL, ENROL_TEAM
from gangway.learning.forms import PATH, EnrolmentForm, offer
from gangway.learning.queries import EnrolmentLine, EnrolmentPage
from gangway.learning.rules import ReasonKind
from gangway.people.access import CONSOLE, DESK, Place
from gangway.people.queries import PersonRow
from gangway.ui import render
from gangway.ui.words import day

REASON_WORDS: Mapping[str, str] = {
    ReasonKind.RULE: _("the course is for everyone, or is to be renewed"),
    ReasonKind.MANUAL: _("somebody enrolled them"),
    ReasonKind.SELF: _("they wanted to"),
    ReasonKind.CODE: _("it is for those who join with an access code or from the mail domain"),
    ReasonKind.PATH: _("it is part of a path"),
    ReasonKind.IMPORT: _("a file said so"),
}
DONE: Mapping[str, str] = {
    "enrol": _("They are enrolled now."),
    "join": _("They are on the path now, and enrolled in its courses."),
    "leave": _("They are off the path. What they had begun of it stays theirs."),
    "due": _("The due date is saved."),
    "again": _("The course stands at its beginning for them. What they had done stays on record."),
    "complete": _("Marked complete, on your word."),
    "try": _("One more try is allowed."),
    "withdraw": _("They are taken out. What they had done comes back if you enrol them again."),
}


def _courses(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """What is this person to learn, until when, and what is done? Enrol them in one more course or path, or take them
    off a path."""
    who = place.person(request, person_id)
    form = EnrolmentForm()
    with scopes.one(who.partner_id):
        if request.method == "POST":
            form = EnrolmentForm.read(request.POST.dict())
            try:
                done = _enrol(request, who, form)
                return HttpResponseRedirect(f"{place.url('learning:person', who.id)}?done={done}")
            except Refusal as refusal:
                form = replace(form, errors=_errors(refusal, "course"))
        today = timezone.localdate()
        lines = queries.enrolments_of(who.id, today)
        paths = queries.paths_for(who.id, who.partner_id)
        context = {
            "who": who,
            "lines": lines,
            "paths": [line for line in paths if line.on_it],
            "today": today,
            "offered": offer(
                queries.courses_to_give(who.partner_id, lines), queries.paths_to_give(who.partner_id, paths)
            ),
            "sentence": sentence(lines, today),
        }
    context |= {
        "form": form,
        "path_prefix": PATH,
        "shell_kind": place.shell,
        "suffix": place.suffix,
        "here": who.state not in ("left", "erased"),
        "trail": (*_trail(place, who), (gettext("Courses"), "")),
        "done": _said(request),
    }
    return render(request, "learning/person_courses.jinja", context, status=422 if form.errors else 200)


person_courses = require_http_methods(["GET", "POST"])(placed(_courses, CONSOLE, right=ENROL))
person_courses_team = require_http_methods(["GET", "POST"])(placed(_courses, DESK, right=ENROL_TEAM))


def _enrol(request: Request, who: PersonRow, form: EnrolmentForm) -> str:
    """Enrol them in a course or a path, or take them off a path; what is to be said of it."""
    about, actor, now = form.target(), request.principal.actor, clock.now()
    if about.path_id is not None and form.do == "leave":
        actions.leave_path(person_id=who.id, path_id=about.path_id, actor=actor, now=now)
        return "leave"
    if about.path_id is not None:
        actions.join_path(person_id=who.id, path_id=about.path_id, due_on=form.due(), actor=actor, now=now)
        return "join"
    if about.course_id is None:
        raise NotFound
    actions.enrol_by_hand(person_id=who.id, course_id=about.course_id, due_on=form.due(), actor=actor, now=now)
    return "enrol"


def _one(request: Request, place: Place, enrolment_id: UUID) -> HttpResponse:
    """Where does this enrolment stand, and why is it there? Set its due date, begin it again, allow a try, mark it
    complete, or take the person out."""
    page, who = _found(request, place, enrolment_id)
    form = EnrolmentForm()
    with scopes.one(who.partner_id):
        if request.method == "POST":
            form = EnrolmentForm.read(request.POST.dict())
            try:
                return HttpResponseRedirect(_do(request, place, page, form))
            except NotFound:
                raise
            except Refusal as refusal:
                form = replace(form, errors=_errors(refusal, "reason" if form.do == "complete" else "due_on"))
                page = queries.enrolment_page(page.line.id)
    today = timezone.localdate()
    context = {
        "page": page,
        "line": page.line,
        "who": who,
        "form": form,
        "today": today,
        "shell_kind": place.shell,
        "suffix": place.suffix,
        "sentence": standing(page.line, today),
        "reasons": [gettext(REASON_WORDS[kind]) for kind in page.reasons],
        "own": who.id == request.principal.person_id,
        "trail": (
            *_trail(place, who),
            (gettext("Courses"), place.url("learning:person", who.id)),
            (page.line.title, ""),
        ),
        "done": _said(request),
    }
    return render(request, "learning/enrolment.jinja", context, status=422 if form.errors else 200)


enrolment = require_http_methods(["GET", "POST"])(placed(_one, CONSOLE, right=ENROL))
enrolment_team = require_http_methods(["GET", "POST"])(placed(_one, DESK, right=ENROL_TEAM))


def _found(request: Request, place: Place, enrolment_id: UUID) -> tuple[EnrolmentPage, PersonRow]:
    """The enrolment and its person: in the console whom the right reaches, on the desk own people only."""
    if place is CONSOLE:
        page = queries.enrolment_page(enrolment_id)
    else:
        with scopes.one(request.principal.partner_id):
            page = queries.enrolment_page(enrolment_id)
    return page, place.person(request, page.line.person_id)


def _do(request: Request, place: Place, page: EnrolmentPage, form: EnrolmentForm) -> str:
    """Carry out the form that was sent; the address to go on at. NotFound: no such form."""
    line, actor, now = page.line, request.principal.actor, clock.now()
    one = place.url("learning:enrolment", line.id)

    def due() -> str:
        actions.set_due(enrolment_id=line.id, due_on=form.due(), actor=actor, now=now)
        return one

    def again() -> str:
        opened = actions.reset(enrolment_id=line.id, due_on=form.due(), actor=actor, now=now)
        return place.url("learning:enrolment", opened.enrolment_id)

    def complete() -> str:
        actions.mark_complete(enrolment_id=line.id, reason=form.reason, actor=actor, now=now)
        return one

    def one_more_try() -> str:
        actions.allow_try(enrolment_id=line.id, actor=actor, now=now)
        return one

    def withdraw() -> str:
        actions.withdraw(enrolment_id=line.id, actor=actor, now=now)
        return place.url("learning:person", line.person_id)

    verbs: Mapping[str, Callable[[], str]] = {
        "due": due,
        "again": again,
        "try": one_more_try,
        "complete": complete,
        "withdraw": withdraw,
    }
    if form.do not in verbs:
        raise NotFound
    return f"{verbs[form.do]()}?done={form.do}"


def _errors(refusal: Refusal, otherwise: str) -> Mapping[str, str]:
    field = refusal.field if refusal.field in ("course", "due_on", "reason") else otherwise
    return {field: explain(refusal)}


def _said(request: Request) -> str:
    return gettext(DONE[what]) if (what := request.GET.get("done", "")) in DONE else ""


def _trail(place: Place, who: PersonRow) -> tuple[tuple[str, str], ...]:
    label = gettext("Team") if place is DESK else gettext("People")
    return ((label, place.list), (who.name, place.page_of(who.id)))


def sentence(lines: tuple[EnrolmentLine, ...], today: date) -> str:
    """How many courses are to do, of these overdue, and how many are done."""
    if not lines:
        return gettext("No course is meant for them yet.")
    active = [line for line in lines if line.is_active]
    late, done = sum(line.overdue(today) for line in active), len(lines) - len(active)
    parts = [ngettext("%(n)s course is to do", "%(n)s courses are to do", len(active)) % {"n": number(len(active))}]
    if late:
        parts.append(ngettext("%(n)s is overdue", "%(n)s are overdue", late) % {"n": number(late)})
    if done:
        parts.append(ngettext("%(n)s is done", "%(n)s are done", done) % {"n": number(done)})
    return clauses(parts) + "."


def standing(line: EnrolmentLine, today: date) -> str:
    """Where one enrolment stands, in a sentence."""
    if line.attested and line.completed_at:
        words = gettext("Marked complete by hand on %(day)s: somebody's word, not seen by the system.")
        return words % {"day": day(line.completed_at).striptags()}
    if line.completed_at:
        return gettext("Completed on %(day)s.") % {"day": day(line.completed_at).striptags()}
    begun = gettext("Begun, not completed yet.") if line.begun else gettext("Not begun yet.")
    if line.due_on is None:
        return begun
    late = gettext("It was due by %(day)s.") if line.overdue(today) else gettext("Due by %(day)s.")
    return f"{begun} {late % {'day': day(line.due_on).striptags()}}"
