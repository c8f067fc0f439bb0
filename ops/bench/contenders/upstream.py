"""The provider all contenders forward to: one fixed 2 KB JSON answer, as cheap as Python can make it.

With ``--body`` it only prints the answer, for a server in C to give where there is one.
"""

import asyncio
import json
import sys

import uvloop

RECORD = {
    "uscc": "9144030071526726XG",
    "name": "示例企业有限公司",
    "legal_person": "张三",
    "id_number": "11010519491231002X",
    "phone": "13812348000",
    "address": "甘肃省庆阳市西峰区示例路一号",
    "filler": "x" * 1650,
}
BODY = json.dumps({"data": [RECORD]}, ensure_ascii=False).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)


class Answer(asyncio.Protocol):
    """Answers every request head it sees; requests carry no body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.seen = b""

    def data_received(self, data: bytes) -> None:
        self.seen += data
        while b"\r\n\r\n" in self.seen:
            _, _, self.seen = self.seen.partition(b"\r\n\r\n")
            self.transport.write(HEAD + BODY)  # type: ignore[attr-defined]


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Answer, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "--body":
        sys.stdout.buffer.write(BODY)
    else:
        uvloop.run(main(int(sys.argv[1])))
