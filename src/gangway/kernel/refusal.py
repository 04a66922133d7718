"""An expected "no": a code for machines, a sentence for people, and what to do next.

Each context declares its refusals beside its actions:

    class SeatsTaken(Refusal):
        code = "identity.seats_taken"
        message = "All {seats} seats are taken."
        next_step = "Ask the partner admin for more seats."

`message` and `next_step` are msgids, taken into the catalogues as they stand; values are filled in after translation.
`str(refusal)` is the English sentence, for command line, log and tests; pages say it by `kernel.language`.
"""

from typing import Any, ClassVar

from gangway.kernel.said import Said, said


class Refusal(Exception):
    """Raised by actions. `status` is the HTTP status that a surface answers with."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "This cannot be done."
    next_step: ClassVar[str] = ""

    def __init__(self, *, field: str | None = None, **values: Any) -> None:
        self.field = field
        self.values = values
        self.said = _said(self.message, values)
        super().__init__(str(self.said))

    @property
    def step(self) -> Said:
        """What the person can do next, with this refusal's values filled in."""
        return _said(self.next_step, self.values)

    def as_dict(self) -> dict[str, str | None]:
        """The body of an API answer."""
        return {"code": self.code, "message": str(self), "field": self.field, "next_step": self.step}


def _said(text: str, values: dict[str, Any]) -> Said:
    """A refusal's own words with its values, or a sentence that was said already."""
    return text if isinstance(text, Said) else said(text, **values)


class NotFound(Refusal):
    """The same answer for an id that never existed and for one that belongs to somebody else."""

    code = "not_found"
    status = 404
    message = "There is nothing here, or it is not yours to see."
    next_step = "Check the address, or go back to the start page."


class Invalid(Refusal):
    """A value that cannot be used: names the field, the problem and what to do.

    `problem` and `mend` are msgids, given as plain texts or `said`; what they name in braces is given beside them:
    Invalid(field="zone", problem="“{zone}” is no time zone.", mend="Use UTC.", zone=typed)
    """

    code = "invalid"
    status = 400

    def __init__(self, *, field: str | None = None, problem: str, mend: str = "", **values: Any) -> None:
        self.message, self.next_step = problem, mend  # type: ignore[misc]  # each has words of its own
        super().__init__(field=field, **values)
