"""A token of SoftHSM2 on a throw-away directory, where the machine has it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

MODULES = [
    Path(folder) / "softhsm" / "libsofthsm2.so"
    for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu")
]
MODULE = next((found for found in MODULES if found.exists()), None)
PIN = "1234"
needs_softhsm = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None,
    reason="SoftHSM2 (package softhsm2) is not installed",
)


@contextmanager
def softhsm(folder: Path) -> Iterator[Path]:
    """The module, with a token ``gateway`` that holds a P-256 pair ``gateway seal`` and a P-384 pair ``long``."""
    pkcs11: Any = import_module("pkcs11")
    assert MODULE is not None
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    made = ["softhsm2-util", "--init-token", "--free", "--label", "gateway", "--so-pin", "5678", "--pin", PIN]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOFTHSM2_CONF", str(configuration))
        assert os.environ["SOFTHSM2_CONF"]
        subprocess.run(made, check=True, capture_output=True)
        library = pkcs11.lib(str(MODULE))
        library.reinitialize()
        with library.get_token(token_label="gateway").open(user_pin=PIN, rw=True) as session:
            for label, curve in (("gateway seal", "secp256r1"), ("long", "secp384r1")):
                named = import_module("pkcs11.util.ec").encode_named_curve_parameters(curve)
                given = {pkcs11.Attribute.EC_PARAMS: named}
                parameters = session.create_domain_parameters(pkcs11.KeyType.EC, given, local=True)
                parameters.generate_keypair(store=True, label=label)
        yield MODULE
