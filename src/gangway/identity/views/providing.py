"""Telling a connection who its provider is: the same form on the desk and behind the link for IT."""

from collections.abc import Callable, Mapping
from datetime import date

from django.conf import settings
from django.http import HttpRequest

from gangway.identity import actions, oidc, queries
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.saml.fetching import fetch_metadata
from gangway.identity.saml.metadata import read_metadata
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid


def tell(request: HttpRequest, row: ConnectionRow, actor: Actor) -> None:
    """What the form says of the provider. The provider is asked first, outside any action; where it cannot be used
    nothing changes. Invalid, UnusableProvider and what the actions refuse."""
    _TELLS[row.kind](request, row, actor)


def _oidc(request: HttpRequest, row: ConnectionRow, actor: Actor) -> None:
    issuer, now = request.POST.get("issuer", "").strip(), clock.now()
    known = queries.oidc_settings(row.id)
    must_say = _must_say(request.POST.get("must_say", ""))
    secret = request.POST.get("client_secret", "").strip() or (known.client_secret if known else "")
    try:
        found = oidc.discover(issuer)
    except oidc.Fault as fault:
        raise actions.UnusableProvider(field="issuer", issuer=issuer[:200], problem=fault.detail) from fault
    actions.set_oidc(
        connection_id=row.id,
        issuer=issuer,
        client_id=request.POST.get("client_id", ""),
        client_secret=secret,
        must_say=must_say,
        secret_expires_on=day_of(request.POST.get("secret_expires_on", "")),
        actor=actor,
        now=now,
    )
    actions.store_discovery(
        connection_id=row.id, issuer=issuer, document=found.document, keys=found.keys, actor=actor, now=now
    )


def _saml(request: HttpRequest, row: ConnectionRow, actor: Actor) -> None:
    """Metadata by address, which is asked again every night, or pasted."""
    url, pasted = (request.POST.get(name, "").strip() for name in ("metadata_url", "metadata"))
    if bool(url) == bool(pasted):
        raise Invalid(
            field="metadata",
            problem="The metadata are given twice, or not at all.",
            mend="Give an address, or paste them.",
        )
    https_only, now = settings.BASE_URL.startswith("https://"), clock.now()
    known = queries.saml_settings(row.id)
    raw = fetch_metadata(url, https_only=https_only) if url else pasted.encode()
    actions.set_saml_metadata(
        connection_id=row.id,
        metadata=read_metadata(raw, https_only=https_only, now=now, entity_id=known.entity_id if known else ""),
        url=url,
        subject_attribute=request.POST.get("subject_attribute", "").strip(),
        actor=actor,
        now=now,
    )


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
