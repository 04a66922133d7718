"""Enrolment rules in the console: the list, one with those it names, making and changing one, switching it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.language import clauses, explain, listing, number
from gangway.kernel.lists import ListSpec, page
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.learning import actions, queries
from gangway.learning.access import RULES
from gangway.learning.actions import RuleSpec
from gangway.learning.forms import RuleForm, Target, offer
from gangway.learning.queries import Reached, RuleRow
from gangway.learning.rules import Whom
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.ui import render
from gangway.ui.listing import answer

FIELDS = ("name", "course", "due_days", "types", "tiers")


class ReachesSome(Refusal):
    code = "learning.reaches_some"
    status = 403
    message = "Rules enrol people of every partner; your role reaches only some of them."
    next_step = "Ask a programme lead whose role reaches every partner."


def _everywhere() -> None:
    if scopes.required().mode is not scopes.Mode.HOST:
        raise ReachesSome


@require_GET
@route(right=RULES)
def rules(request: Request) -> HttpResponseBase:
    """Which rules enrol people?"""
    _everywhere()
    on, off = queries.rule_counts()
    parts = [ngettext("%(n)s rule enrols people", "%(n)s rules enrol people", on) % {"n": number(on)}]
    if off:
        parts.append(ngettext("%(n)s is switched off", "%(n)s are switched off", off) % {"n": number(off)})
    context = {
        "empty_title": gettext("No rules yet"),
        "empty_text": gettext(
            "A rule says who is to learn a course or be on a path: partners of a type or tier, people of a group or "
            "language. Whoever it names is enrolled, also those who come later."
        ),
    }
    return answer(
        request,
        queries.RULE_LIST,
        title=gettext("Enrolment rules"),
        sentence=clauses(parts) + "." if on or off else gettext("No rule enrols anybody yet."),
        template="learning/rules.jinja",
        context=context,
    )


@require_GET
@route(right=RULES)
def one(request: Request, rule_id: UUID) -> HttpResponseBase:
    """Who gets this course, or would get it?"""
    _everywhere()
    found = queries.rule(rule_id)
    about = Target(found.course_id, found.path_id)
    spec = queries.named_by(found.whom, course_id=about.course_id, path_id=about.path_id)
    context = {
        "rule": found,
        "words": _words(found),
        "crumbs": ((gettext("Enrolment rules"), reverse("learning:rules")), (found.name, "")),
        "empty_title": gettext("It names nobody"),
        "empty_text": gettext("Nobody who is here fits it now. Whoever comes later and fits is enrolled."),
    }
    return answer(
        request,
        spec,
        title=found.name,
        sentence=_reached(spec, about, on=found.on),
        template="learning/rule.jinja",
        context=context,
    )


@require_POST
@route(right=RULES)
def switch(request: Request, rule_id: UUID) -> HttpResponse:
    """Switch a rule on, or withdraw it."""
    _everywhere()
    with scopes.one(partners.host_id()):
        actions.switch_rule(
            rule_id=rule_id,
            on=request.POST.get("on") == "yes",
            actor=request.principal.actor,
            now=clock.now(),
        )
    return HttpResponseRedirect(reverse("learning:rule", args=[rule_id]))


@require_http_methods(["GET", "POST"])
@route(right=RULES)
def make(request: Request) -> HttpResponse:
    """Say whom a new rule names, and look at them first."""
    _everywhere()
    return _form(request, None, RuleForm())


@require_http_methods(["GET", "POST"])
@route(right=RULES)
def change(request: Request, rule_id: UUID) -> HttpResponse:
    """Say something else of a rule."""
    _everywhere()
    found = queries.rule(rule_id)
    whom = found.whom
    form = RuleForm(
        name=found.name,
        course=str(Target(found.course_id, found.path_id)),
        due_days=str(found.due_days or ""),
        types=tuple(whom.types),
        tiers=tuple(whom.tiers),
        groups=tuple(whom.groups),
        languages=tuple(whom.languages),
    )
    return _form(request, found, form)


def _form(request: Request, rule: RuleRow | None, form: RuleForm) -> HttpResponse:
    """The form; what it would do where that was asked; or the rule's page once it is written."""
    named: Mapping[str, Any] = {}
    if request.method == "POST":
        form = RuleForm.read(request.POST)
        if rule is not None:
            form = replace(form, course=str(Target(rule.course_id, rule.path_id)))
        try:
            if request.POST.get("do") != "look":
                written = _write(request, rule, form)
                return HttpResponseRedirect(reverse("learning:rule", args=[written]))
            named = _look(form)
        except NotFound:
            raise
        except Refusal as refusal:
            field = refusal.field if refusal.field in FIELDS else "name"
            form = replace(form, errors={field: explain(refusal)})
    home = (gettext("Enrolment rules"), reverse("learning:rules"))
    here = (rule.name, reverse("learning:rule", args=[rule.id])) if rule else None
    title = gettext("Change this rule") if rule else gettext("Make a rule")
    context = {
        "rule": rule,
        "form": form,
        "title": title,
        "crumbs": [home, *([here] if here else []), (title, "")],
        "courses": offer(queries.courses_for_rules(partners.host_id()), queries.paths_for_rules(partners.host_id())),
        "kinds": _kinds(form.whom()),
        **named,
    }
    return render(request, "learning/rule_form.jinja", context, status=422 if form.errors else 200)


