from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import Error, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gangway.catalog import queries
from gangway.catalog.actions import CourseIncomplete, Imported, import_course, publish_version
from gangway.catalog.models import (
    AssessmentItem,
    AssessmentVersion,
    Course,
    CourseAudience,
    CourseVersion,
    LessonText,
    QuestionVersion,
)
from gangway.catalog.rules import Assign, AudienceKind, CourseDraft
from gangway.catalog.tests.samples import small_course
from gangway.kernel.actor import Actor
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import NotFound
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners
from gangway.partners.queries import PartnerRow, find_partner, host_partner

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME = Actor.operator()


@pytest.fixture
def host() -> Iterator[PartnerRow]:
    rows = [
        {"slug": "nordwind", "name": "Nordwind", "type": "msp"},
        {"slug": "suedstern", "name": "Südstern", "type": "reseller"},
    ]
    apply_partners(rows=[Line(n, row) for n, row in enumerate(rows, start=2)], actor=ME, now=NOW)
    found = host_partner()
    assert found is not None
    with scopes.one(found.id):
        yield found


@pytest.fixture
def draft(tmp_path: Path) -> CourseDraft:
    return small_course(tmp_path / "course")


def load(draft: CourseDraft, *, publish_it: bool = True) -> Imported:
    return import_course(draft=draft, publish_it=publish_it, actor=ME, now=NOW)


def reworded(draft: CourseDraft, body: str) -> CourseDraft:
    return replace(draft, lessons=(replace(draft.lessons[0], body=body), *draft.lessons[1:]))


def events(name: str) -> int:
    return OutboxEvent.objects.filter(name=name).count()


def test_a_new_course_is_published_told_and_seen_by_everybody(host: PartnerRow, draft: CourseDraft) -> None:
    done = load(draft)

    assert (done.outcome, done.n, done.state) == ("new", 1, "published")
    (told,) = OutboxEvent.objects.filter(name="catalog.course.published.v1")
    assert (told.partner_id, told.payload["assign"], told.payload["questions"]) == (host.id, "everyone", 4)
    for slug in ("nordwind", "suedstern"):
        partner = find_partner(slug)
        row = queries.visible_course("first-steps", partner_id=partner.id, partner_type=partner.type)
        assert (row.title, row.lessons, row.questions, row.unlocks) == ("First steps", 2, 4, "The first certificate")
    (lessons,) = queries.lessons([done.version_id], "en").values()
    assert [(lesson.position, lesson.key) for lesson in lessons] == [(1, "hello"), (2, "goodbye")]
    assert "<em>first</em>" in queries.lesson_page(done.version_id, "hello", "de-AT").html


def test_the_same_course_again_makes_nothing_new(host: PartnerRow, draft: CourseDraft) -> None:
    first = load(draft)
    before = (CourseVersion.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count())

    again = load(draft)

    assert again.outcome == "unchanged"
    assert again.version_id == first.version_id
    assert (CourseVersion.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count()) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(bodies=st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=6))
def test_versions_count_the_changes_of_any_series_of_imports(
    host: PartnerRow, draft: CourseDraft, bodies: list[str]
) -> None:
    with transaction.atomic():
        changes = [body for at, body in enumerate(bodies) if at == 0 or bodies[at - 1] != body]
        done = [load(reworded(draft, body)) for body in bodies]
        assert done[-1].n == len(changes)
        assert CourseVersion.objects.filter(course=done[-1].course_id).count() == len(changes)
        assert Course.objects.get(pk=done[-1].course_id).current_id == done[-1].version_id
        assert events("catalog.course.published.v1") == len(changes)
        assert queries.lesson_keys([done[-1].version_id])[done[-1].version_id] == ("hello", "goodbye")
        transaction.set_rollback(True)


def test_a_changed_lesson_keeps_its_key_and_the_unchanged_check_its_version(
    host: PartnerRow, draft: CourseDraft
) -> None:
    first = load(draft)
    second = load(reworded(draft, "Say hello twice."))

    assert (second.outcome, second.n) == ("changed", 2)
    lessons = queries.lessons([first.version_id, second.version_id], "en")
    assert [row.lesson_id for row in lessons[first.version_id]] == [row.lesson_id for row in lessons[second.version_id]]
    assert AssessmentVersion.objects.count() == 1
    assert LessonText.objects.filter(lesson_version__course_version=first.version_id).count() == 2


def test_a_changed_question_is_a_new_wording_and_the_others_stay(host: PartnerRow, draft: CourseDraft) -> None:
    load(draft)
    assert draft.check is not None
    first, *others = draft.check.questions
    changed = replace(draft, check=replace(draft.check, questions=(replace(first, prompt="How?"), *others)))
    load(changed)

    assert sorted(AssessmentVersion.objects.values_list("n", flat=True)) == [1, 2]
    assert AssessmentItem.objects.count() == 8
    assert QuestionVersion.objects.count() == 5


