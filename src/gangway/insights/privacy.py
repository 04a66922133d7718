"""What insights hold of a person: a row of dates, and one per course and credential. No words, so nothing to blank."""

from datetime import datetime

from django.utils.translation import gettext_noop as _

from gangway.insights.models import Journey, JourneyItem
from gangway.insights.rules.journeys import ItemKind
from gangway.kernel.personal import Privacy, Section, Subject, word

KIND_WORDS: dict[str, str] = {ItemKind.COURSE: _("Course"), ItemKind.CREDENTIAL: _("Certificate")}


def _export(subject: Subject) -> list[Section]:
    journeys = Journey.objects.filter(person=subject.id)
    items = JourneyItem.objects.filter(journey__person=subject.id).order_by("entered_at", "id")
    return [
        Section(
            _("Dates, as figures count them"),
            [
                {
                    _("Invited on"): row.invited_at,
                    _("First letter sent"): row.sent_at,
                    _("Came in first"): row.came_in_at,
                    _("Began a course"): row.started_at,
                    _("Completed one"): row.completed_at,
                    _("Certified"): row.certified_at,
                    _("Left on"): row.left_at,
                }
                for row in journeys
            ],
        ),
        Section(
            _("Dates by course and certificate"),
            [
                {
                    _("Kind"): word(row.kind, KIND_WORDS),
                    _("Key"): row.key,
                    _("Entered"): row.entered_at,
                    _("Begun"): row.started_at,
                    _("Done"): row.done_at,
                }
                for row in items
            ],
        ),
    ]


def _erase(subject: Subject, now: datetime) -> None:
    """Dates without a name stay, so that figures of past weeks do not change."""


PRIVACY = Privacy(
    context="insights",
    columns=frozenset(),
    export=_export,
    erase=_erase,
    stays=(_("their dates in the figures, without a name"),),
)