def _look(form: RuleForm) -> Mapping[str, Any]:
    """Who would get it: how many, and the first of them."""
    about = form.target()
    spec = queries.named_by(form.whom(), course_id=about.course_id, path_id=about.path_id)
    form.days()
    return {"would": _reached(spec, about, on=False), "page": page(spec, {}, size=10)}


def _reached(spec: ListSpec, about: Target, *, on: bool) -> str:
    found = queries.reached(spec, course_id=about.course_id, path_id=about.path_id)
    return sentence(found, on=on, path=about.path_id is not None)


def _write(request: Request, rule: RuleRow | None, form: RuleForm) -> UUID:
    about, whom = form.target(), form.whom()
    spec = RuleSpec(name=form.name, course_id=about.course_id, path_id=about.path_id, whom=whom, due_days=form.days())
    with scopes.one(partners.host_id()):
        if rule is None:
            return actions.make_rule(spec=spec, actor=request.principal.actor, now=clock.now())
        actions.change_rule(rule_id=rule.id, spec=spec, actor=request.principal.actor, now=clock.now())
        return rule.id


def sentence(reached: Reached, *, on: bool, path: bool = False) -> str:
    """How many a rule names, at how many partners, and how many of them have it already."""
    n, at, have, most = reached.people, reached.partners, reached.enrolled, reached.stops_at
    if not n:
        return gettext("It names nobody who is here now.")
    gets = ngettext("%(n)s person gets this course", "%(n)s people get this course", n)
    would = ngettext("%(n)s person would get this course", "%(n)s people would get this course", n)
    enrolled = ngettext("%(n)s is enrolled already", "%(n)s are enrolled already", have)
    if path:
        gets = ngettext("%(n)s person is to be on this path", "%(n)s people are to be on this path", n)
        would = ngettext("%(n)s person would come onto this path", "%(n)s people would come onto this path", n)
        enrolled = ngettext("%(n)s is on it already", "%(n)s are on it already", have)
    where = ngettext("they are at %(n)s partner", "they are at %(n)s partners", at)
    said = [(gets if on else would, n), (where, at), *([(enrolled, have)] if have else [])]
    return clauses([words % {"n": number(most) + "+" if one > most else number(one)} for words, one in said]) + "."


def _kinds(whom: Whom) -> Sequence[tuple[str, str, Sequence[tuple[str, str]], frozenset[str]]]:
    """(field, label, (key, words) to choose from, chosen) of each kind; what is chosen is offered in any case."""
    offered: Sequence[tuple[str, str, Sequence[tuple[str, str]], frozenset[str]]] = (
        ("types", gettext("Partner types"), partners.types(), whom.types),
        ("tiers", gettext("Tiers"), partners.tiers(), whom.tiers),
        ("groups", gettext("Groups"), people.group_keys(), whom.groups),
        ("languages", gettext("Languages"), settings.LANGUAGES, whom.languages),
    )
    return [
        (field, label, [*choices, *((key, key) for key in sorted(chosen - {key for key, _ in choices}))], chosen)
        for field, label, choices, chosen in offered
    ]


def _words(rule: RuleRow) -> Sequence[tuple[str, str]]:
    """A rule in words: (what, value)."""
    said = [(gettext("Path") if rule.path_id else gettext("Course"), rule.about)]
    for _field, label, choices, chosen in _kinds(rule.whom):
        said.append((label, listing([words for key, words in choices if key in chosen]) or gettext("all")))
    days = rule.due_days
    due = ngettext("%(n)s day after they are enrolled", "%(n)s days after they are enrolled", days) if days else ""
    said.append((gettext("Due"), due % {"n": number(days)} if days else gettext("no due date")))
    return said
