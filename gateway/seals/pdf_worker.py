"""The signatures of a PDF, found in a process of its own that may be killed: PDF on standard input, JSON on output.

Run as ``python -m gateway.seals.pdf_worker``. A PDF from a stranger can keep a parser busy for as long as it likes;
here it has five seconds of CPU and a bounded memory, and it sees no key, no anchor and no network.
"""

import io
import json
import resource
import struct
import sys
import zlib
from typing import Any, Final

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

CPU_SECONDS: Final = 5
_MEMORY_BYTES: Final = 2_000_000_000
_MOST_SIGNATURES: Final = 100
REFUSED: Final = (
    PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
    MemoryError, OSError, AssertionError, NotImplementedError, EOFError, struct.error, zlib.error,
)  # fmt: skip
"""What the reader raises on a PDF made to break it. It was written for honest files: a wrong object shows as Type-, Key-,
Index- or AttributeError, a broken invariant as AssertionError, an unknown filter as NotImplementedError, a compressed
stream as zlib.error, struct.error or EOFError, a claimed size as MemoryError under the limit this process runs with.
All mean the same, that the file is refused; the process ends with it."""


def signatures(data: bytes) -> list[dict[str, Any]]:
    """Of every signed field: its name, byte range, contents and sub-filter.

    Raises:
        ValueError: encrypted, or more signatures than anybody needs.
    """
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    if reader.encrypted:
        raise ValueError("the document is encrypted")
    found = []
    for name, value, _ in enumerate_sig_fields(reader):
        if value is None:
            continue
        held = value.get_object()
        found.append(
            {
                "field": str(name),
                "range": [int(number) for number in held["/ByteRange"]],
                "contents": bytes(held.raw_get("/Contents").original_bytes).hex(),
                "filter": str(held.get("/SubFilter", "")),
            }
        )
        if len(found) > _MOST_SIGNATURES:
            raise ValueError(f"more than {_MOST_SIGNATURES} signatures")
    return found


def main() -> None:
    """Answer ``{"signatures": [...]}`` or ``{"refused": why}``."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    try:
        answer: dict[str, Any] = {"signatures": signatures(sys.stdin.buffer.read())}
    except REFUSED as fault:
        answer = {"refused": f"{type(fault).__name__}: {fault}"[:300]}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
