"""The events of mail providers, read by django-anymail's parsers without its signals."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.amazon_ses import AmazonSESBaseWebhookView, AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.http import HttpRequest

from gangway.messaging.rules import Kind, Returned, letters_named, words_of

BOUNCES = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})


class NotTheProvider(Exception):
    """The request does not show that it comes from the provider."""


class NotReadable(ValueError):
    """The body is not what this provider sends."""


class _AmazonSes(AmazonSESTrackingWebhookView):  # type: ignore[misc]
    """Without boto3: we read notifications, and confirm no subscription by ourselves."""

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False
        super(AmazonSESBaseWebhookView, self).__init__(**kwargs)


READERS: Mapping[str, Callable[[str, str], AnymailCoreWebhookView]] = {
    "amazon_ses": lambda secret, key: _AmazonSes(webhook_secret=secret),
    "mailgun": lambda secret, key: MailgunTrackingWebhookView(webhook_secret=secret, webhook_signing_key=key),
    "postmark": lambda secret, key: PostmarkTrackingWebhookView(webhook_secret=secret),
    "sendgrid": lambda secret, key: SendGridTrackingWebhookView(
        webhook_secret=secret, tracking_webhook_verification_key=key or None
    ),
}


def read_events(provider: str, request: HttpRequest, *, secret: str, key: str) -> list[Returned]:
    """What a provider's request says came back. Refuses NotTheProvider for a wrong proof, NotReadable for its body."""
    view = READERS[provider](secret, key)
    try:
        view.run_validators(request)
        events = view.parse_events(request)
    except AnymailWebhookValidationFailure as error:
        raise NotTheProvider(str(error)) from error
    except (AnymailError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise NotReadable(f"{type(error).__name__}: {error}") from error
    return [returned for event in events if (returned := _returned(event))]


def _returned(event: AnymailTrackingEvent) -> Returned | None:
    if event.event_type == EventType.COMPLAINED:
        kind = Kind.SPAM
    elif event.event_type in BOUNCES:
        kind = Kind.BOUNCED
    else:
        return None
    whole = json.dumps([str(event.message_id), event.metadata, event.tags, event.esp_event], default=str)
    return Returned(
        kind=kind,
        letters=letters_named(whole, bare=True),
        recipient=event.recipient or "",
        reason=words_of(event.mta_response, event.description) or "The mail provider says that it came back.",
        proven=True,
        invalid=event.reject_reason == RejectReason.INVALID,
    )
