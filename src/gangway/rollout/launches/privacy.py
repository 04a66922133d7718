"""What launches hold of a person: the words in which somebody of staff held a partner back or let it go.

A launch is its partner's row, so each is written in its partner's own scope. That somebody held it stays: the words
give way to a mark, because an empty reason would let the partner go.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from gangway.kernel.personal import Privacy, Section, Subject
from gangway.kernel.tenancy import scopes
from gangway.rollout.launches.models import Launch

GONE = "…"


def _export(subject: Subject) -> list[Section]:
    with scopes.host():
        rows = Launch.objects.filter(_by(subject)).select_related("wave").order_by("id")
        said = [
            {_("Wave"): row.wave.name, _("Words"): words, _("When"): at}
            for row in rows
            for by, words, at in (
                (row.held_by, row.hold_reason, row.held_at),
                (row.let_go_by, row.let_go_reason, row.let_go_at),
            )
            if by == str(subject.id)
        ]
    return [Section(_("Partners held back or let go in a wave"), said)]


def _erase(subject: Subject, now: datetime) -> None:
    me = str(subject.id)
    for partner_id in _partners(subject):
        with scopes.one(partner_id):
            Launch.objects.filter(held_by=me).update(hold_reason=GONE)
            Launch.objects.filter(let_go_by=me).update(let_go_reason=GONE)


def _partners(subject: Subject) -> list[UUID]:
    with scopes.host():
        return list(Launch.objects.filter(_by(subject)).values_list("partner_id", flat=True).distinct())


def _by(subject: Subject) -> Q:
    return Q(held_by=str(subject.id)) | Q(let_go_by=str(subject.id))


PRIVACY = Privacy(
    context="rollout.launches",
    columns=frozenset({"launches.Launch.hold_reason", "launches.Launch.let_go_reason"}),
    export=_export,
    erase=_erase,
    goes=(_("their words where they held a partner back or let it go in a wave"),),
    stays=(_("that somebody held a partner back or let it go, and when"),),
)
