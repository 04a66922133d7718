"""What the kernel holds of a person: their names and words in the audit log, and in the errors of events and jobs."""

import json
from datetime import datetime

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop as _

from gangway.kernel.actor import ActorKind
from gangway.kernel.models import AuditEntry, Failure, Job
from gangway.kernel.personal import Privacy, Section, Subject

PERSON = ("person", "people.person")


def _export(subject: Subject) -> list[Section]:
    rows = _about(subject).order_by("-at", "-id")[:10_000]
    said = [
        {_("When"): row.at, _("What"): row.verb, _("Changes"): {**row.changes, **row.changes_personal}} for row in rows
    ]
    return [Section(_("Changes, from the audit log"), said)]


def _about(subject: Subject) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(partner_id=subject.partner_id, object_type__in=PERSON, object_id=str(subject.id))


def _erase(subject: Subject, now: datetime) -> None:
    """Entries about them; their own words in entries about things; and whatever else names their address or id.

    Entries in which they changed somebody else keep that person's data.
    """
    by_them = Q(actor_kind__in=(ActorKind.PERSON, ActorKind.ROBOT), actor_id=str(subject.id))
    AuditEntry.objects.filter(Q(object_id=str(subject.id)) | (by_them & ~Q(object_type__in=PERSON))).exclude(
        changes_personal={}
    ).update(changes_personal={})
    for spelling in _spellings(subject):
        naming = AuditEntry.objects.annotate(text=Cast("changes_personal", TextField()))
        found = naming.filter(text__icontains=spelling).exclude(object_type__in=PERSON).values_list("pk", flat=True)
        AuditEntry.objects.filter(pk__in=list(found)).update(changes_personal={})
        Job.objects.filter(last_error__icontains=spelling).update(last_error="")
        Failure.objects.filter(last_error__icontains=spelling).update(last_error="")
    Failure.objects.filter(subject_id=subject.id).update(last_error="")


def _spellings(subject: Subject) -> set[str]:
    """How their addresses and their id may stand in JSON: as they are, and escaped."""
    plain = {str(subject.id), *subject.addresses}
    return plain | {json.dumps(text)[1:-1] for text in plain}


PRIVACY = Privacy(
    context="kernel",
    columns=frozenset({"kernel.AuditEntry.changes_personal", "kernel.Failure.last_error", "kernel.Job.last_error"}),
    export=_export,
    erase=_erase,
    goes=(_("their name, address and words in the audit log"),),
    stays=(_("that something was done, when, and by which account, in the audit log"),),
)
