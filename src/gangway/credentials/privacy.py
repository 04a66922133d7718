"""What credentials hold of a person: their awards, and whether strangers may see their name on them."""

from datetime import datetime

from django.utils.translation import gettext_noop as _

from gangway.credentials.actions import release
from gangway.credentials.models import Award, KeptAsk, MailboxTry, NameConsent, PrivateMailbox
from gangway.credentials.rules import CONSENT_VERSION
from gangway.kernel.personal import Privacy, Section, Subject


def _export(subject: Subject) -> list[Section]:
    awards = Award.objects.filter(person=subject.id).order_by("issued_at", "id")
    kept = PrivateMailbox.objects.filter(person=subject.id)
    said = NameConsent.objects.filter(person=subject.id).order_by("n")
    return [
        Section(
            _("Certificates"),
            [
                {
                    _("Title"): row.title,
                    _("Number"): row.number,
                    _("Issued by"): row.issuer,
                    _("Issued"): row.issued_at,
                    _("Valid until"): row.expires_at,
                    _("Revoked"): row.revoked_at,
                }
                for row in awards
            ],
        ),
        Section(
            _("Certificates kept by a private mailbox"),
            [{_("Since"): row.proven_at, _("Ended"): row.ended_at} for row in kept],
            private=True,
        ),
        Section(
            _("Whether the name is shown on public pages"),
            [{_("Shown"): row.agreed, _("Since"): row.at} for row in said],
        ),
    ]


def _erase(subject: Subject, now: datetime) -> None:
    """An award survives without a name: its facts and seal never held one. The consent to show it is taken back."""
    kept = PrivateMailbox.objects.filter(person=subject.id, mailbox__isnull=False)
    KeptAsk.objects.filter(mailbox__in=[bytes(row.mailbox) for row in kept]).delete()
    release(subject.id, now)
    MailboxTry.objects.filter(person=subject.id).delete()
    last = NameConsent.objects.filter(person=subject.id).order_by("-n").first()
    if last is not None and last.agreed:
        NameConsent.objects.create(
            person_id=subject.id, n=last.n + 1, agreed=False, version=CONSENT_VERSION, locale="en", at=now
        )


PRIVACY = Privacy(
    context="credentials",
    columns=frozenset({"credentials.KeptAsk.address"}),
    export=_export,
    erase=_erase,
    goes=(
        _("their name on the public pages of their certificates"),
        _("the private mailbox by which they kept their certificates"),
    ),
    stays=(_("their certificates: the numbers still verify, without a name"),),
)
