"""What is checked of every request before anything else looks at it.

Python HTTP stacks pass on more than the RFCs allow; a gateway that forwards must be stricter than whoever parses
after it (RFC 9112 sections 3, 6, 11). Each rule here has a test against a real socket.
"""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from gateway.errors import Malformed
from gateway.settings import Web
from gateway.web import peer_certificate
from gateway.web.incoming import Asking
from gateway.web.peer_certificate import check_forwarded
from gateway.web.problems import AddressTooLong, ExpectationRefused, HeadTooLarge

_PATH = re.compile(r"/(?:[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*/?)?")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_QUERY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
_SINGLE = frozenset(
    {
        b"host",
        b"authorization",
        b"dpop",
        b"accept",
        b"idempotency-key",
        b"request-id",
        b"transfer-encoding",
        b"client-cert",
    }
)
_SINGLE_KINDS = (b"content-", b"gateway-")
_TELLING = frozenset(
    {b"expect", b"upgrade", b"http2-settings", b"transfer-encoding", b"content-encoding"}
)  # headers that change how a request is read
LEAF, CHAIN = peer_certificate.LEAF.lower().encode(), peer_certificate.CHAIN.lower().encode()


def check_front(request: Asking, limits: Web) -> dict[str, str]:
    """Check version, headers, path and query of a request.

    Which methods an address takes is left to whoever knows the address.

    Returns:
        The query as decoded names and values, each name once.

    Raises:
        Malformed: (or a subclass with its own status) the first rule broken.
    """
    return read_front(request, limits)[0]


def read_front(request: Asking, limits: Web) -> tuple[dict[str, str], dict[bytes, bytes]]:
    """Like :func:`check_front`; also gives the headers by name in lower case, of a repeated one the first."""
    if request.version != (1, 1):
        raise Malformed("only HTTP/1.1 is spoken here", "仅支持 HTTP/1.1")
    fields = _read_fields(request, limits)
    _check_fields(fields, limits)
    if LEAF in fields or CHAIN in fields:
        check_forwarded(request, limits)
    if request.method in ("GET", "DELETE") and request.body_exists:
        raise Malformed(f"{request.method} takes no body", f"{request.method} 请求不得携带请求体")
    return _check_target(request.raw_path, limits), fields


def settled_bytes(request: Asking) -> int | None:
    """The size of the header lines, if what the front says of them follows from them alone; else None.

    Lines that speak of a body, of how the request is to be read, or of a caller's certificate are judged together with the
    request they came with. Whatever the front accepted once and is settled, it accepts again under the same limits.
    """
    size = 0
    for raw_name, value in request.raw_headers:
        name, size = raw_name.lower(), size + len(raw_name) + len(value) + 4
        if name in _TELLING or name in (LEAF, CHAIN) or name.startswith(b"content-"):
            return None
    return size


def read_query(query: str) -> dict[str, str]:
    """A query no longer than allowed, as :func:`check_front` gives and judges it."""
    return _read_query(query)


def _read_fields(request: Asking, limits: Web) -> dict[bytes, bytes]:
    size = len(request.raw_path)
    fields: dict[bytes, bytes] = {}
    for raw_name, value in request.raw_headers:
        name, size = raw_name.lower(), size + len(raw_name) + len(value) + 4
        if b"_" in name or not name.isascii():
            raise Malformed(
                "header names with _ or 8-bit signs are refused", "请求头名称不得含下划线或非 ASCII 字符"
            )
        if not value.isascii():
            raise Malformed("a header holds 8-bit signs", "请求头含非 ASCII 字符")
        if name not in fields:
            fields[name] = value
        elif name in _SINGLE or name.startswith(_SINGLE_KINDS):
            shown = name.decode()
            raise Malformed(f"the header {shown} stands more than once", f"请求头 {shown} 重复出现")
    if size > limits.head_bytes:
        raise HeadTooLarge(
            f"the head is larger than {limits.head_bytes} bytes", f"请求头超过 {limits.head_bytes} 字节"
        )
    return fields


def _check_fields(fields: dict[bytes, bytes], limits: Web) -> None:
    if not _TELLING.isdisjoint(fields):
        _check_telling(fields)
    host = fields.get(b"host", b"").decode("ascii")
    if not _HOST.fullmatch(host) or (limits.hosts and host.lower() not in limits.hosts):
        raise Malformed("Host is missing or not a name of this gateway", "Host 缺失或不是本网关的名称")


def _check_telling(fields: dict[bytes, bytes]) -> None:
    if b"expect" in fields:
        raise ExpectationRefused("Expect is not supported", "不支持 Expect")
    if b"upgrade" in fields or b"http2-settings" in fields:
        raise Malformed("no protocol upgrade is possible", "不支持协议升级")
    if fields.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
        raise Malformed("Transfer-Encoding must be chunked alone", "Transfer-Encoding 只能为 chunked")
    if b"content-encoding" in fields:
        raise Malformed("a compressed request body is refused", "请求体不得压缩")


def _check_target(target: str, limits: Web) -> dict[str, str]:
    path, _, query = target.partition("?")
    if len(path) > limits.path_bytes or len(query) > limits.query_bytes:
        raise AddressTooLong(
            f"the path may have {limits.path_bytes} bytes, the query {limits.query_bytes}",
            f"路径不得超过 {limits.path_bytes} 字节，查询串不得超过 {limits.query_bytes} 字节",
        )
    if not _PATH.fullmatch(path) or ("." in path and not {".", ".."}.isdisjoint(path.split("/"))):
        raise Malformed(
            "the path may hold only A-Z a-z 0-9 . _ ~ - and single slashes, no dot segments, no percent-encoding",
            "路径只能包含字母、数字、. _ ~ - 和单个斜杠，不得含 . 或 .. 段以及百分号编码",
        )
    return _read_query(query)


def _read_query(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        raw_name, equals, raw_value = pair.partition("=")
        if not _QUERY_NAME.fullmatch(raw_name) or not equals:
            raise Malformed("the query must be name=value pairs joined by &", "查询串须为 name=value 形式")
        if raw_name in found:
            raise Malformed(f"the query names {raw_name} twice", f"查询参数 {raw_name} 重复出现")
        found[raw_name] = _decoded(raw_name, raw_value)
    return found


def _decoded(name: str, raw: str) -> str:
    if _PLAIN.fullmatch(raw):
        return raw
    if re.search(r"%(?![0-9A-Fa-f]{2})|[^\x21-\x7e]|#", raw):
        raise Malformed(f"the query value of {name} is badly escaped", f"查询参数 {name} 的编码不正确")
    try:
        text = unquote_to_bytes(raw.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(f"the query value of {name} is not UTF-8", f"查询参数 {name} 不是 UTF-8") from None
    if any(unicodedata.category(sign) == "Cc" for sign in text):
        raise Malformed(f"the query value of {name} holds control characters", f"查询参数 {name} 含控制字符")
    return text
