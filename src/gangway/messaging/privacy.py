"""What messaging holds of a person: which letters went to them, what servers answered, what they declined."""

from datetime import datetime

from django.utils.translation import gettext_noop as _

from gangway.kernel.personal import Privacy, Section, Subject, word
from gangway.kernel.said import content
from gangway.messaging.models import Message, OptOut, Reply, Suppression
from gangway.messaging.queries.letters import letter
from gangway.messaging.queries.messages import mailbox_digest
from gangway.messaging.queries.words import CATEGORY_WORDS, STATE_WORDS
from gangway.messaging.rules import OPEN_STATES, State


def _export(subject: Subject) -> list[Section]:
    letters = Message.objects.filter(person=subject.id).order_by("queued_at", "id")
    replies = Reply.objects.filter(person=subject.id).order_by("received_at", "id")
    refused = Suppression.objects.filter(mailbox__in=_digests(subject))
    declined = OptOut.objects.filter(person=subject.id).order_by("declined_at", "id")
    return [
        Section(
            _("Letters"),
            [
                {
                    _("Letter"): content(letter(row.letter_key).title),
                    _("State"): word(row.state, STATE_WORDS),
                    _("Written"): row.queued_at,
                    _("Sent"): row.sent_at,
                    _("Answer of the mail server"): row.last_error,
                }
                for row in letters
            ],
        ),
        Section(_("What you answered"), [{_("Text"): row.text, _("When"): row.received_at} for row in replies]),
        Section(
            _("Letters declined"),
            [{_("Kind"): word(row.category, CATEGORY_WORDS), _("When"): row.declined_at} for row in declined],
        ),
        Section(_("Addresses that refuse letters"), [{_("Why"): row.reason, _("When"): row.at} for row in refused]),
    ]


def _digests(subject: Subject) -> list[bytes]:
    return [mailbox_digest(address) for address in subject.addresses]


def _erase(subject: Subject, now: datetime) -> None:
    mine = Message.objects.filter(person=subject.id)
    mine.filter(state__in=list(OPEN_STATES)).update(state=State.CANCELLED, ended_at=now, lease=None, lease_until=None)
    mine.update(secret="", mailbox="", last_error="")
    Reply.objects.filter(person=subject.id).update(text="")
    Suppression.objects.filter(mailbox__in=_digests(subject)).update(reason="")


PRIVACY = Privacy(
    context="messaging",
    columns=frozenset(
        {
            "messaging.Message.secret",
            "messaging.Message.mailbox",
            "messaging.Message.last_error",
            "messaging.Reply.text",
            "messaging.Suppression.reason",
        }
    ),
    export=_export,
    erase=_erase,
    goes=(
        _("codes and links in letters, and letters that have not gone out yet"),
        _("what they answered to letters"),
    ),
    stays=(_("that letters were written, of which kind and when, without name or address"),),
)
