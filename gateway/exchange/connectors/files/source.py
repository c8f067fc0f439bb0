"""What a file is to those who read it, wherever it lies."""

from typing import Protocol

from gateway.errors import NotFound
from gateway.web.outbound import UpstreamInvalid


class Source(Protocol):
    """An opened file."""

    @property
    def size(self) -> int:
        """Bytes, when it was opened."""
        ...

    @property
    def identity(self) -> str:
        """A text that is another once the content is."""
        ...

    async def read(self, start: int, length: int) -> bytes:
        """Exactly ``length`` bytes. Raises Upstream: also once the file is no longer the one that was opened."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...


class FileNotThere(NotFound):
    """The providing department has no such file（提供部门没有该文件）."""

    remedy = (
        "Check the parameters; if they are right, ask the providing department when the file will be there.",
        "请核对参数；如无误，请与提供部门确认文件是否已生成。",
    )


def changed() -> UpstreamInvalid:
    """The refusal to go on with a file that was replaced or written to while it was read."""
    return UpstreamInvalid("the file changed while it was read", "文件在读取过程中发生变化")
