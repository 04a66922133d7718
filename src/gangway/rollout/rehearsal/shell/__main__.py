"""Listen, say where, read the brief, walk, say what each step came to. Exit status 0 when every step passed."""

import json
import sys
from typing import Any

from gangway.rollout.rehearsal.shell.brief import Brief, NoBrief
from gangway.rollout.rehearsal.shell.mailbox import Mailbox
from gangway.rollout.rehearsal.shell.oidc import CLIENT, ISSUER
from gangway.rollout.rehearsal.shell.provider import Provider
from gangway.rollout.rehearsal.shell.walk import Walk


def main() -> int:
    with Mailbox() as mailbox, Provider() as provider:
        _say({"open": _open(mailbox, provider)})
        try:
            brief = Brief.read(json.loads(sys.stdin.readline()))
        except (NoBrief, ValueError) as error:
            print(f"no brief: {error}", file=sys.stderr)
            return 2
        steps = Walk(brief, mailbox, provider).run(lambda step: _say({"step": step.as_dict()}))
    return 0 if all(step.passed for step in steps) else 1


def _open(mailbox: Mailbox, provider: Provider) -> dict[str, Any]:
    """Where it listens, and what a partner's IT would post of its provider. The secret is for the connection alone."""
    return {
        "mail_port": mailbox.port,
        "provider_port": provider.port,
        "issuer": ISSUER,
        "client_id": CLIENT,
        "client_secret": provider.openid.secret,
        "document": provider.openid.document(),
        "keys": provider.openid.keys(),
        "saml": provider.saml.told(),
    }


def _say(value: object) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    sys.exit(main())
