"""Scenarios of SAML connections: metadata, and an assertion that is taken once."""

from datetime import timedelta

from gangway.identity import actions as identity
from gangway.identity.rules.connections import Asserted, ConnectionKind
from gangway.identity.rules.saml import NotProven, ProviderMetadata, SamlReason, SigningCertificate
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, at_nordwind


def metadata_with(certificate: SigningCertificate) -> ProviderMetadata:
    return ProviderMetadata("https://idp.example", "https://idp.example/sso", (certificate,))


PROVIDER = metadata_with(SigningCertificate("PEM", "ab" * 32, NOW + timedelta(days=90)))


def connected(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["saml"] = identity.add_connection(
            kind=ConnectionKind.SAML, key="saml", name="Nordwind", active=True, actor=OPERATOR, now=NOW
        )


@scenario("give a connection its metadata", prepare=connected)
def give(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.set_saml_metadata(connection_id=stage["saml"], metadata=PROVIDER, actor=OPERATOR, now=NOW)


def _given(stage: Stage) -> None:
    connected(stage)
    give(stage)


@scenario("note that metadata could not be refreshed", prepare=_given)
def problem(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.note_saml_problem(connection_id=stage["saml"], problem="No answer.", actor=OPERATOR, now=NOW)


def _sent(stage: Stage) -> None:
    _given(stage)
    identity.depart(
        connection_id=stage["saml"],
        partner_id=stage["nordwind"],
        state="_request",
        browser="b",
        told="_request",
        next_path="/",
        actor=OPERATOR,
        now=NOW,
    )


@scenario("take an assertion", kind="once", prepare=_sent)
def take(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["handle"] = identity.remember_assertion(
            connection_id=stage["saml"],
            assertion_id="_assertion",
            until=NOW + timedelta(minutes=5),
            state="_request",
            asserted=Asserted("ana-1"),
            actor=OPERATOR,
            now=NOW,
        )


def _taken(stage: Stage) -> None:
    _sent(stage)
    take(stage)


@scenario("take an answer that proves nothing", kind="once", prepare=_sent)
def refuse(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.remember_refused(
            connection_id=stage["saml"],
            state="_request",
            refused=NotProven(SamlReason.KEY),
            actor=OPERATOR,
            now=NOW,
        )


@scenario("fetch what an assertion says", prepare=_taken)
def fetch(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.fetch_answer(connection_id=stage["saml"], handle=stage["handle"], browser="b", actor=OPERATOR, now=NOW)


@scenario("forget assertions", prepare=_taken)
def forget(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.forget_assertions(actor=OPERATOR, now=NOW + timedelta(hours=1))
