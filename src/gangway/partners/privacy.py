"""What partners hold of a person: them as a contact of their company, known by the same address."""

import json
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as _

from gangway.kernel.personal import Privacy, Section, Subject
from gangway.partners.models import ApplyRow, ApplyRun, Contact


def _same(subject: Subject) -> QuerySet[Contact]:
    condition = Q(pk__in=[])
    for address in subject.addresses:
        condition |= Q(email__iexact=address)
    rows: QuerySet[Contact] = Contact.objects.filter(condition)
    return rows


def _export(subject: Subject) -> list[Section]:
    rows = [{_("Name"): row.name, _("Mail address"): row.email, _("Main contact"): row.main} for row in _same(subject)]
    return [Section(_("Entry among the contacts of the company"), rows)]


def _erase(subject: Subject, now: datetime) -> None:
    _same(subject).update(name="", email="")
    _forget_in_runs({address.casefold() for address in subject.addresses})


def _forget_in_runs(addresses: set[str]) -> None:
    """What partner files did to the contact is forgotten with them: an undo then leaves the contact alone."""
    for row in ApplyRow.objects.all():
        contact = row.kept.get("contact") or ("", "", "")
        said = {row.before.get("contact_email"), row.after.get("contact_email"), contact[2]}
        if addresses & {text.casefold() for text in said if text}:
            for facts in (row.before, row.after):
                facts.pop("contact_name", None)
                facts.pop("contact_email", None)
            row.kept["contact"] = None
            row.save()
    for run in ApplyRun.objects.exclude(refusals=[]):
        kept = [row for row in run.refusals if not _names(row, addresses)]
        if kept != run.refusals:
            ApplyRun.objects.filter(pk=run.pk).update(refusals=kept)


def _names(refused: list[Any], addresses: set[str]) -> bool:
    """Whether a refused row quotes one of these addresses."""
    quoted = json.dumps(refused, ensure_ascii=False).casefold()
    return any(address in quoted for address in addresses)


PRIVACY = Privacy(
    context="partners",
    columns=frozenset(
        {
            "partners.Contact.name",
            "partners.Contact.email",
            "partners.ApplyRow.before",
            "partners.ApplyRow.after",
            "partners.ApplyRow.kept",
            "partners.ApplyRun.refusals",
        }
    ),
    export=_export,
    erase=_erase,
    goes=(_("their entry among the contacts of their company"),),
)
