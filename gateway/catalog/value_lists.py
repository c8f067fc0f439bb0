"""The value lists of 发改高技〔2017〕1272号 and Decree 809 Art. 13–15, as the catalogue stores them."""

from enum import StrEnum
from typing import Final


class SharingClass(StrEnum):
    """共享类型 (Decree 809 Art. 14)."""

    UNCONDITIONAL = "unconditional"
    """无条件共享."""
    CONDITIONAL = "conditional"
    """有条件共享."""
    NOT_SHARED = "not_shared"
    """不予共享."""


class BasisKind(StrEnum):
    """What may forbid sharing: nothing below these (Decree 809 Art. 14)."""

    LAW = "law"
    """法律."""
    REGULATION = "administrative_regulation"
    """行政法规."""
    DECISION = "state_council_decision"
    """国务院决定."""


class Grade(StrEnum):
    """数据分级 (GB/T 43697-2024)."""

    GENERAL = "general"
    """一般."""
    IMPORTANT = "important"
    """重要."""
    CORE = "core"
    """核心: never shared through this gateway."""


class TokenBinding(StrEnum):
    """What a resource asks of the tokens it is called with (RFC 9449, RFC 8705)."""

    BEARER = "bearer"
    """Whoever holds the token may call."""
    SENDER_CONSTRAINED = "sender_constrained"
    """Only whoever holds the key it is bound to: by DPoP, or by a client certificate."""


class Secrecy(StrEnum):
    """What is no government data by Decree 809 Art. 3 and must not enter: neither listed nor mounted."""

    STATE_SECRET = "state_secret"
    """国家秘密."""
    WORK_SECRET = "work_secret"
    """工作秘密."""


class DataType(StrEnum):
    """数据类型 of an item (1272 号)."""

    TEXT = "C"
    NUMBER = "N"
    MONEY = "Y"
    DATE = "D"
    DATETIME = "T"
    BOOLEAN = "L"
    NOTE = "M"
    GENERIC = "G"
    DOUBLE = "B"
    INTEGER = "I"
    FLOAT = "F"
    CUSTOM = "U"
    """自定义: named by ``custom_type``."""


class UpdateCycle(StrEnum):
    """更新周期."""

    REALTIME = "realtime"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    IRREGULAR = "irregular"
    """不定期."""
    OTHER = "other"
    """其他."""


class ModeKind(StrEnum):
    """共享方式 on the platform: 接口, 库表, 文件."""

    INTERFACE = "interface"
    TABLE = "table"
    FILE = "file"


class FormatKind(StrEnum):
    """格式分类."""

    ELECTRONIC_FILE = "electronic_file"
    SPREADSHEET = "spreadsheet"
    DATABASE = "database"
    IMAGE = "image"
    STREAM = "stream"
    SELF_DESCRIBING = "self_describing"
    SERVICE = "service"


class OtherWay(StrEnum):
    """共享方式分类 beside the platform: a further way by which the department hands the data over itself."""

    MAIL = "mail"
    """邮件方式."""
    MEDIUM = "medium"
    """介质（拷盘）方式."""


class ContentKind(StrEnum):
    """What the values of an item are: how a sample is masked, and which check digits they carry."""

    ORG_CODE = "org_code"
    """统一社会信用代码 (GB 32100)."""
    ID_NUMBER = "id_number"
    """公民身份号码 (GB 11643)."""
    PERSON_NAME = "person_name"
    """姓名."""
    PHONE = "phone"
    """电话号码."""
    BANK_CARD = "bank_card"
    """银行卡号."""
    ADDRESS = "address"
    """住址."""
    EMAIL = "email"
    """电子邮箱."""


FORMAT_TYPES: Final[dict[FormatKind, tuple[str, ...]]] = {
    FormatKind.ELECTRONIC_FILE: ("OFD", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt"),
    FormatKind.SPREADSHEET: ("et", "xls", "xlsx", "csv"),
    FormatKind.DATABASE: (
        "Dm", "KingbaseES", "access", "dbf", "dbase", "sysbase", "oracle", "sql server", "db2", "mysql", "postgresql",
    ),
    FormatKind.IMAGE: ("jpg", "gif", "bmp", "png", "tif"),
    FormatKind.STREAM: ("swf", "rm", "mpg", "mp4"),
    FormatKind.SELF_DESCRIBING: (),
    FormatKind.SERVICE: ("json", "xml"),
}  # fmt: skip
"""格式类型 of each 格式分类: those of 1272号 and what is met since; 自描述格式 names its own."""

FORMAT_MODES: Final[dict[FormatKind, tuple[ModeKind, ...]]] = {
    FormatKind.ELECTRONIC_FILE: (ModeKind.FILE,),
    FormatKind.SPREADSHEET: (ModeKind.FILE,),
    FormatKind.IMAGE: (ModeKind.FILE,),
    FormatKind.STREAM: (ModeKind.FILE,),
    FormatKind.DATABASE: (ModeKind.TABLE, ModeKind.INTERFACE),
    FormatKind.SERVICE: (ModeKind.INTERFACE,),
    FormatKind.SELF_DESCRIBING: (ModeKind.FILE, ModeKind.TABLE, ModeKind.INTERFACE),
}
"""How data of a format is shared on the platform: a file as 文件, a database as 库表 or 接口."""

STRICTNESS: Final = {SharingClass.UNCONDITIONAL: 0, SharingClass.CONDITIONAL: 1, SharingClass.NOT_SHARED: 2}
"""Sharing classes from the freest to the strictest."""

GRADE_RANK: Final = {Grade.GENERAL: 0, Grade.IMPORTANT: 1, Grade.CORE: 2}
"""Grades from the lowest to the highest."""
