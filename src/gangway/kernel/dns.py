"""The door to the names of the internet: what a zone says, asked of the machine's resolver or of DNS_SERVERS."""

from django.conf import settings
from dns.exception import DNSException
from dns.name import EmptyLabel, LabelTooLong, NameTooLong
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from gangway.kernel.outbound import guard

SECONDS = 4.0
AT_MOST = 100  # texts of one name; a zone may hold any number


class Silent(OSError):
    """No name server gave an answer: nothing is known, neither yes nor no."""


def texts(name: str) -> tuple[str, ...]:
    """The TXT records of a name, each joined from its parts; none where the zone holds none. Silent: no answer."""
    guard()
    try:
        found = _resolver().resolve(name, "TXT", search=False)
    except (NXDOMAIN, NoAnswer):
        return ()
    except (EmptyLabel, LabelTooLong, NameTooLong):
        return ()
    except DNSException as error:
        raise Silent(f"{name}: {type(error).__name__}") from error
    return tuple(b"".join(row.strings).decode("utf-8", "replace") for row in list(found)[:AT_MOST])


def _resolver() -> Resolver:
    servers = [part.strip() for part in settings.DNS_SERVERS.split(",") if part.strip()]
    resolver = Resolver(configure=not servers)
    resolver.lifetime = SECONDS
    if servers:
        pairs = [server.rpartition(":") if server.count(":") == 1 else (server, "", "53") for server in servers]
        resolver.nameservers = [host for host, _, _ in pairs]
        resolver.nameserver_ports = {host: int(port) for host, _, port in pairs}
    return resolver
