"""Who a request comes from, once proved."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """An identified person (人员) or application system (应用系统).

    ``org`` is the department's 统一社会信用代码; ``roles`` are role names; ``how`` says what proved it.
    """

    kind: str
    id: str
    org: str
    roles: frozenset[str]
    address: str
    how: str
