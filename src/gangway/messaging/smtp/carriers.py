"""Several conversations with one mail server side by side: one kept free for what somebody waits for."""

from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic

from gangway.messaging.rules import Fate, Outcome, SmtpServer
from gangway.messaging.smtp.wire import Wire

WAITING_PER_WIRE = 4
TOO_LATE = Outcome(Fate.DEFERRED, "The mail server was too slow for all the letters before it.")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One letter as it is handed over. `key` is whatever its sender knows it by."""

    key: Hashable
    sender: str
    recipient: str
    letter: bytes


class Lane:
    """So many wires, each in a thread of its own. Letters wait here for a free one, but not past `patience` seconds."""

    def __init__(self, server: SmtpServer, wires: int, patience: float) -> None:
        self._threads = ThreadPoolExecutor(wires, thread_name_prefix="carrier")
        self._wires: SimpleQueue[Wire] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Parcel, Outcome]] = SimpleQueue()
        self._count, self._patience = wires, patience
        self.busy = 0
        for _ in range(wires):
            self._wires.put(Wire(server))

    @property
    def room(self) -> int:
        """How many letters may be given now: none until half of those given are answered, so that they come in lots."""
        capacity = self._count * WAITING_PER_WIRE
        return capacity - self.busy if self.busy <= capacity // 2 else 0

    def give(self, parcel: Parcel) -> None:
        self.busy += 1
        self._threads.submit(self._carry, parcel, monotonic())

    def _carry(self, parcel: Parcel, since: float) -> None:
        wire, outcome = self._wires.get(), TOO_LATE
        try:
            if monotonic() - since < self._patience:
                outcome = wire.hand_over(parcel.sender, parcel.recipient, parcel.letter)
        finally:
            self._wires.put(wire)
            self._answers.put((parcel, outcome))

    def answers(self, seconds: float) -> list[tuple[Parcel, Outcome]]:
        """What was answered by now; waits so long for the first."""
        found: list[tuple[Parcel, Outcome]] = []
        while self.busy:
            try:
                found.append(
                    self._answers.get(timeout=0 if found else seconds) if seconds else self._answers.get(False)
                )
            except Empty:
                break
            self.busy -= 1
        return found

    def rest(self) -> None:
        """Say goodbye on every wire; the next letter connects anew. Only where nothing is on its way."""
        for _ in range(self._count):
            wire = self._wires.get()
            wire.hang_up(politely=True)
            self._wires.put(wire)


class Carriers:
    """The lanes to one server: `urgent` has a wire of its own, `others` have the rest. Reads no table, raises nothing.

    patience: seconds that a letter may wait here for a free wire; past them it comes back to be tried again.
    """

    def __init__(self, server: SmtpServer, wires: int, patience: float) -> None:
        self.server = server
        self.urgent = Lane(server, 1, patience)
        self.others = Lane(server, max(wires - 1, 1), patience)

    @property
    def busy(self) -> int:
        return self.urgent.busy + self.others.busy

    def answers(self, seconds: float) -> list[tuple[Parcel, Outcome]]:
        """What either lane was told by now; waits so long for the busier of them."""
        first, second = (self.others, self.urgent) if self.others.busy else (self.urgent, self.others)
        return [*second.answers(0), *first.answers(seconds), *second.answers(0)]

    def rest(self) -> None:
        self.urgent.rest()
        self.others.rest()
