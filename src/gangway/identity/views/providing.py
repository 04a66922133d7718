"""Telling a connection who its provider is: the same form on the desk and behind the link for IT."""

from collections.abc import Callable, Mapping
from datetime import date

from django.http import HttpRequest

from gangway.identity import oidc, queries
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.saml import METADATA_LIMIT
from gangway.identity.saml import telling
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import said

_TYPED = ("issuer", "client_id", "must_say", "secret_expires_on", "metadata_url", "metadata", "subject_attribute")


def tell(request: HttpRequest, row: ConnectionRow, actor: Actor) -> None:
    """What the form says of the provider. The provider is asked first, outside any action; where it cannot be used
    nothing changes. Invalid, UnusableProvider and what the actions refuse."""
    _TELLS[row.kind](request, row, actor)


def _oidc(request: HttpRequest, row: ConnectionRow, actor: Actor) -> None:
    issuer = request.POST.get("issuer", "").strip()
    known = queries.oidc_settings(row.id)
    must_say = _must_say(request.POST.get("must_say", ""))
    secret = request.POST.get("client_secret", "").strip() or (known.client_secret if known else "")
    oidc.tell(
        row.id,
        issuer=issuer,
        client_id=request.POST.get("client_id", ""),
        client_secret=secret,
        must_say=must_say,
        secret_expires_on=day_of(request.POST.get("secret_expires_on", "")),
        actor=actor,
        now=clock.now(),
    )


def _saml(request: HttpRequest, row: ConnectionRow, actor: Actor) -> None:
    """Metadata by address, which is asked again every night, as a file, or pasted."""
    url, given = request.POST.get("metadata_url", "").strip(), _given(request)
    ways = [bool(url), *map(bool, given)]
    if sum(ways) != 1:
        raise Invalid(
            field="metadata",
            problem=said("The metadata are given more than once.") if any(ways) else said("No metadata are given."),
            mend="Give one of them: an address, a file, or their text.",
        )
    telling.tell(
        row.id,
        url=url,
        given=b"".join(given),
        subject_attribute=request.POST.get("subject_attribute", "").strip(),
        actor=actor,
        now=clock.now(),
    )


def _given(request: HttpRequest) -> tuple[bytes, bytes]:
    """What the chosen file holds and what was pasted. Of a file too long one byte more than may be is read: whoever
    reads metadata refuses it by that."""
    file = request.FILES.get("metadata_file")
    raw: bytes = file.read(METADATA_LIMIT + 1) if file is not None else b""
    if file is not None and not raw.strip():
        raise Invalid(
            field="metadata",
            problem="The file “{name}” is empty.",
            mend="Export the metadata of the provider once more.",
            name=(file.name or "")[:60],
        )
    return raw, request.POST.get("metadata", "").strip().encode()


def _must_say(text: str) -> dict[str, str]:
    """claim=value, several with commas between them; an issuer of many companies speaks for one by it."""
    said = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(name.strip() and value.strip() for name, _, value in said):
        raise Invalid(
            field="must_say",
            problem="“{text}” is no claim=value.",
            mend="For Google Workspace: hd=your-domain.example.",
            text=text[:60],
        )
    return {name.strip(): value.strip() for name, _, value in said}


def day_of(text: str) -> date | None:
    """A day that a form names; None where it names none. Invalid."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(
            field="secret_expires_on", problem="“{text}” is no day.", mend="Write it as 2026-12-31.", text=text[:20]
        ) from error


def _directory(request: HttpRequest, row: ConnectionRow, actor: Actor) -> None:
    raise Invalid(field="kind", problem="A directory is told nothing: it comes to us with its token.")


_TELLS: Mapping[ConnectionKind, Callable[[HttpRequest, ConnectionRow, Actor], None]] = {
    ConnectionKind.OIDC: _oidc,
    ConnectionKind.SAML: _saml,
    ConnectionKind.SCIM: _directory,
}


def typed_over(request: HttpRequest, row: ConnectionRow) -> dict[str, str]:
    """What the form shows after it was refused: what was typed, but for the secret, over what is known."""
    typed = {name: request.POST[name] for name in _TYPED if name in request.POST}
    return {**told(row), **(typed if request.POST.get("do") == "tell" else {})}


def told(row: ConnectionRow) -> dict[str, str]:
    """What the form shows of the provider; never a secret. Empty until it was told."""
    match row.kind:
        case ConnectionKind.OIDC if (oidc_ := queries.oidc_settings(row.id)) is not None:
            ends = oidc_.secret_expires_on.isoformat() if oidc_.secret_expires_on else ""
            must_say = ", ".join(f"{name}={value}" for name, value in oidc_.must_say.items())
            return {
                "issuer": oidc_.issuer,
                "client_id": oidc_.client_id,
                "must_say": must_say,
                "secret_expires_on": ends,
            }
        case ConnectionKind.SAML if (saml := queries.saml_settings(row.id)) is not None:
            return {
                "entity_id": saml.entity_id,
                "metadata_url": saml.metadata_url,
                "subject_attribute": saml.subject_attribute,
                "problem": saml.problem,
            }
        case _:
            return {}
