"""`gangway bench people`: bringing many people, a quiz meanwhile, everybody at the door at once, long lists."""

import json
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

from gangway.config.bench.house import NAME, STAFF, BenchFailed, House, Visitor

COURSE = "/courses/partner-essentials"
AT_ONCE = 4
BULK = "import sys, django; django.setup(); from gangway.config.bench.bulk import main; main(sys.argv[1:])"
BY_CODE = re.compile(r"\b(\d{3}) ?(\d{3})\b")
LINK = re.compile(r"https?://\S+/sign-in/link/\S+")
LISTS = ("/console/people", "/console/people?q=person9", "/console/people?state=invited", "/console/people/imports")
LOOKS = 20
LEARNERS = 12  # who take the check
QUESTION = re.compile(r"/checks/([0-9a-f-]{36})/(\d+)")
CHOICE = re.compile(r'name="answer" value="([^"]+)"')


@dataclass(frozen=True)
class Bringing:
    """An import, and the same rows by executemany alone: people a second, and what the import's process took."""

    database: str
    people: int
    per_second: float
    cpu_ms_per_person: float
    peer_per_second: float
    peer_cpu_ms_per_person: float
    share_of_peer: float
    share_of_peer_cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Waits:
    """How long requests of one kind took."""

    what: str
    requests: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Door:
    """People who came in at once: sign-ins a second, and what each waited at the button that lets them in."""

    way: str
    people: int
    at_once: int
    per_second: float
    p50_ms: float
    p99_ms: float


def bring(house: House, people: int) -> Bringing:
    """Import so many people into one partner, then write the same rows for another one by executemany."""
    file = write(house, people)
    ours, peer = _bulk(house, "import", str(file), "many"), _bulk(house, "peer", "many", "peer")
    if ours["people"] != people or peer["people"] != people:
        raise BenchFailed(f"{ours['people']} and {peer['people']} people were written instead of {people}")
    rate, bare = people / ours["seconds"], people / peer["seconds"]
    return Bringing(
        database=house.database_kind,
        people=people,
        per_second=round(rate, 1),
        cpu_ms_per_person=round(ours["cpu_ms"] / people, 3),
        peer_per_second=round(bare, 1),
        peer_cpu_ms_per_person=round(peer["cpu_ms"] / people, 3),
        share_of_peer=round(rate / bare, 3),
        share_of_peer_cpu=round(peer["cpu_ms"] / ours["cpu_ms"], 3),
        peak_mb=round(ours["peak_mb"], 1),
    )


def write(house: House, people: int, name: str = "many") -> str:
    """A file of people with names, addresses and nothing else."""
    file = house.folder / f"{name}.csv"
    with file.open("w", encoding="utf-8") as rows:
        rows.write("name,email\n")
        rows.writelines(f"Person {n},{name}{n}@{name}.example\n" for n in range(people))
    return str(file)


def _bulk(house: House, *words: str) -> dict[str, float]:
    done = _start(house, *words)
    said, complaint = done.communicate(timeout=3600)
    if done.returncode:
        raise BenchFailed(f"{words}: {complaint}"[-2000:])
    found: dict[str, float] = json.loads(said)
    return found


