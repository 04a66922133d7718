"""Captions, written anew as WebVTT: times and words, no style and no markup but emphasis and voices."""

import io
import re

from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from gangway.catalog.documents.refusals import DocumentRefused
from gangway.kernel.said import said

_MAX_CUES = 20_000
_FOREIGN = re.compile(r"<(?!/?(?:b|i|u|v|c|lang|ruby|rt)\b)[^>]*>?", re.I)
_ATTRIBUTES = re.compile(r"<(b|i|u|c|ruby|rt)\b[^>]*>", re.I)


def read_captions(name: str, data: bytes, form: str) -> bytes:
    """WebVTT from `form` vtt or srt; refused when it has no cues."""
    try:
        cues = WebVTT.from_buffer(io.StringIO(_text(data)), format=form).captions
    except (MalformedFileError, MalformedCaptionError, ValueError, IndexError):
        cues = []
    if not cues or len(cues) > _MAX_CUES:
        raise DocumentRefused(
            file=name,
            problem=said("No captions can be read from it.")
            if not cues
            else said("It has more than {n} captions.", n=_MAX_CUES),
            mend=said("Save the captions again as WebVTT or SRT."),
        )
    blocks = [f"{cue.start} --> {cue.end}\n{_words(cue.raw_text)}" for cue in cues]
    return ("WEBVTT\n\n" + "\n\n".join(blocks) + "\n").encode()


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _words(raw: str) -> str:
    lines = [_ATTRIBUTES.sub(r"<\1>", _FOREIGN.sub("", line)).replace("-->", "→").strip() for line in raw.split("\n")]
    return "\n".join(line for line in lines if line) or "–"
