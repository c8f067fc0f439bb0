"""Every word a token is refused with is in the closed list that the metric is labelled by, and none is there in vain."""

import re
from pathlib import Path

from gateway.identity.jose import REASONS

ROOMS = [Path(__file__).parents[3] / "gateway" / name for name in ("identity", "exchange", "authz")]
WORD = re.compile(r'(?:\brefused\(\s*|\breason=)"([a-z-]+)"')


def test_the_list_of_reasons_is_what_the_code_says() -> None:
    said = {
        word for room in ROOMS for file in room.glob("*.py") for word in WORD.findall(file.read_text("utf-8"))
    }
    assert said == REASONS
