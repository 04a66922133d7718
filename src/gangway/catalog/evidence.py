"""Criteria about courses."""

from gangway.catalog import queries
from gangway.catalog.events import CoursePublished
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import N_, said


def courses_published(asking: Asking) -> Finding:
    """Courses that people can learn now."""
    rows = queries.all_courses()
    live = [row.title for row in rows if row.published is not None]
    minimum = asking.number("minimum", 1)
    text = N_("Courses published: {n}; wanted: at least {minimum}: {titles}.")
    none = N_("Courses published: {n}; wanted: at least {minimum}.")
    return Finding(
        holds=len(live) >= minimum,
        value=len(live),
        n=len(live),
        words=said(text if live else none, n=len(live), minimum=minimum, titles=live[:5]),
        breaks=said("It ends when a course is no longer published."),
    )


CRITERIA = (
    Criterion(
        key="catalog.courses_published",
        words="At least {minimum} courses are published",
        query=courses_published,
        depends_on=(CoursePublished.name,),
        defaults={"minimum": 1},
    ),
)
