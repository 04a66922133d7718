"""Scenarios of connected partners: connections, tokens, departures, who is whom to a provider."""

from gangway.identity import actions as identity
from gangway.identity.actions import Conduct
from gangway.identity.queries import links, live_sheet, live_spec
from gangway.identity.rules import Step
from gangway.identity.rules.connections import Asserted, ConnectionKind, ConnectionState, Fallback
from gangway.identity.rules.trial import Met, Rule
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partners
from gangway.partners.queries import host_id
from tests.crash.scenario import LATER, NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, as_ben, at_nordwind

ASSERTED = Asserted("sub-1", {"email": ("ana@nordwind.example",)})


def _added(stage: Stage, kind: ConnectionKind) -> None:
    with at_nordwind(stage):
        stage["connection"] = identity.add_connection(
            kind=kind, key=kind.value, name="Their directory", active=True, actor=OPERATOR, now=NOW
        )


def connected(stage: Stage) -> None:
    """Nordwind's people come in through their company, whose domain is proven."""
    _added(stage, ConnectionKind.OIDC)
    with at_nordwind(stage):
        identity.set_oidc(
            connection_id=stage["connection"],
            issuer="https://id.nordwind.example",
            client_id="gangway",
            client_secret="between us",
            actor=OPERATOR,
            now=NOW,
        )
        partners.keep_domain(name="nordwind.example", actor=OPERATOR, now=NOW)


def directory(stage: Stage) -> None:
    _added(stage, ConnectionKind.SCIM)


@scenario("connect a partner", kind="once")
def add(stage: Stage) -> None:
    directory(stage)


