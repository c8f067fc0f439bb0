"""Exit codes of every command; scripts rely on them, so a number never changes its meaning."""

from typing import Final

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
INDETERMINATE: Final = 3
UNAVAILABLE: Final = 4

INVALID: Final = 2
"""What the verifying commands (token, jwks, seal, cert) answer for a thing that is not valid."""
