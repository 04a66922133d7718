"""The compiled catalogues: ``locale/*/LC_MESSAGES/django.mo`` is made from the ``.po`` beside it when that changed.

The ``.po`` files are kept in the repository, the ``.mo`` files are not: they are made when a process starts from
sources, and when a wheel is built. A wheel carries the ``.mo`` files alone and is never stale. To look costs two
``stat`` calls a language. Importing this needs no Django, because the build hook of the wheel does it.
"""

import os
from pathlib import Path

LOCALE = Path(__file__).parents[1] / "locale"


def ensure(folder: Path = LOCALE) -> list[str]:
    """Compile what is missing or stale; the languages that were compiled now."""
    return [source.parts[-3] for source in sorted(folder.glob("*/LC_MESSAGES/django.po")) if _compiled(source)]


def _compiled(source: Path) -> bool:
    target = source.with_suffix(".mo")
    changed = source.stat().st_mtime_ns
    if target.is_file() and target.stat().st_mtime_ns == changed:
        return False
    from babel.messages.mofile import write_mo  # only where something is to be done: start-up stays quick
    from babel.messages.pofile import read_po

    with source.open("rb") as read:
        catalogue = read_po(read, locale=source.parts[-3])
    for message in [one for one in catalogue if one.id and not all(one.string or ("",))]:
        catalogue.delete(message.id, message.context)  # what is not translated whole is said in English
    fresh = target.with_suffix(f".{os.getpid()}")
    with fresh.open("wb") as write:
        write_mo(write, catalogue)
    os.utime(fresh, ns=(changed, changed))
    fresh.replace(target)  # two processes that start together each put a whole file in place
    return True
