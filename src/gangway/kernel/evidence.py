"""The vocabulary of evidence: what a plan asks, and what a context answers about its own facts.

A context that owns facts declares criteria in its room `evidence.py`; `config/wiring.CRITERIA` lists them. Its query
reads inside the scope that is open (`host`: every partner, for staff), writes nothing, and answers with a `Finding`.
The judgement over a finding (enough of it, fresh enough) is the plan's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gangway.kernel.said import Said, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a criterion's query is told: whose plan asks, when, and the template's parameters."""

    host_id: UUID
    plan_id: UUID
    now: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str, otherwise: int) -> int:
        """A whole-number parameter of the template, or what holds without it."""
        return int(self.parameters.get(name, otherwise))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was seen.

    holds      the predicate is true of what was seen
    value      the measured number (what the words count)
    n          how many things were looked at; below the criterion's minimum nothing is proven
    words      one sentence with the number in it (kernel.said: it is stored with its values apart)
    newest_at  the youngest fact it rests on; None where age does not matter
    breaks     what would end it, as a sentence
    link       path of the page that shows the fact, or ""
    """

    holds: bool
    value: float
    n: int
    words: str
    newest_at: datetime | None = None
    breaks: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A predicate over live data that may close a milestone.

    key         `context.name`, never changes
    words       the predicate in words; `{parameter}` is filled from the template, then from `defaults`
    query       Asking → Finding
    minimum_n   fewer things seen is no evidence
    freshness   how old the youngest fact may be; None: age does not matter
    depends_on  names of the events after which it is asked again (it is also asked every night)
    version     raise it when query or meaning changes; each evaluation remembers it
    """

    key: str
    words: str
    query: Callable[[Asking], Finding]
    minimum_n: int = 1
    freshness: timedelta | None = None
    depends_on: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1

    def say(self, parameters: Mapping[str, Any]) -> Said:
        """The predicate in words, with its parameters."""
        return said(self.words, **{**self.defaults, **parameters})

    @property
    def query_name(self) -> str:
        """Module and function that answered, as stored with every evaluation."""
        return f"{self.query.__module__}.{self.query.__qualname__}"