@scenario("close a connection", prepare=connected)
def close(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.set_connection_state(
            connection_id=stage["connection"], state=ConnectionState.OFF, actor=as_ben(stage), now=NOW
        )


@scenario("say how a connection behaves", prepare=connected)
def conduct(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.set_conduct(
            connection_id=stage["connection"],
            conduct=Conduct(admits=True, domains=["nordwind.example"], fallback=Fallback.NEVER),
            actor=as_ben(stage),
            now=NOW,
        )


# ---------------------------------------------------------------- serving others


def portal(stage: Stage) -> None:
    """The vendor's own sign-in for people of partners."""
    with scopes.one(host_id()):
        stage["portal"] = identity.add_connection(
            kind=ConnectionKind.OIDC,
            key="portal",
            name="Portal",
            active=True,
            account_claim="account",
            actor=OPERATOR,
            now=NOW,
        )


def _open(stage: Stage) -> None:
    with at_nordwind(stage):
        partner_id = scopes.writer()
    identity.open_reach(
        connection_id=stage["portal"],
        owner_id=host_id(),
        partner_id=partner_id,
        key="ACME-1",
        admits=True,
        actor=OPERATOR,
        now=NOW,
    )


def served(stage: Stage) -> None:
    portal(stage)
    _open(stage)


@scenario("let an account key lead to a partner", prepare=portal)
def open_reach(stage: Stage) -> None:
    _open(stage)


@scenario("close an account key", prepare=served)
def close_reach(stage: Stage) -> None:
    identity.close_reach(
        connection_id=stage["portal"], owner_id=host_id(), key="ACME-1", actor=OPERATOR, now=NOW + LATER
    )


@scenario("come in by a sign-in that serves many", kind="once", prepare=served)
def enter_served(stage: Stage) -> None:
    identity.enter_by_provider(
        connection_id=stage["portal"],
        partner_id=host_id(),
        asserted=Asserted("sub-9", {"account": ("ACME-1",)}),
        browser="a-browser",
        actor=OPERATOR,
        now=NOW,
    )


@scenario("name the claim with the account key", prepare=connected)
def name_claim(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.set_account_claim(connection_id=stage["connection"], claim="account", actor=as_ben(stage), now=NOW)


# ---------------------------------------------------------------- tokens


def issued(stage: Stage) -> None:
    directory(stage)
    with at_nordwind(stage):
        stage["token"] = identity.issue_token(connection_id=stage["connection"], actor=OPERATOR, now=NOW).token_id


@scenario("issue a token", kind="once", prepare=directory)
def issue(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.issue_token(connection_id=stage["connection"], actor=as_ben(stage), now=NOW)


@scenario("revoke a token", prepare=issued)
def revoke(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.revoke_token(token_id=stage["token"], actor=as_ben(stage), now=NOW)


@scenario("note that a token was used", prepare=issued)
def use(stage: Stage) -> None:
    identity.note_token_use(token_id=stage["token"], actor=OPERATOR, now=NOW)


# ---------------------------------------------------------------- to the provider and back


def departed(stage: Stage) -> None:
    connected(stage)
    depart(stage)


@scenario("leave for the provider", kind="once", prepare=connected)
def depart(stage: Stage) -> None:
    identity.depart(
        connection_id=stage["connection"],
        partner_id=stage["nordwind"],
        state="the-state",
        browser="the-browser",
        told="the-nonce",
        next_path="/courses",
        actor=OPERATOR,
        now=NOW,
    )


@scenario("come back from the provider", prepare=departed)
def come_back(stage: Stage) -> None:
    identity.come_back(
        state="the-state", connection_id=stage["connection"], browser="the-browser", actor=OPERATOR, now=NOW
    )


@scenario("forget old departures", prepare=departed)
def forget(stage: Stage) -> None:
    identity.forget_departures(actor=OPERATOR, now=NOW + 1_000 * LATER)


@scenario("come in through the company", kind="once", prepare=connected)
def enter(stage: Stage) -> None:
    identity.enter_by_provider(
        connection_id=stage["connection"],
        partner_id=stage["nordwind"],
        asserted=ASSERTED,
        browser="the-browser",
        actor=OPERATOR,
        now=NOW,
    )


@scenario("keep what failed at the provider", kind="once", prepare=connected)
def fail(stage: Stage) -> None:
    identity.note_provider_failure(
        connection_id=stage["connection"],
        partner_id=stage["nordwind"],
        step=Step.PROVIDER_BROKEN,
        reason="oidc.discovery",
        actor=OPERATOR,
        now=NOW,
    )


# ---------------------------------------------------------------- who is whom to a provider


@scenario("link a subject", prepare=connected)
def link(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.link_subject(
            connection_id=stage["connection"], subject="sub-1", person_id=stage["ana"], actor=as_ben(stage), now=NOW
        )


def linked(stage: Stage) -> None:
    connected(stage)
    link(stage)
    with at_nordwind(stage):
        stage["identity"] = links(stage["connection"])[0].id


@scenario("unlink a subject", kind="once", prepare=linked)
def unlink(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.unlink_subject(identity_id=stage["identity"], actor=as_ben(stage), now=NOW)


# ---------------------------------------------------------------- set up by IT


@scenario("sign the connection sheet", prepare=connected)
def sign_sheet(stage: Stage) -> None:
    with at_nordwind(stage):
        digest = live_sheet(NOW).digest
        identity.sign_sheet(
            digest=digest, locale="en", signer="Ida", link_id=stage["connection"], actor=as_ben(stage), now=NOW
        )


@scenario("sign the spec of a type", prepare=connected)
def sign_spec(stage: Stage) -> None:
    digest = live_spec("reseller", NOW).digest
    with scopes.one(stage["host"]):
        identity.sign_spec(
            type_key="reseller", digest=digest, locale="en", signed_by=stage["dee"], actor=OPERATOR, now=NOW
        )


@scenario("make a link for IT", kind="once")
def make_link(stage: Stage) -> None:
    with at_nordwind(stage):
        made = identity.make_set_up_link(asked_by=stage["ben"], actor=as_ben(stage), now=NOW)
        stage["link"] = made.link_id


@scenario("close a link for IT", prepare=make_link)
def close_link(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.close_set_up_link(link_id=stage["link"], actor=as_ben(stage), now=NOW)


@scenario("keep a try", kind="once", prepare=connected)
def keep_trial(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.keep_trial(
            connection_id=stage["connection"], met=[Met(Rule.SIGNED, True)], claims=["email"], actor=OPERATOR, now=NOW
        )


@scenario("try a sign-in", kind="once", prepare=connected)
def try_sign_in(stage: Stage) -> None:
    identity.try_sign_in(
        connection_id=stage["connection"],
        partner_id=stage["nordwind"],
        asserted=ASSERTED,
        actor=OPERATOR,
        now=NOW,
    )


def tried(stage: Stage) -> None:
    connected(stage)
    try_sign_in(stage)
    close(stage)


@scenario("open what was tried", prepare=tried)
def open_tried(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.open_tried(connection_id=stage["connection"], actor=OPERATOR, now=NOW)
