"""The gateway under load: one process for calls on its own core, control and integrator in another beside PostgreSQL."""

import json
import os
import subprocess
import sys
from base64 import encodebytes, urlsafe_b64decode
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.bench.exchange.departments import SERVICE, USCC, Departments, access_token, ask
from gateway.bench.machine import Place
from gateway.bench.programs import Cores, NotStarted, Program, started
from gateway.seals import create_master_key

ISSUER: Final = "https://share.example.gov.cn"
_SPKI_P256: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""What stands before x and y of a P-256 key in a SubjectPublicKeyInfo (RFC 5480)."""


@dataclass(slots=True)
class Ground:
    """Database and gateway processes of one run.

    Attributes:
        settings: environment of every gateway process.
        control: address of the control API.
        grant: the id of the measured grant.
        exchange: addresses of the processes that answer calls, in the order they were started.
    """

    folder: Path
    place: Place
    cores: Cores
    stack: ExitStack
    settings: dict[str, str] = field(default_factory=dict)
    control: str = ""
    grant: str = ""
    operations: list[str] = field(default_factory=list)
    exchange: list[str] = field(default_factory=list)
    beside: Program | None = None
    serving: list[Program] = field(default_factory=list)
    _people: dict[str, str] = field(default_factory=dict)

    @property
    def key_file(self) -> Path:
        """The calling system's private key."""
        return self.folder / "system.pem"

    @property
    def departments(self) -> Departments:
        """The people of the run at the control API."""
        return Departments(self.control, self.token_of)

    def start(self, upstream: str) -> None:
        """Migrate, start control and integrator, set up the grant, start one process for calls. Raises NotStarted, SetUpRefused."""
        master = self.folder / "master.key"
        create_master_key(master)
        self.settings |= {
            "GATEWAY__STORAGE__DSN": self.place.dsn,
            "GATEWAY__SECRETS__MASTER_KEY_FILE": str(master),
            "GATEWAY__PLATFORM__BASE_URL": ISSUER,
            "GATEWAY__IDENTITY__TOKEN_SECONDS": "600",
            **{f"GATEWAY__LISTEN__{name}_PORT": "0" for name in ("EXCHANGE", "CONTROL", "METRICS")},
        }
        self.run("migrate", "--data-dir", str(self.folder))
        self.start_beside()
        self.departments.register(self.key_file)
        self.grant = self.departments.grant(upstream)
        self.add()

    def start_beside(self) -> None:
        """The process with control and integrator. Raises NotStarted."""
        self.beside, found = self._serve("beside", self.cores.rest, "control", "integrator")
        self.control = found["control"]

    def add(
        self,
        cores: frozenset[int] | None = None,
        settings: Mapping[str, str] | None = None,
        module: str | None = None,
    ) -> Program:
        """One more process that answers calls.

        Args:
            module: a program to run in place of ``./gw serve``; it is given the folder for its addresses.

        Raises:
            NotStarted.
        """
        name = f"exchange-{len(self.serving) + 1}"
        program, found = self._serve(
            name, cores or self.cores.served, "exchange", settings=settings, module=module
        )
        self.serving.append(program)
        self.exchange.append(found["exchange"])
        self.operations.append(found["operations"])
        return program

    def token_of(self, login: str) -> str:
        """A person's token by ``./gw token --as``, made once."""
        if login not in self._people:
            said = self.run("token", "--as", login, "--json", "--data-dir", str(self.folder / "beside"))
            self._people[login] = str(json.loads(said)["access_token"])
        return self._people[login]

    def headers(self, service: str = SERVICE) -> dict[str, str]:
        """What a call carries, with a new token."""
        token = access_token(self.control, ISSUER, self.key_file, service)
        return {"Authorization": f"Bearer {token}"}

    def url(self, number: int = 0, service: str = SERVICE) -> str:
        """The measured call at one of the processes."""
        return f"{self.exchange[number]}/services/{service}?uscc={USCC}"

    def public_key(self, file: Path) -> Path:
        """Write the key that signs access tokens in PEM, for programs that check them too."""
        jwk = ask(self.control, "GET", "/.well-known/jwks.json")["keys"][0]
        point = b"".join(urlsafe_b64decode(jwk[name] + "==") for name in ("x", "y"))
        file.write_text(_pem(_SPKI_P256 + point))
        file.chmod(0o644)
        return file

    def run(self, *arguments: str) -> str:
        """A command of the gateway to its end; what it printed. Raises NotStarted: it failed."""
        done = subprocess.run(
            _gateway(*arguments),
            env={**os.environ, **self.settings},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotStarted(f"{arguments[0]}: {done.stderr}", f"{arguments[0]}：{done.stderr}")
        return done.stdout

    def _serve(
        self,
        name: str,
        cores: frozenset[int],
        *parts: str,
        settings: Mapping[str, str] | None = None,
        module: str | None = None,
    ) -> tuple[Program, dict[str, Any]]:
        data = self.folder / name
        data.mkdir(exist_ok=True)
        (data / "gateway.json").unlink(missing_ok=True)
        only = [word for part in parts for word in ("--only", part)]
        serve = _gateway("serve", *only, "--data-dir", str(data))
        command = [sys.executable, "-P", "-m", module, str(data)] if module else serve
        program = started(
            self.stack, name, command, self.folder, cores, {**self.settings, **(settings or {})}
        )
        program.wait_until((data / "gateway.json").exists)
        return program, json.loads((data / "gateway.json").read_text("utf-8"))


def _gateway(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "gateway", *arguments]


def _pem(der: bytes) -> str:
    return f"-----BEGIN PUBLIC KEY-----\n{encodebytes(der).decode()}-----END PUBLIC KEY-----\n"
