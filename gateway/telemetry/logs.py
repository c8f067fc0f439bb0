"""Structured logs on standard output: one JSON object a line, secrets removed before they are written."""

import logging
import re
import sys
import threading
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

import orjson
import structlog

get_logger = structlog.get_logger

_SECRET_NAMES = re.compile(
    r"token|secret|password|authorization|assertion|private|cookie|dsn|body|parameters", re.IGNORECASE
)
_SECRET_VALUES = re.compile(
    r"eyJ[A-Za-z0-9_.-]{8,}|postgres(?:ql)?://[^\s\"']+|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*"
    r"|(?<![0-9])[0-9]{17}[0-9Xx](?![0-9A-Za-z])"
)
_LONGEST = 4000
_SAFE_NAMES = frozenset({"token_kind"})


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """Remove values under telling names, and tokens, DSNs and id numbers (公民身份号码) wherever they stand."""
    return {name: _clean(name, value) for name, value in line.items()}


def _clean(name: str, value: Any) -> Any:
    if _SECRET_NAMES.search(name) and name not in _SAFE_NAMES:
        return "[removed]"
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    if isinstance(value, dict):
        return {_text(key): _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner) for inner in value]
    return _text(value)


def _text(value: object) -> str:
    """Exceptions, bytes, paths: what they print as may hold a secret, or what is no text (lone surrogates)."""
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return _SECRET_VALUES.sub("[removed]", text)[:_LONGEST]


def _render(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    text = orjson.dumps(line, default=str).decode()
    return re.sub("[\u2028\u2029\u202a-\u202e\u2066-\u2069\x7f-\x9f]", lambda m: f"\\u{ord(m[0]):04x}", text)


class Sink:
    """Where lines go, whole ones, from any thread; stands in for a stream and for the logger behind structlog."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        """Write one or more whole lines."""
        with self._lock:
            self._stream.write(text)
            self._stream.flush()

    def flush(self) -> None:
        """Nothing: every line is written at once."""

    def msg(self, line: str) -> None:
        """Write one line."""
        self.write(line + "\n")

    debug = info = warning = error = critical = exception = log = msg


class _Configured:
    """What :func:`configure_logs` said last; without it nothing is set up and calls leave no lines."""

    lines: Callable[[str], None] | None = None


def access_lines() -> Callable[[str], None] | None:
    """What writes lines of level info that are rendered already; None where none are wanted."""
    return _Configured.lines


def configure_logs(level: str, count: Any = None, stream: TextIO = sys.stdout) -> None:
    """Send structlog and the standard library's loggers through one pipeline to standard output.

    Args:
        level: the least level shown: debug, info, warning or error.
        stream: where the lines go.
        count: called with the level's name for every line, for ``gx_log_messages_total``.
    """

    def tally(_logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if count is not None:
            count(line.get("level", method))
        return line

    sink = Sink(stream)
    _Configured.lines = sink.write if level in ("debug", "info") else None
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        tally,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, _render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: sink,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sink)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
