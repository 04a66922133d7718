"""Look at the evidence: ask the criteria outside any transaction, store what changed in one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.said import pack, said
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.rollout.plans import evidence, queries
from gangway.rollout.plans.actions.planning import running_plan
from gangway.rollout.plans.models import Attestation, DueCheck, Evaluation, Milestone, MilestoneCriterion, Plan
from gangway.rollout.plans.rules import clock
from gangway.rollout.plans.rules.state import Result, State, Stored, judge, milestone_state, worth_storing
from gangway.rollout.plans.rules.why import seen_words

CHECKLIST = "plans.checklist_complete"


@dataclass(frozen=True, slots=True)
class Looked:
    """asked: criteria that were judged; stored: evaluations written; changed: milestone key → its new state."""

    asked: int
    stored: int
    changed: Mapping[str, State]


NOTHING = Looked(0, 0, {})


def evaluate_plan(*, keys: frozenset[str] | None = None, actor: Actor, now: datetime) -> Looked:
    """Ask the criteria of the running plan (all, or those named) and store the answers.

    Opens its own scopes: reads as the host, who sees every partner; writes as the host's own partner.
    """
    host = partners.host_partner()
    if host is None:
        return NOTHING
    with scopes.host():
        plan = queries.current_plan()
        if plan is None:
            return NOTHING
        wanted = {
            evidence.asked(criterion.key, criterion.parameters)
            for row in queries.milestones(plan.id)
            for criterion in row.criteria
            if keys is None or criterion.key in keys
        }
        answers = evidence.collect(plan, wanted, now)
    with scopes.one(host.id):
        return store_answers(plan_id=plan.id, answers=answers, actor=actor, now=now)


def evaluate_due(*, actor: Actor, now: datetime) -> int:
    """Ask what events made due. 0: nothing was due. A killed worker's marks are asked by the next one."""
    if not DueCheck.objects.exists():  # an idle worker takes no write lock
        return 0
    due = take_due(actor=actor, now=now)
    evaluate_plan(keys=due, actor=actor, now=now)
    DueCheck.objects.filter(taken=True, criterion__in=due).delete()
    return len(due)


@action("plans.criterion.ask_again", scoped=False)
def ask_again(*, keys: Iterable[str], actor: Actor, now: datetime) -> None:
    """Mark criteria as due. Marking twice is marking once."""
    DueCheck.objects.bulk_create([DueCheck(criterion=key) for key in sorted(keys)], ignore_conflicts=True)


@action("plans.criterion.take_due", scoped=False)
def take_due(*, actor: Actor, now: datetime) -> frozenset[str]:
    """Turn every due mark into a taken one, before the facts are read: what happens later leaves a new mark."""
    due = set(DueCheck.objects.filter(taken=False).values_list("criterion", flat=True))
    if due:
        DueCheck.objects.bulk_create([DueCheck(criterion=key, taken=True) for key in due], ignore_conflicts=True)
        DueCheck.objects.filter(taken=False, criterion__in=due).delete()
    return frozenset(DueCheck.objects.filter(taken=True).values_list("criterion", flat=True))


@action("plans.milestone.evaluate")
def store_answers(
    *, plan_id: UUID, answers: Mapping[evidence.Asked, evidence.Answer], actor: Actor, now: datetime
) -> Looked:
    """Judge the answers, store evaluations that are worth it, move milestones whose state changed."""
    plan = running_plan(plan_id)
    older = Q(asked_at=None) | Q(asked_at__lte=now)  # an answer never overwrites a younger one
    uses = MilestoneCriterion.objects.filter(older, milestone__plan=plan).select_related("evaluation")
    asked = [use for use in uses if evidence.asked(use.key, use.parameters) in answers]
    stored = sum(_judge(plan, use, answers[evidence.asked(use.key, use.parameters)], now) for use in asked)
    changed = restate(plan=plan, milestone_ids={use.milestone_id for use in asked}, actor=actor, now=now)
    Plan.objects.filter(pk=plan.pk).update(evaluated_at=now)
    return Looked(len(asked), stored, changed)


