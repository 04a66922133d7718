"""Letters: declared where their subject lives (room `letters.py`), wired in config/wiring.LETTERS, rendered here.

A message stores ids; its words are made when it is sent or shown, from what is true then, in the person's language.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import jinja2
import mrml
from django.conf import settings
from django.template import engines
from django.utils import timezone, translation

from gangway.kernel import secrets
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import part
from gangway.messaging.models import Message
from gangway.messaging.queries.readers import readers_of
from gangway.messaging.rules import Category, one_line
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.people.queries import PersonRow
from gangway.ui.brand import DEFAULT_ACCENT, palette

SAMPLE_NAME, SAMPLE_MAILBOX = "Ana López", "ana@example.com"
BLANK_LINES = re.compile(r"\n{3,}")
FROM_NOWHERE_ELSE = mrml.RenderOptions(fonts={})  # or it loads known fonts from a host that then sees who reads


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """What a letter may know when it is written: the message, its person, their partner, and the house."""

    message_id: UUID
    partner_id: UUID
    person_id: UUID
    payload: Mapping[str, Any]
    secret: str
    queued_at: datetime
    name: str
    mailbox: str
    locale: str
    zone: str
    partner_name: str
    vendor_name: str
    accent: str
    base_url: str

    def url(self, path: str) -> str:
        """An absolute address of this installation."""
        return f"{self.base_url}{path}"


def nothing_more(_: LetterView) -> dict[str, Any]:
    return {}


def always(_: LetterView) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A kind of letter. Templates get `letter` (the LetterView) and what `context` adds.

    key: `context.name`; title: what staff call it; version: raise it when the words change their meaning.
    words: what its templates are called, where that is not `context/mail/name`.
    wanted: asked when it is about to go out, in its partner's scope and outside any transaction; False where its
    person acted meanwhile: then it is cancelled.
    elsewhere: it goes to a mailbox given with it, never to the person's, and to people who left as well.
    """

    key: str
    title: str
    category: Category
    words: str = ""
    context: Callable[[LetterView], Mapping[str, Any]] = nothing_more
    wanted: Callable[[LetterView], bool] = always
    version: int = 1
    elsewhere: bool = False

    @property
    def template(self) -> str:
        """MJML; extends ui/mail/letter.mjml.jinja."""
        return f"{self._base}.mjml.jinja"

    @property
    def text(self) -> str:
        """Plain text: nothing is escaped in it."""
        return f"{self._base}.txt.jinja"

    @property
    def subject(self) -> str:
        """Plain text, one line."""
        return f"{self._base}.subject.jinja"

    @property
    def _base(self) -> str:
        return self.words or self.key.replace(".", "/mail/", 1)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of one letter. `html` is empty where only the words were asked for, `decline_url` where nobody may."""

    subject: str
    text: str
    html: str = ""
    decline_url: str = ""


@cache
def _letters() -> Mapping[str, Letter]:
    return {letter.key: letter for letter in part("LETTERS")}


def letter(key: str) -> Letter:
    """The letter of that key; KeyError is a mistake in the wiring."""
    return _letters()[key]


def render(message: Message, view: LetterView | None = None, *, html: bool = True) -> Rendered:
    """Write a message out in its person's language and zone. Scope `one` or wider.

    view: its facts, where they were read before; else person, partner and host are read here.
    """
    view = view or letter_view(message)
    return write(letter(message.letter_key), view, _decline_url(message), html=html)


def still_wanted(message: Message, view: LetterView) -> bool:
    """Whether a message still has a reason: asks its letter. Reads what the letter reads; scope `one`."""
    return letter(message.letter_key).wanted(view)


def write(kind: Letter, view: LetterView, decline_url: str, *, html: bool = True) -> Rendered:
    """The words of a letter of this kind, from these facts."""
    with translation.override(view.locale), timezone.override(ZoneInfo(view.zone)):
        context = {
            "letter": view,
            "accent": readable_accent(view.accent),
            "reply_to": settings.EMAIL_REPLY_TO,
            "language": view.locale,
            "decline_url": decline_url,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            **kind.context(view),
        }
        subject = one_line(_words(kind.subject, context))
        markup = _markup(kind.template, {**context, "subject": subject}) if html else ""
        return Rendered(
            subject=subject,
            text=BLANK_LINES.sub("\n\n", _words(kind.text, context)).strip() + "\n",
            html=mrml.to_html(markup, None, FROM_NOWHERE_ELSE).content if html else "",
            decline_url=decline_url,
        )


def _decline_url(message: Message) -> str:
    """Where the reader of a letter declines its kind; "" where nobody may. Signed, since its reader has no session."""
    if not Category(message.category).may_be_declined or message.person_id is None:
        return ""
    words = ":".join(part_.hex for part_ in (message.partner_id, message.person_id)) + f":{message.category}"
    return f"{settings.BASE_URL}/mail/decline/{words}:{_signature(words)}"


@dataclass(frozen=True, slots=True)
class Declining:
    """Who declines which letters, as a link in one of them says."""

    partner_id: UUID
    person_id: UUID
    category: Category


def declining(token: str) -> Declining:
    """What a decline link asks for; NotFound where it is not one of ours."""
    words, _, signature = token.rpartition(":")
    if not secrets.same(_signature(words).encode(), signature.encode()):
        raise NotFound
    partner, person, category = words.split(":")
    return Declining(UUID(partner), UUID(person), Category(category))


def _signature(words: str) -> str:
    return secrets.digest(f"decline:{words}").hex()[:32]


def letter_view(message: Message) -> LetterView:
    """The facts for a letter, as they are now."""
    return letter_views([message])[message.id]


def letter_views(messages: Sequence[Message]) -> dict[UUID, LetterView]:
    """Message → the facts for it, as they are now. Persons are read in one statement, each partner once."""
    persons = readers_of(messages)
    houses = {partner_id: _house(partner_id) for partner_id in {message.partner_id for message in messages}}
    return {message.id: _view(message, persons[message.id], houses[message.partner_id]) for message in messages}


def _view(message: Message, person: PersonRow, house: Mapping[str, str]) -> LetterView:
    return LetterView(
        message_id=message.id,
        partner_id=message.partner_id,
        person_id=person.id,
        payload=message.payload,
        secret=secrets.unseal(message.secret) if message.secret else "",
        queued_at=message.queued_at,
        name=person.name,
        mailbox=person.email or "",
        locale=message.locale,
        zone=person.zone,
        **house,
    )


def _house(partner_id: UUID) -> dict[str, str]:
    """What a letter knows of its partner, and of the vendor."""
    brand, vendor = partners.brand_for(partner_id), partners.brand_for()
    return {
        "partner_name": brand.name if brand else "",
        "vendor_name": vendor.name if vendor else "",
        "accent": brand.accent if brand else "",
        "base_url": settings.BASE_URL,
    }


def preview(
    letter_key: str,
    *,
    locale: str,
    now: datetime,
    person_id: UUID | None = None,
    payload: Mapping[str, Any] | None = None,
) -> Rendered:
    """How a letter would read in a language, to a person of the open scope or to a sample person of its partner.

    Nothing is queued, and what only the real letter may carry (a code, a link's token) stands as it does without one.
    NotFound where the scope does not reach the person. Scope `one`.
    """
    kind, partner_id = letter(letter_key), scopes.writer()
    person = people.person(person_id) if person_id else None
    view = LetterView(
        message_id=new_id(),
        partner_id=partner_id,
        person_id=person_id or new_id(),
        payload=payload or {},
        secret="",
        queued_at=now,
        name=person.name if person else SAMPLE_NAME,
        mailbox=(person.email or "") if person else SAMPLE_MAILBOX,
        locale=locale,
        zone=person.zone if person else partners.partner_by_id(partner_id).zone,
        **_house(partner_id),
    )
    decline_url = f"{settings.BASE_URL}/mail/decline/…" if kind.category.may_be_declined else ""
    return write(kind, view, decline_url)


def readable_accent(accent: str) -> str:
    """The accent as white words can stand on it, in any mail program."""
    return palette(accent or DEFAULT_ACCENT).light.fill


def _markup(name: str, context: Mapping[str, Any]) -> str:
    return _environment().get_template(name).render(context)


def _words(name: str, context: Mapping[str, Any]) -> str:
    return _plain_environment().get_template(name).render(context)


@cache
def _environment() -> jinja2.Environment:
    return engines.all()[0].env  # type: ignore[attr-defined, no-any-return]


@cache
def _plain_environment() -> jinja2.Environment:
    """The same templates without HTML escaping: an apostrophe in a text part stays an apostrophe."""
    return _environment().overlay(autoescape=False)
