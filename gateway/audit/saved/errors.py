"""What can go wrong with kept queries."""

from gateway.errors import Conflict, NotFound


class NoSuchSavedQuery(NotFound):
    """There is no such saved query, or it is not yours（没有该已存查询，或无权查看）."""


class QueryNameTaken(Conflict):
    """You have saved a query under this name（您已有同名的已存查询）."""

    remedy = ("Choose another name, or delete the older query first.", "请更换名称，或先删除原查询。")
