"""What somebody of a connected company does in a browser, whatever its provider: to it, and home from it."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import typer
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from gangway.identity import actions
from gangway.identity.actions import Conduct
from gangway.identity.models import Session
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.tests.connections import prove
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from tests.journeys.axe import assert_none, inspect
from tests.journeys.learner import press
from tests.world import OPERATOR, World

DOMAIN = "nordwind.example"


def begun(world: World, kind: ConnectionKind) -> UUID:
    """Nordwind's domain is proven, and a connection of it waits for its provider."""
    prove(world.nordwind)
    with scopes.one(world.nordwind):
        made = actions.add_connection(kind=kind, key=kind.value, name="x", actor=OPERATOR, now=clock.now())
        conduct = Conduct(admits=True, domains=[DOMAIN])
        actions.set_conduct(connection_id=made, conduct=conduct, actor=OPERATOR, now=clock.now())
    return made


@contextmanager
def running(command: Sequence[str], folder: Path, log: Path) -> Iterator[None]:
    """A peer that says "ready" when it listens, until the block ends."""
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True) as peer,
    ):
        try:
            assert peer.stdout is not None
            assert peer.stdout.readline() == "ready\n", log.read_text()
            yield
        finally:
            peer.terminate()


def operator(command: Any, **options: object) -> None:
    """A command about Nordwind, typed by the operator; it opens the connection."""
    app = typer.Typer()
    app.command()(command)
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    done = CliRunner().invoke(app, ["--partner", "nordwind", *words, "--activate"])
    assert done.exit_code == 0, done.output


def to_the_provider(page: Page, address: str, mailbox: str) -> None:
    page.goto(f"{address}/sign-in?next=/account/sessions")
    page.get_by_label("Your work mail address").fill(mailbox)
    page.get_by_role("button", name="Send me my code").click()
    expect(page.get_by_role("heading", name="Nordwind signs you in")).to_be_visible()
    page.get_by_role("link", name="Sign in through Nordwind").click()


def home(page: Page, address: str) -> None:
    """In, by the welcome page where it is the first time."""
    page.wait_for_url(lambda url: url.startswith((f"{address}/welcome", f"{address}/account")))
    if "/welcome" in page.url:
        page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"{address}/account/sessions")


def sent_to_the_it(world: World, address: str) -> str:
    """The link for Nordwind's IT; the domain is proven."""
    prove(world.nordwind)
    with scopes.one(world.nordwind):
        made = actions.make_set_up_link(asked_by=world.ben.id, actor=OPERATOR, now=clock.now())
    return f"{address}/connect/{made.token}"


def begin_alone(page: Page, link: str, button: str) -> dict[str, str]:
    """The IT opens the link and begins a connection; the values that its provider has to know, by their words."""
    page.goto(link)
    press(page, "Another one")
    press(page, button)
    return copied(page)


def try_and_open(page: Page, sign_in_there: Callable[[Page], None]) -> None:
    """Sign in over there once, in a tab of its own, with every rule met; then open the connection."""
    with page.expect_popup() as opened:
        press(page, "Try it")
    with closing(opened.value) as tab:
        sign_in_there(tab)
        expect(tab.get_by_role("heading", name="It works")).to_be_visible()
        assert_none(inspect(tab, "tried"))
    assert not Session.objects.exists()  # the try signed nobody in
    page.reload()
    press(page, "Open it")
    expect(page.get_by_text("It is open.")).to_be_visible()
    assert_none(inspect(page, "connected"))


def copied(page: Page) -> dict[str, str]:
    """The values that a page gives to copy, by what it calls them: "Entity ID" → "https://…"."""
    terms, values = page.locator("dl dt").all_inner_texts(), page.locator("dl dd code").all_inner_texts()
    return dict(zip(terms, values, strict=True))
