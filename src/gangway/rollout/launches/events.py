"""Facts of launches: ids, numbers and times."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class WaveSent:
    """A wave's undo window is over and every launch in it was confirmed. Letters may still be on their way."""

    name: ClassVar[str] = "launches.wave.sent.v1"
    example: ClassVar[dict[str, Any]] = {
        "wave_id": "0195a1c0-0000-7000-8000-0000000000f1",
        "letters_from": "2026-05-04T09:10:00+00:00",
        "partners": 18,
    }

    wave_id: UUID
    letters_from: datetime
    partners: int
