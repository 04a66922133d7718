"""The `gangway` command: each context brings its own verbs, this page names them."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import django
import typer

# Words of the command → the module and what in it carries the command out (a function, or a Typer app of its own).
COMMANDS = (
    ("up", "gangway.config.operator", "up"),
    ("worker", "gangway.config.operator", "worker"),
    ("check", "gangway.config.operator", "check"),
    ("partner apply", "gangway.partners.cli", "apply"),
    ("partner runs", "gangway.partners.cli", "runs"),
    ("partner undo", "gangway.partners.cli", "undo"),
    ("partner list", "gangway.people.cli", "list_partners_with_people"),
    ("person import", "gangway.people.cli", "import_"),
    ("person imports", "gangway.people.cli", "list_imports"),
    ("person undo-import", "gangway.people.cli", "undo_import_"),
    ("person list", "gangway.people.cli", "list_people"),
    ("person grant", "gangway.people.cli", "grant"),
    ("sign-in why", "gangway.identity.cli.people", "why"),
    ("person export", "gangway.portal.cli", "export"),
    ("person erase", "gangway.portal.cli", "erase"),
    ("person revoke", "gangway.people.cli", "revoke"),
    ("person roles", "gangway.people.cli", "roles"),
    ("person reset-factors", "gangway.identity.cli.people", "reset_factors"),
    ("person portfolio", "gangway.people.cli", "portfolio"),
    ("sign-in-link", "gangway.identity.cli.people", "sign_in_link"),
    ("connection add", "gangway.identity.cli.connections", "add"),
    ("connection list", "gangway.identity.cli.connections", "list_"),
    ("connection state", "gangway.identity.cli.connections", "set_state"),
    ("connection serve", "gangway.identity.cli.serving", "serve"),
    ("connection accounts", "gangway.identity.cli.serving", "accounts"),
    ("connection stop-serving", "gangway.identity.cli.serving", "stop_serving"),
    ("connection oidc", "gangway.identity.cli.oidc", "set_up"),
    ("connection saml", "gangway.identity.cli.saml", "saml"),
    ("connection sheet", "gangway.identity.cli.papers", "sheet"),
    ("connection log", "gangway.identity.cli.directories", "log"),
    ("connection holds", "gangway.identity.cli.directories", "holds"),
    ("connection decide", "gangway.identity.cli.directories", "decide"),
    ("handover", "gangway.identity.cli.handover", "app"),
    ("spec list", "gangway.identity.cli.papers", "specs"),
    ("spec show", "gangway.identity.cli.papers", "spec"),
    ("token issue", "gangway.identity.cli.connections", "issue"),
    ("token list", "gangway.identity.cli.connections", "list_tokens"),
    ("token revoke", "gangway.identity.cli.connections", "revoke"),
    ("config export", "gangway.rollout.operations.cli", "export"),
    ("config diff", "gangway.rollout.operations.cli", "diff"),
    ("config promote", "gangway.rollout.operations.cli", "promote"),
    ("course", "gangway.catalog.cli", "app"),
    ("mail", "gangway.messaging.cli", "app"),
    ("kpi", "gangway.insights.cli", "kpi"),
    ("plan", "gangway.rollout.plans.cli", "app"),
    ("launch", "gangway.rollout.launches.cli", "app"),
    ("rehearse", "gangway.config.rehearse", "rehearse"),
    ("bench", "gangway.config.bench.cli", "bench"),
    ("docs", "gangway.config.operator", "docs"),
    ("words", "gangway.config.operator", "words"),
)
GROUPS = {
    "sign-in": "Sign-ins that failed: say why, by their number.",
    "partner": "Partner organisations: apply them from a file, take a file back, list them.",
    "connection": "How partners are connected: directories that bring people, providers that sign them in.",
    "config": "The configuration by keys: export it, say how two of them differ, promote one, take that back.",
    "spec": "What was agreed about each partner type: how it stands, and as a file.",
    "token": "Tokens of directories: issue, list, revoke.",
    "person": "People: import them from a file, list them, give them a role, take a lost second factor away.",
}


WITHOUT_TABLES = frozenset({"up", "rehearse", "check", "bench", "docs", "words", "--help"})


def main() -> None:
    """Set Django up, mount the commands, run. A refusal is one sentence on the error stream and exit status 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gangway.config.settings")
    django.setup()
    from gangway.config import schema
    from gangway.kernel.console import speaking

    with speaking():
        if sys.argv[1:] and WITHOUT_TABLES.isdisjoint(sys.argv[1:]):
            schema.require()
        build(sys.argv[1:])()


def build(asked: Sequence[str] = ()) -> typer.Typer:
    """The command; of its verbs only those that the words ``asked`` lead to, since importing all takes seconds.

    All of them where no verb begins with these words. Django must be set up.
    """
    app = typer.Typer(
        name="gangway",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        help="Gangway, the partner LMS that runs its own rollout.",
    )
    groups: dict[str, typer.Typer] = {}
    app.callback()(_together)
    for words, module, name in _led_to(asked):
        target = getattr(import_module(module), name)
        *group, verb = words.split()
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=verb)
        else:
            _group(app, groups, group).command(verb)(target)
    return app


def _led_to(asked: Sequence[str]) -> Sequence[tuple[str, str, str]]:
    """The one verb, else the verbs of the group, else every verb."""
    for depth in (2, 1):
        words = " ".join(asked[:depth])
        found = [one for one in COMMANDS if one[0] == words or (depth == 1 and one[0].startswith(f"{words} "))]
        if words and found:
            return found
    return COMMANDS


def _together() -> None:
    """Without this Typer would take the only verb it is given for the whole command."""


def _group(app: typer.Typer, groups: dict[str, typer.Typer], words: list[str]) -> typer.Typer:
    """The Typer app a command belongs to: the whole one, or the group its first word names."""
    if not words:
        return app
    name = words[0]
    if name not in groups:
        groups[name] = typer.Typer(no_args_is_help=True, help=GROUPS[name])
        app.add_typer(groups[name], name=name)
    return groups[name]


if __name__ == "__main__":
    main()
