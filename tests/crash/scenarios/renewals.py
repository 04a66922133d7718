"""Scenarios of what runs out: both sides are told, and the new one is given by the link."""

from datetime import timedelta

from gangway.identity import actions as identity
from gangway.identity.models import ApiToken, RenewalLink
from gangway.identity.rules.saml import SigningCertificate
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios import saml
from tests.crash.scenarios.connections import connected, directory
from tests.crash.scenarios.ground import OPERATOR, at_nordwind

NEXT = SigningCertificate("NEXT", "cd" * 32, NOW + timedelta(days=400))


def _token(stage: Stage) -> None:
    directory(stage)
    with at_nordwind(stage):
        identity.issue_token(connection_id=stage["connection"], life=timedelta(days=20), actor=OPERATOR, now=NOW)


@scenario("tell both sides that a token runs out", prepare=_token)
def tell(stage: Stage) -> None:
    identity.tell_expiry(partner_id=stage["nordwind"], connection_id=stage["connection"], actor=OPERATOR, now=NOW)


def _told(stage: Stage) -> None:
    tell(stage)
    stage["link"] = RenewalLink.objects.get().pk


def _token_told(stage: Stage) -> None:
    _token(stage)
    stage["tail"] = ApiToken.objects.get().tail
    _told(stage)


@scenario("take a new token by the link", kind="once", prepare=_token_told)
def token(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.renew_token(link_id=stage["link"], tail=stage["tail"], actor=OPERATOR, now=NOW)


def _secret_told(stage: Stage) -> None:
    connected(stage)
    with at_nordwind(stage):
        identity.set_oidc(
            connection_id=stage["connection"],
            issuer="https://id.nordwind.example",
            client_id="gangway",
            client_secret="between us",
            secret_expires_on=NOW.date() + timedelta(days=20),
            actor=OPERATOR,
            now=NOW,
        )
    _told(stage)


@scenario("give a new secret by the link", kind="once", prepare=_secret_told)
def secret(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.renew_secret(link_id=stage["link"], client_secret="newer", expires_on=None, actor=OPERATOR, now=NOW)


def _certificate_told(stage: Stage) -> None:
    saml.connected(stage)
    stage["connection"] = stage["saml"]
    ends = SigningCertificate("PEM", "ab" * 32, NOW + timedelta(days=20))
    with at_nordwind(stage):
        identity.set_saml_metadata(
            connection_id=stage["saml"], metadata=saml.metadata_with(ends), actor=OPERATOR, now=NOW
        )
    _told(stage)


@scenario("give a new certificate by the link", kind="once", prepare=_certificate_told)
def certificate(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.renew_certificate(link_id=stage["link"], certificates=[NEXT], actor=OPERATOR, now=NOW)
