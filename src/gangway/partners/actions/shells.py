"""A shell partner's process says where it listens, and is forgotten."""

from datetime import datetime

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, Refusal
from gangway.partners.actions.row import note, own
from gangway.partners.models import ShellDoor
from gangway.partners.rules import SHELL_DOOR_LIFE, Kind


class NotAShell(Refusal):
    code = "partners.not_a_shell"
    message = "{name} is a real partner; only a shell partner is rehearsed with."
    next_step = "Name the shell partner."


@action("partners.shell.open")
def open_shell(*, provider_port: int, mail_port: int, actor: Actor, now: datetime) -> None:
    """Let this installation reach two ports of its own loopback for the scope's shell partner, for some minutes.

    NotAShell: a real partner never gets such a door. Invalid: a port that is none.
    """
    partner = own()
    if partner.kind != Kind.SHELL:
        raise NotAShell(name=partner.name)
    for port in (provider_port, mail_port):
        if not 1024 <= port <= 65535:
            raise Invalid(field="port", problem="{port} is no port of a shell.", mend="Begin again.", port=port)
    ports = {"provider_port": provider_port, "mail_port": mail_port, "until": now + SHELL_DOOR_LIFE}
    ShellDoor.objects.update_or_create(partner=partner, defaults=ports)
    note(actor, "partners.shell.open", partner.id, {"provider_port": provider_port, "mail_port": mail_port}, now)


@action("partners.shell.close")
def close_shell(*, actor: Actor, now: datetime) -> bool:
    """Forget where the process of the scope's partner listened; False where it was forgotten before."""
    partner = own()
    gone, _ = ShellDoor.objects.filter(partner=partner).delete()
    if gone:
        note(actor, "partners.shell.close", partner.id, {}, now)
    return bool(gone)