def _start(house: House, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603  our own module
        [sys.executable, "-c", BULK, *words],
        env=house.environment | {"DJANGO_SETTINGS_MODULE": "gangway.config.settings"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def learners(house: House) -> list[str]:
    """The cookies of learners who came in. The house serves, and a worker writes their letters."""
    visitors = _through_the_door(house, [f"learner{n}@learner.example" for n in range(LEARNERS)], "code")[1]
    return [visitor.cookies for visitor in visitors]


def quiz(house: House, cookies: list[str], people: int) -> tuple[list[Waits], float]:
    """Learners save answers and hand in, one after the other, while so many people are imported. The house serves.

    Also: people imported a second meanwhile. BenchFailed if the import ended before anything was handed in.
    """
    work = _start(house, "import", write(house, people, "meanwhile"), "meanwhile")
    saved, handed_in = list[float](), list[float]()
    for cookie in cookies:
        if work.poll() is not None:
            break
        take(Visitor(house.port, cookie), saved, handed_in)
    said, complaint = work.communicate(timeout=3600)
    if work.returncode or not handed_in:
        raise BenchFailed(complaint[-2000:] or "the import ended before a check was handed in: import more people")
    rate = round(people / json.loads(said)["seconds"], 1)
    return [waited("save an answer", saved), waited("hand in", handed_in)], rate


def take(visitor: Visitor, saved: list[float], handed_in: list[float]) -> None:
    """Start the check, answer each question with the first choice, hand in."""
    visitor.press(f"{COURSE}/begin", at=COURSE)
    visitor.press(f"{COURSE}/check")
    where = QUESTION.search(visitor.went)
    if where is None:
        raise BenchFailed(f"the check did not begin: {visitor.went}")
    attempt, n = where[1], 1
    while QUESTION.search(visitor.went):
        path = f"/checks/{attempt}/{n}"
        choice = CHOICE.search(visitor.get(path)[1].decode())
        saved.append(visitor.press(path, answer=choice[1] if choice else "x"))
        n += 1
    handed_in.append(visitor.press(f"/checks/{attempt}/hand-in"))


def storm(house: House, people: int) -> list[Door]:
    """So many people come in at once, half of them by the link of their letter, half by its code. The house serves."""
    addresses = [f"learner{n}@learner.example" for n in range(LEARNERS, LEARNERS + people)]
    half = len(addresses) // 2
    return [
        _through_the_door(house, addresses[:half], "link")[0],
        _through_the_door(house, addresses[half:], "code")[0],
    ]


def _through_the_door(house: House, addresses: list[str], way: str) -> tuple[Door, list[Visitor]]:
    """Everybody asks for their letter; when all letters lie there, everybody comes in, some at once."""
    visitors = {address: Visitor(house.port) for address in addresses}
    for address, visitor in visitors.items():
        visitor.press("/sign-in", email=address)
    letters = _letters(house, addresses)
    waits: list[float] = []

    def come(address: str) -> None:
        visitor, letter = visitors[address], letters[address]
        if way == "link":
            link = LINK.search(letter)
            waits.append(visitor.press(urlsplit(link[0]).path if link else "/"))
        else:
            code = BY_CODE.search(letter)
            waits.append(visitor.press("/sign-in/code", code=code[1] + code[2] if code else ""))

    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(come, address) for address in addresses]:
            done.result()
    seconds = time.perf_counter() - begun
    for visitor in visitors.values():
        visitor.press("/welcome", name=NAME, locale="en", zone="UTC", next="")
        if visitor.get("/me")[0] != 200:
            raise BenchFailed(f"somebody did not come in by {way}")
    found = waited(way, waits)
    door = Door(way, len(addresses), AT_ONCE, round(len(addresses) / seconds, 1), found.p50_ms, found.p99_ms)
    return door, list(visitors.values())


def _letters(house: House, addresses: list[str]) -> dict[str, str]:
    """The text of everybody's sign-in letter, as the house keeps it."""
    wanted = set(addresses)
    for _ in range(120):
        kept = json.loads(house.run("mail", "list", "--state", "kept", "--limit", "100000", "--json"))
        found = {row["to"]: row["text"] for row in kept if row["letter"] == "identity.sign_in" and row["to"] in wanted}
        if wanted <= set(found):
            return found
        threading.Event().wait(0.5)
    raise BenchFailed(f"{len(wanted - set(found))} sign-in letters did not come")


def lists(house: House) -> list[Waits]:
    """Pages of lists as the channel team opens them. The house serves, and holds the people that were brought."""
    staff = Visitor(house.port, house.sign_in(STAFF, house.host))
    return [waited(path, [_look(staff, path) for _ in range(LOOKS)]) for path in LISTS]


def _look(visitor: Visitor, path: str) -> float:
    begun = time.perf_counter()
    status, _body = visitor.get(path)
    if status != 200:
        raise BenchFailed(f"{path} answered {status}")
    return (time.perf_counter() - begun) * 1000


def waited(what: str, waits: list[float]) -> Waits:
    cuts = quantiles(waits, n=100, method="inclusive") if len(waits) > 1 else [*waits] * 99
    return Waits(what, len(waits), *(round(cuts[at - 1], 1) for at in (50, 95, 99)))
