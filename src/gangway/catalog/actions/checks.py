"""A version of a check, made where none says the same already."""

from datetime import datetime

from gangway.catalog.actions.translations import add_question_texts, check_words
from gangway.catalog.models import (
    Assessment,
    AssessmentItem,
    AssessmentVersion,
    Course,
    Question,
    QuestionVersion,
)
from gangway.catalog.rules import CheckDraft, QuestionDraft, check_fingerprint, question_fingerprint


def assessment_version_of(course: Course, check: CheckDraft, now: datetime) -> AssessmentVersion:
    """The check as it is, where a version says the same already; else its next version."""
    owner_id = course.owner_id
    assessment, _ = Assessment.objects.get_or_create(course=course, key="check", defaults={"owner_id": owner_id})
    versions = AssessmentVersion.objects.filter(assessment=assessment).order_by("-n")
    if same := versions.filter(content_hash=check_fingerprint(check)).first():
        return same
    last = versions.first()
    version = AssessmentVersion.objects.create(
        owner_id=owner_id,
        assessment=assessment,
        n=last.n + 1 if last else 1,
        content_hash=check_fingerprint(check),
        title=check.title,
        intro=check.intro,
        pass_percent=check.pass_percent,
        retake_minutes=check.retake_minutes,
        time_limit_minutes=check.time_limit_minutes,
        draw=check.draw,
        max_tries=check.max_tries,
        test_out=check.test_out,
        words=check_words(check, assessment),
        created_at=now,
    )
    AssessmentItem.objects.bulk_create(
        AssessmentItem(
            owner_id=owner_id,
            assessment_version=version,
            question_version=_question_version(assessment, question),
            position=position,
        )
        for position, question in enumerate(check.questions, start=1)
    )
    return version


def _question_version(assessment: Assessment, draft: QuestionDraft) -> QuestionVersion:
    """The question's wording as it is, where a version says the same already; else its next version."""
    owner_id = assessment.owner_id
    question, _ = Question.objects.get_or_create(assessment=assessment, key=draft.key, defaults={"owner_id": owner_id})
    versions = QuestionVersion.objects.filter(question=question).order_by("-n")
    if same := versions.filter(content_hash=question_fingerprint(draft)).first():
        return same
    last = versions.first()
    made = QuestionVersion.objects.create(
        owner_id=owner_id,
        question=question,
        n=last.n + 1 if last else 1,
        content_hash=question_fingerprint(draft),
        kind=draft.kind,
        prompt=draft.prompt,
        prompt_html=draft.prompt_html,
        choices=[{"key": c.key, "text": c.text, "correct": c.correct, "feedback": c.feedback} for c in draft.choices],
        accepted=list(draft.accepted),
        feedback=draft.feedback,
        lesson_key=draft.lesson,
        topic=draft.topic,
    )
    if draft.translations:
        add_question_texts(made, draft)
    return made
