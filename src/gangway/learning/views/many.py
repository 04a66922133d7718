"""The enrolments of a selection of people or of a group, changed at once: choose what, then read the receipt."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_POST

from gangway.kernel import clock, lists
from gangway.kernel.language import clauses, explain, number
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed
from gangway.learning import actions, queries
from gangway.learning.access import ENROL, ENROL_TEAM
from gangway.learning.actions import Receipt
from gangway.learning.forms import EnrolmentForm, offer
from gangway.learning.rules import Change
from gangway.people import queries as people
from gangway.people.access import CONSOLE, DESK, Place, chosen_ids
from gangway.people.queries import PersonRow
from gangway.ui import render

SHOWN = 30  # names on the page; a receipt names everybody who was refused
MOST = 500  # as many as one transaction changes
CHANGES: Sequence[tuple[Change, str, str]] = (
    (Change.ENROL, _("Enrol them"), _("It stands on their home page at once. No letter goes out.")),
    (Change.DUE, _("Set the due date"), _("Of those who are enrolled; an empty date takes it away.")),
    (Change.AGAIN, _("Let them begin again"), _("With no progress. What was done stays on record.")),
    (
        Change.COMPLETE,
        _("Mark complete"),
        _("On your word, with a reason: it earns no certificate and counts in no figure."),
    ),
    (Change.WITHDRAW, _("Take them out"), _("What they did is kept. No rule brings the course back.")),
)


def _of_enrolments(request: Request, place: Place) -> HttpResponse:
    """Enrolments that were ticked in their list: choose what to do with their people in that course."""
    ids = lists.chosen(
        request.POST.getlist("ids"),
        none="Nothing was chosen.",
        many="That is more than a page of enrolments.",
        mend="Choose enrolments in the list first.",
    )
    own = scopes.one(request.principal.partner_id) if place is DESK else nullcontext()
    with own:
        person_ids, courses = queries.people_and_courses(ids)
    if len(courses) > 1:
        raise Invalid(
            field="ids",
            problem="These enrolments are about several courses.",
            mend="Narrow the list to one course, and choose again.",
        )
    found = [place.person(request, person_id) for person_id in person_ids]
    _refuse_several(found)
    form = EnrolmentForm(course=str(next(iter(courses))), action=place.url("learning:many"))
    return _answer(request, place, found, back=place.url("learning:enrolments"), keep=True, form=form)


change_chosen = require_POST(placed(_of_enrolments, CONSOLE, right=ENROL))
change_chosen_team = require_POST(placed(_of_enrolments, DESK, right=ENROL_TEAM))


def _refuse_several(found: Sequence[PersonRow]) -> None:
    if len({person.partner_id for person in found}) > 1:
        raise Invalid(
            field="ids",
            problem="A course is given by one partner at a time, and these people belong to several.",
            mend="Narrow the list to one partner, and choose again.",
        )


def _chosen(request: Request, place: Place) -> HttpResponse:
    """People who were ticked in a list: choose a course and what to do, or do it."""
    found = [place.person(request, person_id) for person_id in chosen_ids(request)]
    _refuse_several(found)
    return _answer(request, place, found, back=place.list, keep=True)


chosen = require_POST(placed(_chosen, CONSOLE, right=ENROL))
chosen_team = require_POST(placed(_chosen, DESK, right=ENROL_TEAM))


def _group(request: Request, place: Place, group_id: UUID) -> HttpResponse:
    """Everybody in a group: in the console one the right reaches, on the desk an own one."""
    if place is DESK:
        with scopes.one(request.principal.partner_id):
            group = people.group(group_id)
    else:
        group = people.group(group_id)
    with scopes.one(group.partner_id):
        ids = people.people_of_group(group.id, MOST + 1)
        found = sorted(people.persons(ids).values(), key=lambda person: person.name)
    return _answer(request, place, found, back=place.url("people:group", group.id), keep=False)


group = require_http_methods(["GET", "POST"])(placed(_group, CONSOLE, right=ENROL))
group_team = require_http_methods(["GET", "POST"])(placed(_group, DESK, right=ENROL_TEAM))


def _answer(
    request: Request,
    place: Place,
    found: Sequence[PersonRow],
    *,
    back: str,
    keep: bool,
    form: EnrolmentForm | None = None,
) -> HttpResponse:
    """The form, or the receipt of what it did. `keep`: the form carries the people that were chosen. `form`: one that
    is filled already and does nothing yet."""
    form = form or EnrolmentForm.read(request.POST.dict())
    receipt: Receipt | None = None
    offered: Sequence[tuple[str, str]] = ()
    if found:
        with scopes.one(found[0].partner_id):
            if form.do:
                try:
                    receipt = _change(request, found, form)
                except NotFound:
                    raise
                except Refusal as refusal:
                    field = refusal.field if refusal.field in ("course", "due_on", "reason") else "do"
                    form = replace(form, errors={field: explain(refusal)})
            offered = _offered(found[0].partner_id)
    context = {
        "shell_kind": place.shell,
        "people": found,
        "shown": found[:SHOWN],
        "keep": keep,
        "form": form,
        "offered": offered,
        "changes": [(one.value, gettext(label), gettext(hint)) for one, label, hint in CHANGES],
        "back": back,
        "crumbs": ((gettext("Team") if place is DESK else gettext("People"), place.list), (gettext("Courses"), "")),
        "receipt": receipt,
        "sentence": receipt and sentence(receipt),
        "refusals": _refusals(receipt, found) if receipt else (),
    }
    template = "learning/many_receipt.jinja" if receipt else "learning/many.jinja"
    return render(request, template, context, status=422 if form.errors else 200)


def _change(request: Request, found: Sequence[PersonRow], form: EnrolmentForm) -> Receipt:
    if form.do not in [one.value for one in Change]:
        raise Invalid(field="do", problem="That is not one of the choices.", mend="Choose what to do.")
    about = form.target()
    return actions.change_many(
        change=Change(form.do),
        person_ids=[person.id for person in found],
        course_id=about.course_id,
        path_id=about.path_id,
        due_on=form.due(),
        reason=form.reason,
        actor=request.principal.actor,
        now=clock.now(),
    )


def _offered(partner_id: UUID) -> Sequence[tuple[str, str]]:
    """The courses and paths that a partner's people may be given."""
    return offer(queries.courses_to_give(partner_id, ()), queries.paths_to_give(partner_id, ()))


def sentence(receipt: Receipt) -> str:
    """How many were changed, and how many not."""
    done, refused = len(receipt.done), len(receipt.refused)
    parts = [ngettext("%(n)s person: done", "%(n)s people: done", done) % {"n": number(done)}]
    if refused:
        parts.append(
            ngettext("%(n)s is left as it was", "%(n)s are left as they were", refused) % {"n": number(refused)}
        )
    return clauses(parts) + "."


def _refusals(receipt: Receipt, found: Sequence[PersonRow]) -> Sequence[tuple[str, Sequence[str]]]:
    """Each reason with the names it is about."""
    names: Mapping[UUID, str] = {person.id: person.name for person in found}
    by_reason: dict[str, list[str]] = {}
    for person_id, refusal in receipt.refused:
        by_reason.setdefault(explain(refusal), []).append(names[person_id])
    return [(reason, sorted(who)) for reason, who in by_reason.items()]
