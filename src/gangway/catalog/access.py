"""Who may see the courses and take their files away."""

from gangway.kernel.access import CONTENT_OWNER, PLATFORM_ADMIN, PROGRAMME_LEAD, TRAINER, Right

SEE_COURSES = Right(
    "catalog.course.see",
    "sees the courses and takes their files away",
    roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER),
)
