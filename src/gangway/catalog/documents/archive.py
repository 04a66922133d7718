"""The zip inside an office file, judged by its directory and then by its bytes; nothing is unpacked to disk."""

import io
import stat
import unicodedata
import zipfile
import zlib

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from gangway.catalog.documents.limits import MAX_MEMBERS, MAX_UNPACKED, MAX_XML, MB
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.catalog.rules import MAX_SHOWN, OUTSIDE
from gangway.kernel.said import Said, said
from gangway.kernel.values import printable

_END = b"PK\x05\x06"
_ENCRYPTED = 0x1
_AGAIN = said("Open it in the program it was made with, save it again, and bring that.")
_PROGRAMS = ("vbaproject.bin", "vbadata.xml")


def is_zip(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class Archive:
    """Members by name. The sum of what is read is counted, because the directory of a bomb lies."""

    def __init__(self, name: str, data: bytes) -> None:
        self._name = name
        self._refuse_directory(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise self._refused(said("It is damaged or cut short.")) from None
        infos = self._zip.infolist()
        if len(infos) > MAX_MEMBERS:
            raise self._refused(said("It holds more than {n} parts.", n=MAX_MEMBERS))
        if sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise self._refused(said("It is larger than {n} MB when unpacked.", n=MAX_UNPACKED // MB))
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            self._judge(info)
        self.names = frozenset(self._members)

    def read(self, member: str, limit: int = MAX_XML) -> bytes:
        info = self._members[member]
        try:
            with self._zip.open(info) as file:
                data = file.read(limit + 1)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error):
            raise self._refused(said("Its part “{part}” is damaged.", part=member)) from None
        if len(data) > limit:
            raise self._refused(said("Its part “{part}” is larger than {n} MB.", part=member, n=limit // MB))
        return data

    def clean(self) -> bytes:
        """The archive written anew from what was judged: XML without document types, and no embedded files."""
        out, size = io.BytesIO(), 0
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
            for member in self._members:
                if "/embeddings/" in member.lower() or "/activex/" in member.lower():
                    continue
                data = self.read(member)
                size += len(data)
                if size > MAX_UNPACKED:
                    raise self._refused(said("It is larger than {n} MB when unpacked.", n=MAX_UNPACKED // MB))
                if member.lower().endswith((".xml", ".rels")):
                    self._refuse_document_type(member, data)
                made.writestr(member, data)
        return out.getvalue()

    def _refuse_document_type(self, member: str, data: bytes) -> None:
        try:
            fromstring(data, forbid_dtd=True)
        except DefusedXmlException:
            raise self._refused(
                said("Its part “{part}” declares entities, which no office program writes.", part=member)
            ) from None
        except (ParseError, ValueError, LookupError):
            raise self._refused(said("Its part “{part}” is damaged.", part=member)) from None

    def _refuse_directory(self, data: bytes) -> None:
        end = data.rfind(_END, max(0, len(data) - 22 - 0xFFFF))
        if end < 0 or len(data) - end < 22:
            raise self._refused(said("It is damaged or cut short."))
        if int.from_bytes(data[end + 12 : end + 16], "little") > MAX_MEMBERS * 400:
            raise self._refused(said("It holds more than {n} parts.", n=MAX_MEMBERS))

    def _judge(self, info: zipfile.ZipInfo) -> None:
        name = info.orig_filename
        parts = name.rstrip("/").split("/")
        outside = name.startswith("/") or "\\" in name or ":" in parts[0] or any(p in {"", ".", ".."} for p in parts)
        if outside or any(unicodedata.category(char) in {"Cc", "Cs"} for char in name):
            raise self._refused(said(OUTSIDE, path=printable(name, MAX_SHOWN)))
        if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise self._refused(said("Its part “{part}” is a link or a device.", part=name))
        if info.flag_bits & _ENCRYPTED:
            raise DocumentRefused(
                file=self._name, problem=said("It is encrypted."), mend=said("Save it without a password.")
            )
        if parts[-1].lower() in _PROGRAMS:
            raise DocumentRefused(
                file=self._name,
                problem=said("It holds macros, which are programs."),
                mend=said("Save it without macros (.docx or .pptx), and bring that."),
            )
        if info.is_dir():
            return
        if name in self._members:
            raise self._refused(said("It holds “{part}” twice, so it is ambiguous.", part=name))
        self._members[name] = info

    def _refused(self, problem: Said) -> DocumentRefused:
        return DocumentRefused(file=self._name, problem=problem, mend=_AGAIN)
