"""Who appears in the story: departments, people and the one application system. All are invented.

The platform's department and its three administrators are there from the gateway's first start.
"""

from dataclasses import dataclass
from typing import Final

from gateway.deadlines import Line
from gateway.identity import Role

REGION: Final = "621000"
"""庆阳市 (GB/T 2260)."""


@dataclass(frozen=True, slots=True)
class Department:
    """部门: 统一社会信用代码 and name."""

    code: str
    name: Line


@dataclass(frozen=True, slots=True)
class Person:
    """人员 and the department and roles to register them with; administrators are there already."""

    login: str
    name: Line
    department: Department | None
    roles: tuple[Role, ...] = ()


NATURAL_RESOURCES: Final = Department(
    "11621000MB9D00105C", Line("Bureau of Natural Resources (demo)", "庆阳市自然资源局（演示）")
)
MARKET: Final = Department(
    "11621000MB9D00201M", Line("Market Regulation Bureau (demo)", "庆阳市市场监管局（演示）")
)
CIVIL_AFFAIRS: Final = Department(
    "11621000MB9D003081", Line("Civil Affairs Bureau (demo)", "庆阳市民政局（演示）")
)
DATA_CENTRE: Final = Department(
    "12621000MB9D004047", Line("Government Data Centre (demo)", "庆阳市数据资源中心（演示）")
)
DEPARTMENTS: Final = (NATURAL_RESOURCES, MARKET, CIVIL_AFFAIRS, DATA_CENTRE)

PLATFORM_ADMIN: Final = Person("platform-admin", Line("platform administrator", "平台管理员"), None)
SECURITY_ADMIN: Final = Person("security-admin", Line("security administrator", "安全管理员"), None)
AUDITOR: Final = Person("auditor", Line("auditor", "审计管理员"), None)
ADMINISTRATORS: Final = (PLATFORM_ADMIN, SECURITY_ADMIN, AUDITOR)

REQUESTER: Final = Person(
    "zrzy-jingban",
    Line("clerk of Natural Resources", "自然资源局经办人"),
    NATURAL_RESOURCES,
    (Role.REQUESTER,),
)
MARKET_APPROVER: Final = Person(
    "scjg-shenpi", Line("approver of Market Regulation", "市场监管局审批人"), MARKET, (Role.PROVIDER,)
)
CIVIL_APPROVER: Final = Person(
    "mzj-shenpi", Line("approver of Civil Affairs", "民政局审批人"), CIVIL_AFFAIRS, (Role.PROVIDER,)
)
CENTRE_EDITOR: Final = Person(
    "sjzx-bianmu",
    Line("catalogue editor of the Data Centre", "数据资源中心编目人"),
    DATA_CENTRE,
    (Role.PROVIDER,),
)
PEOPLE: Final = (REQUESTER, MARKET_APPROVER, CIVIL_APPROVER, CENTRE_EDITOR)

SYSTEM: Final = "realty-registration"
SYSTEM_NAME: Final = "不动产登记系统"
CALLER: Final = Line(f"real-estate registration system {SYSTEM}", f"{SYSTEM_NAME} {SYSTEM}")


def department_name(code: str) -> Line:
    """The name of one of the departments; its code where it is none of them."""
    return next((one.name for one in DEPARTMENTS if one.code == code), Line(code, code))
