"""A sentence whose words and values are kept apart, so that a surface can say it in the reader's language. Pure.

    said("{n} partner is active.", "{n} partners are active.", n=count)
    said("{name} vouches for it.", name=person)

It is a `str`, the English sentence, and is used as one by command line, log, audit and tests. A page or a letter says
it by `kernel.language.say`. A value may itself be said, or be a list; whole sentences are put together by `together`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Packed = str | dict[str, Any]


class Said(str):
    """The English sentence. `text` and `plural` are msgids, `values` fill them; `parts` are its sentences."""

    text: str
    plural: str
    values: Mapping[str, Any]
    parts: "tuple[Said, ...]"


def said(text: str, plural: str = "", /, **values: Any) -> Said:
    """`text` with its values; with a `plural`, the value `n` decides between the two."""
    chosen = plural if plural and values["n"] != 1 else text
    return _made(chosen.format(**_english(values)) if values else chosen, text, plural, values)


def N_(text: str) -> str:  # noqa: N802  gettext's mark
    """Marks a msgid where it stands; it is said elsewhere."""
    return text


def content(text: str) -> Said:
    """Words that came as data and may have been shipped with Gangway: said in the reader's language if we know them."""
    return _made(text, text, "", {})


def together(*sentences: str) -> Said:
    """Whole sentences, one after the other. Empty ones are left out."""
    parts = tuple(one if isinstance(one, Said) else _made(one, "", "", {}) for one in sentences if one)
    whole = _made(" ".join(parts), "", "", {})
    whole.parts = parts
    return whole


def pack(sentence: str) -> Packed:
    """A sentence as JSON, to be stored."""
    if not isinstance(sentence, Said) or not (sentence.text or sentence.parts):
        return str(sentence)
    if sentence.parts:
        return {"parts": [pack(part) for part in sentence.parts]}
    packed: dict[str, Any] = {"text": sentence.text}
    if sentence.plural:
        packed["plural"] = sentence.plural
    if sentence.values:
        packed["values"] = {name: _packed(value) for name, value in sentence.values.items()}
    return packed


def unpack(packed: Packed) -> Said:
    """A stored sentence, as it was."""
    if isinstance(packed, str):
        return _made(packed, "", "", {})
    if "parts" in packed:
        return together(*(unpack(part) for part in packed["parts"]))
    values = {name: _unpacked(value) for name, value in packed.get("values", {}).items()}
    return said(packed["text"], packed.get("plural", ""), **values)


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(one) for one in value]
    return unpack(value) if isinstance(value, dict) else value


def _made(english: str, text: str, plural: str, values: Mapping[str, Any]) -> Said:
    sentence = Said(english)
    sentence.text, sentence.plural, sentence.values, sentence.parts = text, plural, values, ()
    return sentence


def _english(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ", ".join(map(str, value)) if _many(value) else value for name, value in values.items()}


def _packed(value: Any) -> Any:
    if isinstance(value, Said):
        return pack(value)
    return [pack(one) for one in value] if _many(value) else value


def _many(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
