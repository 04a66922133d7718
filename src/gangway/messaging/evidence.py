"""Criteria about letters: taken by a mail server, and not come back."""

from django.urls import reverse

from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import said, together
from gangway.messaging import queries
from gangway.messaging.events import MessageBounced, MessageSent
from gangway.partners import queries as partners


def letters_arrived(asking: Asking) -> Finding:
    """Letters of one kind to people of partners, by their fate. A kept letter went nowhere and does not count."""
    real = {row.id for row in partners.list_partners() if row.kind == "partner"}
    rows = [row for row in queries.letters_of_partners(str(asking.parameters["letter"])) if row.partner_id in real]
    sent, bounced = sum(row.sent for row in rows), sum(row.bounced + row.failed for row in rows)
    kept, waiting = sum(row.kept for row in rows), sum(row.queued for row in rows)
    words = [said("Letters taken by the mail server: {n}; come back: {bounced}.", n=sent, bounced=bounced)]
    if not queries.bounces_known():
        words += [said("Whether others came back is unknown: no mailbox and no mail provider tells us.")]
    words += [said("{n} waits.", "{n} wait.", n=waiting)] if waiting else []
    words += [said("Kept here, because no mail server is set: {n}.", n=kept)] if kept else []
    return Finding(
        holds=sent >= asking.number("minimum", 1),
        value=sent,
        n=sent + bounced,
        words=together(*words),
        newest_at=max((row.last_sent_at for row in rows if row.last_sent_at), default=None),
        breaks=said("It ends when so many come back that too few are left."),
        link=reverse("messaging:list"),
    )


CRITERIA = (
    Criterion(
        key="messaging.letters_arrived",
        words="At least {minimum} launch letters were taken by the recipients' mail server and did not come back",
        query=letters_arrived,
        depends_on=(MessageSent.name, MessageBounced.name),
        defaults={"minimum": 1, "letter": "identity.launch"},
    ),
)
