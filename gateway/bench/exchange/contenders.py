"""The programs beside which the gateway is measured; which of them this machine has, and why not the others."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.bench.exchange.departments import USCC
from gateway.bench.programs import Cores, Program, free_port, started

PROGRAMS: Final = Path(__file__).resolve().parents[3] / "ops" / "bench" / "contenders"
NAMES: Final = (
    "aiohttp_bare",
    "aiohttp_naive",
    "nginx",
    "nginx_lua",
    "haproxy_es256",
    "fastify_full",
    "express_gateway",
)
_MODULES: Final = (Path("/usr/lib/nginx/modules"), Path("/usr/lib64/nginx/modules"))
_INSTALL_SECONDS: Final = 300


class Absent(Exception):
    """A contender cannot run here; the text says why."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a contender is given: a folder, cores, the provider's ``host:port``, the tokens' public key, a database."""

    stack: ExitStack
    folder: Path
    cores: Cores
    upstream: str
    key: Path
    dsn: str


@dataclass(frozen=True, slots=True)
class Contender:
    """One that runs."""

    name: str
    program: Program
    port: int

    @property
    def url(self) -> str:
        """The call all contenders answer."""
        return f"http://127.0.0.1:{self.port}/{USCC}"


def start(name: str, given: Surroundings) -> Contender:
    """Start one of ``NAMES``.

    Raises:
        Absent: it is not installed and cannot be.
        NotStarted: it is, and failed.
    """
    port = free_port()
    program = started(given.stack, name, _COMMANDS[name](given, port), given.folder, given.cores.served)
    program.wait_for(port)
    return Contender(name, program, port)


def provider(stack: ExitStack, folder: Path, cores: Cores) -> str:
    """Start the provider all forward to, nginx where there is one; its ``host:port``. Raises NotStarted."""
    port = free_port()
    if nginx := _found("nginx"):
        body = subprocess.run([*_python("upstream.py"), "--body"], capture_output=True, text=True, check=True)
        conf = _written(folder, "upstream.conf", {"PORT": str(port), "BODY": body.stdout.strip()})
        command = [nginx, "-p", str(folder), "-c", str(conf)]
    else:
        command = [*_python("upstream.py"), str(port)]
    started(stack, "provider", command, folder, cores.rest).wait_for(port)
    return f"127.0.0.1:{port}"


def _aiohttp(script: str) -> Callable[[Surroundings, int], list[str]]:
    return lambda given, port: [*_python(script), f"http://{given.upstream}/{USCC}", str(port)]


def _nginx(given: Surroundings, port: int) -> list[str]:
    return [_needed("nginx"), "-p", str(given.folder), "-c", str(_configured("nginx.conf", given, port))]


def _nginx_lua(given: Surroundings, port: int) -> list[str]:
    nginx = _needed("nginx")
    modules = next((one for one in _MODULES if (one / "ngx_http_lua_module.so").exists()), None)
    if modules is None:
        raise Absent("nginx has no Lua module (Debian: libnginx-mod-http-lua)")
    conf = _configured("nginx_lua.conf", given, port, {"MODULES": str(modules), "HERE": str(PROGRAMS)})
    return [nginx, "-p", str(given.folder), "-c", str(conf)]


def _haproxy(given: Surroundings, port: int) -> list[str]:
    return [_needed("haproxy"), "-db", "-f", str(_configured("haproxy.cfg", given, port))]


def _fastify(given: Surroundings, port: int) -> list[str]:
    place, node = _installed("fastify_full")
    address = ["env", f"CONTENDER_DSN={given.dsn}", "NODE_ENV=production"]
    return [
        *address,
        node,
        str(place / "server.js"),
        str(port),
        f"http://{given.upstream}",
        str(given.key),
    ]


def _express_gateway(given: Surroundings, port: int) -> list[str]:
    place, node = _installed("express_gateway")
    own = str(given.folder / "express-gateway")
    quiet = ["env", "LOG_LEVEL=error", "NODE_ENV=production"]
    return [
        *quiet,
        node,
        str(place / "server.js"),
        str(port),
        f"http://{given.upstream}",
        str(given.key),
        own,
    ]


_COMMANDS: Final[dict[str, Callable[[Surroundings, int], list[str]]]] = {
    "aiohttp_bare": _aiohttp("aiohttp_bare.py"),
    "aiohttp_naive": _aiohttp("aiohttp_naive.py"),
    "nginx": _nginx,
    "nginx_lua": _nginx_lua,
    "haproxy_es256": _haproxy,
    "fastify_full": _fastify,
    "express_gateway": _express_gateway,
}


def _python(script: str) -> list[str]:
    return [sys.executable, "-P", str(PROGRAMS / script)]


def _found(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


def _needed(program: str) -> str:
    found = _found(program)
    if found is None:
        raise Absent(f"{program} is not installed")
    return found


def _configured(name: str, given: Surroundings, port: int, more: dict[str, str] | None = None) -> Path:
    facts = {"PORT": str(port), "UPSTREAM": given.upstream, "KEY": str(given.key)}
    return _written(given.folder, name, facts | (more or {}))


def _written(folder: Path, name: str, facts: dict[str, str]) -> Path:
    text = (PROGRAMS / name).read_text("utf-8")
    for word, value in (facts | {"FOLDER": str(folder)}).items():
        text = text.replace(f"@{word}@", value)
    conf = folder / name
    conf.write_text(text, "utf-8")
    return conf


def _installed(name: str) -> tuple[Path, str]:
    """A Node program with its packages, installed once into the user's cache; and Node itself."""
    node, npm = _needed("node"), _needed("npm")
    wanted = (PROGRAMS / name / "package.json").read_bytes()
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = base / "data-sharing-gateway" / "bench" / f"{name}-{hashlib.sha256(wanted).hexdigest()[:12]}"
    if not (place / ".whole").exists():
        place.mkdir(parents=True, exist_ok=True)
        (place / "package.json").write_bytes(wanted)
        _install(npm, place)
        (place / ".whole").touch()
    shutil.copyfile(PROGRAMS / name / "server.js", place / "server.js")
    return place, node


def _install(npm: str, place: Path) -> None:
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=place, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Absent(f"npm did not install its packages in {_INSTALL_SECONDS} s") from None
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["npm failed"]
        raise Absent(f"npm did not install its packages: {words[-1][:200]}")