def restate(*, plan: Plan, milestone_ids: Iterable[UUID], actor: Actor, now: datetime) -> dict[str, State]:
    """Compute the states of milestones from what is stored. Called inside an action that holds the plan."""
    ids = set(milestone_ids)
    results: dict[UUID, list[Result]] = {}
    for milestone_id, result in MilestoneCriterion.objects.filter(milestone_id__in=ids).values_list(
        "milestone_id", "result"
    ):
        results.setdefault(milestone_id, []).append(Result(result))
    given = Attestation.objects.filter(milestone_id__in=ids, withdrawn_at=None)
    attested = dict(given.values_list("milestone_id", "given_at"))
    changed: dict[str, State] = {}
    for row in Milestone.objects.filter(pk__in=ids):
        state = milestone_state(
            results.get(row.pk, []),
            may_attest=row.may_attest,
            attested_at=attested.get(row.pk),
            proven_at=row.proven_at,
        )
        if _move(row, state, actor, now):
            changed[row.key] = state
    if changed and Milestone.objects.filter(plan=plan, is_check=True, key__in=changed).exists():
        ask_again(keys=[CHECKLIST], actor=actor, now=now)
    return changed


def _move(row: Milestone, state: State, actor: Actor, now: datetime) -> bool:
    was = State(row.state)
    if state is State.PROVEN:
        row.proven_at = now
    if state is not was:
        row.state, row.state_since = state, now
        audit.record(
            actor=actor,
            verb="plans.milestone.evaluate",
            object_type="milestone",
            object_id=row.pk,
            changes={"key": row.key, "state": [was, state]},
            now=now,
        )
    if state is State.PROVEN or state is not was:
        row.save(update_fields=["state", "state_since", "proven_at"])
    return state is not was


def _judge(plan: Plan, use: MilestoneCriterion, answer: evidence.Answer, now: datetime) -> bool:
    """Judge one use; True when an evaluation was stored. A criterion that nobody registered stores nothing."""
    use.asked_at = now
    use.result = _result(answer, now)
    stored = False
    if answer.criterion is not None:
        new = _evaluation(plan, use, answer, now)
        last = use.evaluation
        if worth_storing(_memory(last) if last else None, _memory(new)):
            new.save()
            use.evaluation = new
            stored = True
    use.save(update_fields=["asked_at", "result", "evaluation"])
    return stored


def _result(answer: evidence.Answer, now: datetime) -> Result:
    if answer.criterion is None or answer.finding is None:
        return Result.UNSEEN
    finding = answer.finding
    return judge(
        holds=finding.holds,
        n=finding.n,
        minimum_n=answer.criterion.minimum_n,
        newest_at=finding.newest_at,
        freshness=answer.criterion.freshness,
        now=now,
    )


def _evaluation(plan: Plan, use: MilestoneCriterion, answer: evidence.Answer, now: datetime) -> Evaluation:
    criterion, finding = answer.criterion, answer.finding
    assert criterion is not None
    row = Evaluation(
        criterion=use,
        key=use.key,
        parameters=use.parameters,
        query=criterion.query_name,
        definition=f"{plan.template_key}/{plan.template_version} {criterion.key}/{criterion.version}",
        result=use.result,
        words="",
        as_of=now,
        day=clock.local_day(now, plan.zone),
    )
    words: str = said("The query failed ({kind}). It is asked again tonight.", kind=answer.failed)
    if finding is not None:
        words = seen_words(Result(use.result), finding.words, finding.n, criterion.minimum_n)
        row.value, row.n = finding.value, finding.n
        row.link, row.newest_at = finding.link, finding.newest_at
        if criterion.freshness is not None and finding.newest_at is not None:
            row.fades_at = finding.newest_at + criterion.freshness
    breaks = finding.breaks if finding is not None else ""
    row.words, row.breaks = str(words)[:400], str(breaks)[:400]
    row.said = {"words": pack(words), "breaks": pack(breaks)}
    return row


def _memory(row: Evaluation) -> Stored:
    definition = f"{row.definition} {sorted(row.parameters.items())} {row.query}"
    return Stored(Result(row.result), row.value, row.n, definition, row.day)
