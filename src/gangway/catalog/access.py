"""Who may see the courses and take their files away, and who edits them."""

from gangway.kernel.access import CONTENT_OWNER, PLATFORM_ADMIN, PROGRAMME_LEAD, TRAINER, Right

SEE_COURSES = Right(
    "catalog.course.see",
    "sees the courses and takes their files away",
    roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER),
)
EDIT_COURSES = Right(
    "catalog.course.edit",
    "edits courses and publishes them",
    roles=(CONTENT_OWNER, PROGRAMME_LEAD, PLATFORM_ADMIN),
)
CHANGE_PATHS = Right(
    "catalog.path.change",
    "makes paths of courses, and changes what people on them are to learn",
    roles=(CONTENT_OWNER, PROGRAMME_LEAD, PLATFORM_ADMIN),
)
