"""Who may learn: everybody, over their own rows, in the scope of their own partner. And who may enrol others."""

from gangway.kernel.access import CHANNEL_MANAGER, PARTNER_ADMIN, PLATFORM_ADMIN, PROGRAMME_LEAD, Right

LEARN = Right("learning.course.learn", "learns their own courses", own=True)
ENROL = Right(
    "learning.enrolment.change",
    "enrols people of partners, and changes their enrolments",
    (PROGRAMME_LEAD, PLATFORM_ADMIN, CHANNEL_MANAGER),
)
RULES = Right(
    "learning.rule.change", "makes rules that enrol people of every partner", (PROGRAMME_LEAD, PLATFORM_ADMIN)
)
ENROL_TEAM = Right(
    "learning.team.enrol", "enrols people of the own team, and changes their enrolments", (PARTNER_ADMIN,)
)
