"""The checks of what is installed: Python, packages, the HTTP parser, PostgreSQL's programs, signatures.

The required ranges are read from where they stand, ``pyproject.toml`` or the installed package, never repeated.
"""

import importlib.metadata
import platform
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import aiohttp.http_parser

import gateway
from gateway.cli.context import Installation
from gateway.cli.doctoring import Check, State, examined, fault, ok, warning
from gateway.errors import Unavailable
from gateway.storage.binaries import find_binaries

_DISTRIBUTION: Final = "data-sharing-gateway"
_NEED: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*([^;]*?)\s*(?:;\s*(.*))?")
_REINSTALL: Final = (
    "Start through ./gw; if that does not help, delete .venv, and ./gw makes it again.",
    "请用 ./gw 启动；仍有问题时删除 .venv，./gw 会重新建立。",
)


class RangesUnknown(Unavailable):
    """What the gateway needs is not written anywhere（找不到依赖声明）."""

    remedy = _REINSTALL


def software_checks(where: Installation) -> Iterator[Check]:
    """Everything that is installed; the signature self-test only where the rooms it needs can be loaded."""
    yield examined("python", python)
    yield examined("packages", packages)
    yield (parser := http_parser())
    yield examined("postgresql", lambda: postgres(where))
    if parser.state is State.OK:
        yield examined("es256", es256)
        yield sm2()


def python() -> Check:
    """The interpreter."""
    wanted, found = requirements()[0], platform.python_version()
    if in_range(found, wanted):
        return ok("python", f"{found} ({wanted})", f"{found}（要求 {wanted}）")
    return fault(
        "python",
        (f"{found}, but {wanted} is needed", f"{found}，要求 {wanted}"),
        (
            "Name another one: GATEWAY_PYTHON=/path/to/python3 ./gw …",
            "请指定其他解释器：GATEWAY_PYTHON=… ./gw …",
        ),
    )


def packages() -> Check:
    """Every package against its range."""
    needs = requirements()[1]
    wrong = [
        f"{name} {version_of(name) or 'is missing'} ({wanted})"
        for name, wanted in needs
        if not _fits(name, wanted)
    ]
    if wrong:
        return fault("packages", (", ".join(wrong), "、".join(wrong)), _REINSTALL)
    return ok("packages", f"{len(needs)} in their ranges", f"{len(needs)} 个软件包版本符合要求")


def http_parser() -> Check:
    """aiohttp's own C parser: the one in Python accepts requests the front check was not written for."""
    if aiohttp.http_parser.HttpRequestParser.__module__ == "aiohttp._http_parser":
        return ok("http parser", "C", "C 解析器")
    return fault(
        "http parser",
        ("aiohttp runs without its C parser", "aiohttp 未启用 C 解析器"),
        (
            "Unset AIOHTTP_NO_EXTENSIONS; else delete .venv and run ./gw again.",
            "请取消 AIOHTTP_NO_EXTENSIONS，或删除 .venv 后重试。",
        ),
    )


def postgres(where: Installation) -> Check:
    """The programs of the embedded server; not needed with a database of one's own."""
    if where.settings.storage.dsn is not None:
        return ok(
            "postgresql",
            "[storage] dsn is set: none is started here",
            "已设置 [storage] dsn，不启动内置数据库",
        )
    found = find_binaries(where.postgres_dir)
    return ok("postgresql", f"{found.origin}, {found.bin_dir}", f"{found.origin}，{found.bin_dir}")


