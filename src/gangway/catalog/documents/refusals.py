"""What an author is told when a document cannot be taken."""

from gangway.kernel.refusal import Refusal
from gangway.kernel.said import Said


class DocumentRefused(Refusal):
    """`file` names the upload, `problem` what is wrong with it, `mend` what to do; field is always `files`."""

    code = "catalog.document_refused"
    status = 422
    message = "{file}: {problem}"
    next_step = "{mend}"

    def __init__(self, *, file: str, problem: Said, mend: Said) -> None:
        super().__init__(field="files", file=file, problem=problem, mend=mend)
