"""The child process that reads PDF and Word documents: a script that is run by its path, for their libraries can be made to loop and
to fill memory.

Standard input holds jobs, standard output the answers, each with a fixed head (see `JOB` and `ANSWER`); it ends with its
input. It imports nothing of this package, so that it starts fast.
"""

from __future__ import annotations

import contextlib
import io
import struct
import sys

JOB = struct.Struct("!cQIId")  # kind, bytes that follow, pages and characters at most, CPU seconds
ANSWER = struct.Struct("!cI")  # a status, bytes of UTF-8 that follow
PDF, WORD = b"p", b"w"
READ, CUT, LOCKED, DAMAGED = b"r", b"c", b"l", b"d"

_WORD_PARTS = ("main+xml", "header+xml", "footer+xml", "footnotes+xml", "endnotes+xml", "comments+xml")
_WORD_BREAKS = {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t", "tc": "\t"}


def confine(address_space: int) -> None:
    """Caps memory (bytes) and core dumps. A system without such a cap leaves the wall time, which the parent watches."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))


def confine_time(seconds: float) -> None:
    """Caps CPU time from now on."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))


def pdf_text(data: bytes, pages: int, chars: int) -> tuple[bytes, str]:
    """(status, text) of one PDF."""
    from pypdf import PasswordType, PdfReader

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            return LOCKED, ""
        out: list[str] = []
        length, cut = 0, False
        for number, page in enumerate(reader.pages):
            if number >= pages or length > chars:
                cut = True
                break
            out.append(page.extract_text())
            length += len(out[-1])
        return (CUT if cut else READ), "\n".join(out)[: chars + 1]
    except ImportError:
        return LOCKED, ""  # a cipher that needs a library which is not there


def word_text(data: bytes, chars: int) -> tuple[bytes, str]:
    """(status, text) of one Word document: body, tables, text boxes, headers, footers, notes and comments.

    What python-docx offers as the text of a paragraph leaves out insertions under review, content controls and text boxes;
    so its XML is walked, in which deleted text has another name.
    """
    from docx.oxml import parse_xml
    from docx.package import Package
    from lxml.etree import QName, iterwalk

    out: list[str] = []
    length = 0
    for part in Package.open(io.BytesIO(data)).iter_parts():
        if not part.content_type.endswith(_WORD_PARTS):
            continue
        walk = iterwalk(parse_xml(part.blob), events=("start", "end"))
        for event, element in walk:
            name = QName(element).localname
            if event == "end":
                out.append(_WORD_BREAKS.get(name, ""))
            elif name == "Fallback":  # the same text once more, for older programs
                walk.skip_subtree()
            elif name == "t":
                out.append(element.text or "")
                length += len(out[-1])
                if length > chars:
                    break
    return READ, "".join(out).replace("\n\t", "\t").strip()[: chars + 1]


def main() -> None:
    confine(int(sys.argv[1]))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(JOB.size)) == JOB.size:
        kind, size, pages, chars, seconds = JOB.unpack(head)
        data = source.read(size)
        confine_time(seconds)
        try:
            status, text = pdf_text(data, pages, chars) if kind == PDF else word_text(data, chars)
        except Exception:  # the libraries let through whatever their arithmetic meets in a damaged file
            status, text = DAMAGED, ""
        raw = text.encode("utf-8", "replace")
        sink.write(ANSWER.pack(status, len(raw)) + raw)
        sink.flush()


if __name__ == "__main__":
    main()
