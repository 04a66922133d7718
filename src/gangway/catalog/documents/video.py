"""Video files: their container is walked from end to end, so that nothing else hides in or behind it."""

from gangway.catalog.documents.refusals import DocumentRefused
from gangway.kernel.said import said

_MEND = said("Save it as MP4 (H.264) or WebM, and bring that.")
_TOP = frozenset(b"ftyp moov mdat free skip wide uuid pdin moof mfra styp sidx meta emsg prft udta".split())
_SEGMENT = 0x18538067
_INFO_ELEMENTS = frozenset({0x1549A966, 0x1654AE6B})


def check_mp4(name: str, data: bytes) -> None:
    """Refuses what is no whole MP4: boxes must follow each other to the last byte, with an index and a body."""
    at, seen = 0, set()
    while at < len(data):
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = len(data) - at
        if kind not in _TOP or size < head or at + size > len(data):
            raise _refused(name)
        seen.add(kind)
        at += size
    if not {b"ftyp", b"moov"} <= seen or not seen & {b"mdat", b"moof"}:
        raise _refused(name)
    if b"vide" not in data[data.index(b"moov") :]:
        raise DocumentRefused(file=name, problem=said("It holds sound, but no picture."), mend=_MEND)


def check_webm(name: str, data: bytes) -> None:
    """Refuses what is no whole WebM: a header that says so, and one segment to the last byte."""
    header, at = _element(data, 0)
    end = at + header[1]
    if header[0] != 0x1A45DFA3 or b"webm" not in data[at:end]:
        raise _refused(name)
    segment, start = _element(data, end)
    if segment[0] != _SEGMENT:
        raise _refused(name)
    if segment[1] >= 0 and start + segment[1] != len(data):
        raise _refused(name)
    _walk(name, data, start)


def _walk(name: str, data: bytes, at: int) -> None:
    seen = set()
    while at < len(data):
        (kind, size), start = _element(data, at)
        if size < 0 and kind == 0x1F43B675:  # a live recording: the last cluster has no size
            seen.add(kind)
            break
        if size < 0 or start + size > len(data) or start == at:
            raise _refused(name)
        seen.add(kind)
        at = start + size
    if not seen >= _INFO_ELEMENTS or 0x1F43B675 not in seen:
        raise _refused(name)


def _element(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Id and size (-1: not said) of the EBML element at `at`, and where its content starts."""
    if at >= len(data) or not data[at]:
        return (0, -1), at
    id_length = 9 - data[at].bit_length()
    kind = int.from_bytes(data[at : at + id_length], "big")
    at += id_length
    if id_length > 4 or at >= len(data) or not data[at]:
        return (0, -1), at
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
    unknown = value == (1 << 7 * length) - 1
    return (kind, -1 if unknown else value), at + length


def _refused(name: str) -> DocumentRefused:
    return DocumentRefused(
        file=name, problem=said("It is no whole video: it is cut short, or something else is in it."), mend=_MEND
    )