def test_a_draft_is_not_to_be_learned_until_it_is_published(host: PartnerRow, draft: CourseDraft) -> None:
    done = load(draft, publish_it=False)

    assert done.state == "draft"
    assert events("catalog.course.published.v1") == 0
    with pytest.raises(NotFound):
        queries.visible_course("first-steps", partner_id=host.id, partner_type=None)

    assert load(draft).outcome == "unchanged"
    assert events("catalog.course.published.v1") == 1
    assert queries.visible_course("first-steps", partner_id=host.id, partner_type=None).n == 1


def test_publishing_twice_is_publishing_once_and_only_for_its_owner(host: PartnerRow, draft: CourseDraft) -> None:
    done = load(draft)
    publish_version(version_id=done.version_id, actor=ME, now=NOW)
    assert events("catalog.course.published.v1") == 1
    with scopes.one(find_partner("nordwind").id), pytest.raises(NotFound):
        publish_version(version_id=done.version_id, actor=ME, now=NOW)


def test_who_is_enrolled_can_change_without_a_new_version(host: PartnerRow, draft: CourseDraft) -> None:
    load(replace(draft, assign=Assign.NOBODY))
    again = load(draft)

    assert again.outcome == "unchanged"
    (told,) = OutboxEvent.objects.filter(name="catalog.course.assigned.v1")
    assert told.payload == {"course_id": str(again.course_id), "assign": "everyone"}
    row = queries.courses_for_everyone(partner_id=host.id, partner_type=None)
    assert [course.key for course in row] == ["first-steps"]


def test_what_is_no_course_changes_nothing(host: PartnerRow, draft: CourseDraft) -> None:
    with pytest.raises(CourseIncomplete, match="no lessons"):
        load(replace(draft, lessons=(), check=None))
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    "table, change",
    [
        (CourseVersion, {"title": "x"}),
        (CourseVersion, {"content_hash": "x"}),
        (LessonText, {"html": "<p>x</p>"}),
        (LessonText, {"body": "x"}),
        (QuestionVersion, {"choices": []}),
        (QuestionVersion, {"accepted": ["x"]}),
        (AssessmentVersion, {"pass_percent": 1}),
        (AssessmentItem, {"position": 9}),
    ],
)
def test_the_database_refuses_to_change_what_a_version_says(
    host: PartnerRow, draft: CourseDraft, table: type, change: dict[str, object]
) -> None:
    load(draft)
    with pytest.raises(Error), transaction.atomic():
        table.objects.update(**change)  # type: ignore[attr-defined]
    with pytest.raises(Error), transaction.atomic():
        table.objects.all().delete()  # type: ignore[attr-defined]


def test_a_course_for_one_type_or_one_partner_is_unknown_to_the_others(host: PartnerRow, draft: CourseDraft) -> None:
    done = load(draft)
    nordwind, suedstern = find_partner("nordwind"), find_partner("suedstern")
    from django.apps import apps

    msp = apps.get_model("partners", "PartnerType").objects.get(key="msp")

    def seen_by() -> list[str]:
        return [
            partner.slug
            for partner in (nordwind, suedstern)
            if queries.sees(done.course_id, partner_id=partner.id, partner_type=partner.type)
        ]

    CourseAudience.objects.update(kind=AudienceKind.TYPE, type=msp)
    assert seen_by() == ["nordwind"]
    with pytest.raises(NotFound):
        queries.visible_course("first-steps", partner_id=suedstern.id, partner_type=suedstern.type)
    CourseAudience.objects.update(kind=AudienceKind.PARTNER, type=None, partner=suedstern.id)
    assert seen_by() == ["suedstern"]


def test_what_is_asked_never_holds_what_is_right(host: PartnerRow, draft: CourseDraft) -> None:
    done = load(draft)
    course = queries.course_version(done.version_id)
    assert course.check is not None
    asked = queries.assessment_for_attempt(course.check.assessment_version_id)
    assert [question.position for question in asked] == [1, 2, 3, 4]
    said = repr(asked)
    for secret in ("correct", "That is for later", "Anything friendly", "'bye'"):
        assert secret not in said
    solutions = queries.solutions({question.question_version_id: "" for question in asked})
    assert solutions[asked[2].question_version_id].is_right(["b", "a"])


def test_the_list_shows_the_newest_version_and_what_is_published(host: PartnerRow, draft: CourseDraft) -> None:
    load(draft)
    load(reworded(draft, "Draft words."), publish_it=False)
    (row,) = queries.all_courses()
    assert (row.key, row.version, row.state, row.published, row.assign) == ("first-steps", 2, "draft", 1, "everyone")
