"""What plans hold of a person: their words where they vouched, contested or decided, and their name in the matrix.

Plans stand at the host; a contact of a partner is named there by a label. So this room opens the host's own scope.
"""

from datetime import datetime

from django.utils.translation import gettext_noop as _

from gangway.kernel.personal import Privacy, Section, Subject, Word, word
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import host_partner
from gangway.rollout.plans.models import Attestation, Decision, KickoffAttendance, RaciCell, RaciContest
from gangway.rollout.plans.queries.plans import current_plan
from gangway.rollout.plans.rules.gates import CHOICE_WORDS, Choice


def _export(subject: Subject) -> list[Section]:
    host = host_partner()
    if host is None:
        return []
    with scopes.one(host.id):
        cells = RaciCell.objects.filter(person=subject.id) | RaciCell.objects.filter(contact_id=subject.id)
        named = [
            {_("Row"): cell.row.title, _("RACI letter"): cell.letter, _("Words"): cell.label}
            for cell in cells.select_related("row").order_by("id")
        ]
        vouched = Attestation.objects.filter(person=subject.id).select_related("milestone").order_by("given_at")
        contested = RaciContest.objects.filter(person=subject.id).order_by("raised_at")
        decided = Decision.objects.filter(person=subject.id).order_by("decided_at")
        plan = current_plan()
        titles = {line.key: line.title for line in plan.template.gates} if plan else {}
        came = KickoffAttendance.objects.filter(person=subject.id).order_by("confirmed_at")
        return [
            Section(_("Named in the plan"), named),
            Section(
                _("Vouched for"),
                [
                    {_("Milestone"): row.milestone.title, _("Words"): row.reason, _("When"): row.given_at}
                    for row in vouched
                ],
            ),
            Section(_("Contested"), [{_("Words"): row.reason, _("When"): row.raised_at} for row in contested]),
            Section(
                _("Decided"),
                [
                    {
                        _("Gate"): word(row.gate, titles),
                        _("Choice"): Word(row.choice, CHOICE_WORDS[Choice(row.choice)]),
                        _("Words"): row.reason,
                        _("When"): row.decided_at,
                    }
                    for row in decided
                ],
            ),
            Section(_("Kickoffs attended"), [{_("Confirmed"): row.confirmed_at} for row in came]),
        ]


def _erase(subject: Subject, now: datetime) -> None:
    host = host_partner()
    if host is None:
        return
    with scopes.one(host.id):
        RaciCell.objects.filter(contact_id=subject.id).update(label="")
        RaciContest.objects.filter(person=subject.id).update(reason="")
        RaciContest.objects.filter(decided_by=subject.id).update(decision="")
        Attestation.objects.filter(person=subject.id).update(reason="")
        Decision.objects.filter(person=subject.id).update(reason="")


PRIVACY = Privacy(
    context="rollout.plans",
    columns=frozenset(
        {
            "plans.RaciCell.label",
            "plans.RaciContest.reason",
            "plans.RaciContest.decision",
            "plans.Attestation.reason",
            "plans.Decision.reason",
        }
    ),
    export=_export,
    erase=_erase,
    goes=(_("their words where they vouched, contested or decided in the plan"),),
    stays=(_("that somebody vouched or decided, and when"),),
)
