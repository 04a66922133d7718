"""M5: the new certificate, secret or token of one connection is given by a link, once; the old one holds beside it
until it runs out."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gangway.identity.actions.connections import Issued, issue_token, locked_connection
from gangway.identity.actions.oidc import clean_secret
from gangway.identity.models import ApiToken, Connection, OidcSettings, RenewalLink, SamlSettings
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.expiry import CERTIFICATES_AT_ONCE, Credential
from gangway.identity.rules.saml import SigningCertificate
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes


class RenewalOver(Refusal):
    code = "identity.renewal_over"
    status = 410
    message = "This link was used, or ran out."
    next_step = "Ask your company's admin: on the desk they give the new one at any time."


class OldOne(Refusal):
    code = "identity.renewal_old_one"
    status = 400
    message = "What you gave is what stands here already, or it ran out."
    next_step = "Export the new one from your provider, and give that."


class NothingNewThere(Refusal):
    """The provider's own address was asked."""

    code = "identity.renewal_nothing_new_there"
    status = 400
    message = "The metadata at that address name no new certificate yet."
    next_step = "Let your provider put it there first, or give the certificate itself below."


@action("identity.renewal.certificate")
def renew_certificate(
    *, link_id: UUID, certificates: Sequence[SigningCertificate], actor: Actor, now: datetime
) -> None:
    """Take certificates that a provider will sign with, beside those that stand; each of these until it runs out.

    RenewalOver. OldOne: none of them is new and holds. Where the provider sends browsers stays as it is.
    """
    link, connection = _spent(link_id, Credential.CERTIFICATE, now)
    row = SamlSettings.objects.select_for_update().filter(connection=connection).first()
    if row is None:
        raise NotFound
    known = {one["fingerprint"] for one in row.certificates}
    new = [one for one in certificates if one.fingerprint not in known and one.not_after > now]
    if not new or len(known) + len(new) > CERTIFICATES_AT_ONCE:
        raise OldOne(field="given")
    row.certificates = [
        *({**one, "until": one["not_after"]} for one in row.certificates),
        *(
            {
                "pem": one.pem,
                "fingerprint": one.fingerprint,
                "not_after": one.not_after.isoformat(),
                "given": True,
            }
            for one in new
        ),
    ]
    row.save()
    _note("identity.renewal.certificate", link, {"certificates": [one.fingerprint for one in new]}, actor, now)


@action("identity.renewal.secret")
def renew_secret(*, link_id: UUID, client_secret: str, expires_on: date | None, actor: Actor, now: datetime) -> None:
    """Take our new secret at the provider; the one before stands in for it until it runs out. RenewalOver, OldOne,
    Invalid: no secret, or a day that is over."""
    link, connection = _spent(link_id, Credential.SECRET, now)
    row = OidcSettings.objects.select_for_update().filter(connection=connection).first()
    if row is None:
        raise NotFound
    clean_secret(client_secret)
    if expires_on is not None and expires_on <= now.date():
        raise Invalid(field="secret_expires_on", problem="That day is over.", mend="Give the last day of the new one.")
    if secrets.same(secrets.unseal(row.secret).encode(), client_secret.encode()):
        raise OldOne(field="client_secret")
    row.old_secret, row.old_secret_until = row.secret, row.secret_expires_on
    row.secret, row.secret_expires_on = secrets.seal(client_secret), expires_on
    row.save()
    expires = expires_on.isoformat() if expires_on else ""
    _note("identity.renewal.secret", link, {"secret_expires_on": expires}, actor, now)


@action("identity.renewal.token")
def renew_token(*, link_id: UUID, tail: str, actor: Actor, now: datetime) -> Issued:
    """A new token for the directory; the one before holds until it runs out. `tail`: the last four signs of that one,
    as the letter says them, so that nothing but a reader gets a token. RenewalOver, TwoTokensHold, Invalid."""
    link, connection = _spent(link_id, Credential.TOKEN, now)
    old = ApiToken.objects.get(pk=link.name)
    if tail.strip().lstrip("….") != old.tail:
        raise Invalid(
            field="tail",
            problem="That is not how the old token ends.",
            mend="Type its last four signs, as the letter says them.",
        )
    made = issue_token(connection_id=connection.id, actor=actor, now=now)
    _note("identity.renewal.token", link, {"token": str(made.token_id)}, actor, now)
    return made


def _spent(link_id: UUID, what: Credential, now: datetime) -> tuple[RenewalLink, Connection]:
    """The link, used up by whoever calls if they go through; and its open connection, locked."""
    link = RenewalLink.objects.filter(pk=link_id, partner=scopes.writer(), what=what).first()
    if link is None:
        raise NotFound
    connection = locked_connection(link.connection_id)
    if connection.state != ConnectionState.ACTIVE:
        raise NotFound
    if not RenewalLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        raise RenewalOver
    return link, connection


def _note(verb: str, link: RenewalLink, changes: dict[str, Any], actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        object_type="identity.connection",
        object_id=link.connection_id,
        changes={"link": str(link.id), **changes},
        now=now,
    )