def es256() -> Check:
    """Sign and verify with a fresh key on the way tokens take; a changed signature must not verify."""
    # Imported here: without the C parser these rooms refuse to load, and that must be said by its own check.
    from gateway.identity import TokenRefused
    from gateway.identity.assertion import ClientKeyFile, new_client_key, signed_assertion
    from gateway.identity.jose import precheck, verified

    with tempfile.TemporaryDirectory(prefix="gw-doctor-") as folder:
        file = Path(folder) / "key.pem"
        public = new_client_key(file)
        text = signed_assertion("self-test", "doctor", ClientKeyFile.read(file))
    now = int(time.time())
    token = precheck(
        text, types=("client-authentication+jwt",), leeway_seconds=5, longest_seconds=60, now=now
    )
    head, claims, signature = text.split(".")
    forged = f"{head}.{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    good = verified(token, public)["sub"] == "self-test"
    try:
        verified(
            precheck(
                forged, types=("client-authentication+jwt",), leeway_seconds=5, longest_seconds=60, now=now
            ),
            public,
        )
    except TokenRefused:
        if good:
            return ok("es256", "signs, verifies, refuses a changed signature", "签名、验签及篡改检出均正常")
    return fault("es256", ("signatures are not checked as they must be", "签名校验异常"), _REINSTALL)


def sm2() -> Check:
    """The known answers of SM2 and of seals; without SM2 the gateway runs, and refuses what is signed with it."""
    from gateway.seals.selftest import proven_sm2
    from gateway.seals.sm2 import Sm2Unavailable

    try:
        proven_sm2()
    except Sm2Unavailable as fault:
        return warning("sm2", (fault.detail, fault.detail_zh), fault.remedy)
    return ok(
        "sm2", "every known answer given, seals of versions 1, 4 and 5 verified", "SM2 及电子印章自检通过"
    )


def requirements() -> tuple[str, Sequence[tuple[str, str]]]:
    """The range of Python and, per package needed on this system, its range.

    Raises:
        RangesUnknown: there is neither a checkout nor an installed package.
    """
    file = Path(gateway.__file__).parents[1] / "pyproject.toml"
    if file.is_file():
        project = tomllib.loads(file.read_text("utf-8"))["project"]
        return project["requires-python"], list(_needs(project["dependencies"]))
    try:
        about = importlib.metadata.metadata(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise RangesUnknown(f"neither {file} nor the package {_DISTRIBUTION}", "缺少依赖声明") from None
    return about["Requires-Python"], list(_needs(about.get_all("Requires-Dist") or ()))


def _needs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if found := _NEED.fullmatch(line):
            name, wanted, marker = found.groups()
            if marker is None or _holds(marker):
                yield name, wanted


def _holds(marker: str) -> bool:
    """The one marker in use besides extras, which are never needed to run."""
    return marker.replace('"', "'").replace(" ", "") == f"sys_platform=='{sys.platform}'"


def _fits(name: str, wanted: str) -> bool:
    found = version_of(name)
    return found is not None and in_range(found, wanted)


def version_of(name: str) -> str | None:
    """The version of an installed package; None if it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def in_range(version: str, wanted: str) -> bool:
    """Whether ``version`` meets a list such as ``>=3.14.5,<4`` or ``==18.6.*`` (PEP 440, release numbers only).

    Raises:
        RangesUnknown: an operator that is not ``>=``, ``<`` or ``==``.
    """
    return all(_meets(_numbers(version), part.strip()) for part in wanted.split(",") if part.strip())


def _meets(found: tuple[int, ...], clause: str) -> bool:
    if clause.startswith(">="):
        return _padded(found) >= _padded(_numbers(clause[2:]))
    if clause.startswith("==") and clause.endswith(".*"):
        wanted = _numbers(clause[2:])
        return found[: len(wanted)] == wanted
    if clause.startswith("=="):
        return _padded(found) == _padded(_numbers(clause[2:]))
    if clause.startswith("<") and not clause.startswith("<="):
        return _padded(found) < _padded(_numbers(clause[1:]))
    raise RangesUnknown(f"the range {clause!r} is not understood", f"无法识别版本范围 {clause}")


def _numbers(text: str) -> tuple[int, ...]:
    found = re.match(r"\s*(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def _padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return (*numbers, 0, 0, 0, 0, 0)[:5]
