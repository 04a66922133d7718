"""Shell partners, and where their processes listen. Routing reads."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.kernel.tenancy import scopes
from gangway.partners.models import Partner, ShellDoor
from gangway.partners.rules import Kind

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ShellDoors:
    """Two ports of loopback that hold until `until`."""

    provider_port: int
    mail_port: int
    until: datetime
    mail_host: str = LOOPBACK

    def provider(self, now: datetime) -> frozenset[tuple[str, int]]:
        """The address of the shell's provider, for kernel.outbound; none any more once the time is over."""
        return frozenset({(LOOPBACK, self.provider_port)}) if now < self.until else frozenset()


def shells(now: datetime) -> dict[UUID, ShellDoors | None]:
    """Routing: every shell partner, with the doors of its process while they hold."""
    with scopes.unscoped(scopes.Reason.ROUTING):
        known = list(Partner.objects.filter(kind=Kind.SHELL).values_list("pk", flat=True))
    rows = ShellDoor.objects.filter(partner__in=known, until__gt=now) if known else ()
    doors = {row.partner_id: ShellDoors(row.provider_port, row.mail_port, row.until) for row in rows}
    return {partner_id: doors.get(partner_id) for partner_id in known}
