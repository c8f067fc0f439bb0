"""A time-stamping authority of openssl's own (``openssl ts``), behind a real HTTP process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = """
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ts]
default_tsa = one
[one]
serial = tsserial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
AUTHORITY = """
id = "tsa"
name = "时间戳服务机构"
enabled = true
certificates = ["root.pem"]
uses = ["timestamp"]
algorithms = ["RSA"]
revocation = "when_known"
recognised_from = 2020-01-01
"""
# twist: what the authority does wrong; the first argument names it
SERVER = """
import http.server, subprocess, sys

class Authority(http.server.BaseHTTPRequestHandler):
    kept = b""

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        right = self.headers["Content-Type"] == "application/timestamp-query"
        open("q", "wb").write(asked)
        subprocess.run(["openssl", "ts", "-reply", "-config", "c.cnf", "-section", "one", "-queryfile", "q", "-signer", "tsa.pem",
                        "-inkey", "tsa.key", "-out", "reply"], check=True, capture_output=True)
        reply = open("reply", "rb").read()
        if sys.argv[1] == "replays":
            Authority.kept = reply = Authority.kept or reply
        if sys.argv[1] == "damages":
            reply = reply[:-9] + bytes([reply[-9] ^ 1]) + reply[-8:]
        if sys.argv[1] == "refuses":
            reply = bytes.fromhex("30053003020102")
        self.send_response(200 if right else 415)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Authority)
print(server.server_port, flush=True)
server.serve_forever()
"""


def make(folder: Path) -> None:
    """Keys and certificates; ``folder/authorities`` is what a gateway that recognises it has."""
    (folder / "authorities").mkdir(parents=True)
    (folder / "c.cnf").write_text(CONFIG)
    (folder / "tsserial").write_text("01")
    (folder / "authorities" / "tsa.toml").write_text(AUTHORITY)
    run(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-subj", "/CN=root", "-days", "30",
        "-out", "authorities/root.pem", "-config", "c.cnf", "-extensions", "root")  # fmt: skip
    run(folder, "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-subj", "/CN=tsa", "-out", "tsa.csr",
        "-config", "c.cnf")  # fmt: skip
    run(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "authorities/root.pem", "-CAkey", "root.key", "-CAcreateserial",
        "-days", "20", "-out", "tsa.pem", "-extfile", "c.cnf", "-extensions", "tsa", "-sha256")  # fmt: skip


def run(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=30)


@contextmanager
def stamping(folder: Path, twist: str = "") -> Iterator[str]:
    """The running authority's address."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, twist], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/tsr"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
