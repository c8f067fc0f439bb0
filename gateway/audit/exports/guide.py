"""The page that lies in every pack: what the files are and how to check them."""

import textwrap
from typing import Final

from gateway.audit.exports.model import Plan
from gateway.proof.event import MEMBERS

_TEXT: Final = """\
Evidence from the audit log {origin}
审计日志 {origin} 的举证包

records.ndjson   the records, one a line; a line without "event" hides what its record says
                 记录，每行一条；无 event 的行仅示位置与摘要
                 the members of "event" in their order / event 各项依次为：
                 {members}
checkpoint.txt   what the log signed of itself: {size} records and their root
                 日志对自身的签名：{size} 条记录及其树根
proof.txt        leads from the records to that root
                 由记录推得该树根的证明
pack.json        what was asked for, the complete ranges, the digest of every file
                 导出要求、完整范围与各文件摘要
records.csv, records.xlsx   the same records as tables, if asked for
                 同一记录的表格（按要求提供）

Check it with the checker file and the policy (or the log's key) that you got another way than this pack:
请使用由其他途径取得的核验程序与信任策略（或日志公钥）核验：

    python3 checker pack verify THIS.zip --policy policy.txt

It says what the pack shows, and where the first thing stands that does not fit.
核验程序说明本包证明了什么；如有不符，指出首个不符之处。
"""


def guide(plan: Plan) -> str:
    """The page, in both languages."""
    members = textwrap.fill(", ".join(MEMBERS), 100, subsequent_indent=" " * 17)
    return _TEXT.format(origin=plan.origin, size=plan.size, members=members)
