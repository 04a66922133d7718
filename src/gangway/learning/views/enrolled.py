"""The list of enrolments: who learns what, where they stand, who is overdue."""

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET

from gangway.kernel.language import number
from gangway.kernel.web import Request, placed
from gangway.learning import queries
from gangway.learning.access import ENROL, ENROL_TEAM
from gangway.people.access import CONSOLE, DESK, Place
from gangway.ui.listing import answer


def _enrolments(request: Request, place: Place) -> HttpResponseBase:
    """Who stands where in which course; at the desk the own people."""
    late = queries.overdue_count(timezone.localdate())
    words = ngettext(
        "%(n)s enrolment is overdue. A reminder goes out before and after the due date.",
        "%(n)s enrolments are overdue. A reminder goes out before and after the due date.",
        late,
    )
    context = {
        "empty_title": gettext("Nobody is enrolled yet"),
        "empty_text": gettext("Choose people in the list of people, and give them a course."),
    }
    return answer(
        request,
        queries.ENROLMENT_LIST if place is CONSOLE else queries.TEAM_ENROLMENTS,
        title=gettext("Enrolments"),
        sentence=words % {"n": number(late)} if late else gettext("Nothing is overdue."),
        shell=place.shell,
        context=context,
    )


enrolments = require_GET(placed(_enrolments, CONSOLE, right=ENROL))
enrolments_team = require_GET(placed(_enrolments, DESK, right=ENROL_TEAM))
