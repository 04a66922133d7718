"""A name server on loopback: answers TXT questions from what a test wrote into its zone, over real UDP."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Zone:
    """`says`: name → its TXT records. `broken`: every answer is SERVFAIL. `asked`: the names, in order."""

    address: str
    says: dict[str, list[str]] = field(default_factory=dict)
    broken: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, wire: bytes) -> bytes:
        question = dns.message.from_wire(wire)
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        response = dns.message.make_response(question)
        response.flags |= dns.flags.AA | dns.flags.RA
        found = self.says.get(name)
        if self.broken:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif found is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif found and question.question[0].rdtype == dns.rdatatype.TXT:
            response.answer.append(dns.rrset.from_text_list(name + ".", 60, "IN", "TXT", found))
        return response.to_wire()


@contextmanager
def serving() -> Iterator[Zone]:
    """A zone that is served until the block ends."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    zone = Zone(f"127.0.0.1:{server.getsockname()[1]}")

    def serve() -> None:
        while True:
            wire, client = server.recvfrom(4096)
            if not wire:
                return
            server.sendto(zone.answer(wire), client)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield zone
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stopping:
            stopping.sendto(b"", server.getsockname())
        thread.join()
        server.close()
