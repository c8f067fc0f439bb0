"""What there is: the catalogue of information resources (信息资源目录).

Vocabulary: a *resource* 信息资源 has *items* 信息项 (its fields), a *sharing class* 共享类型, *parameters* of its
interface, some of them *controlled* 管控参数, and a *mount* 挂接 that says where the data is.
Invariants: a published resource was assessed, its department's head agreed, the platform reviewed it, and it is mounted
(unless it is not shared); 不予共享 stands on a law, an administrative regulation or a State Council decision; data of
grade 核心 and secrets are never published; a mount's secret leaves the database only to make a call.
"""

from gateway.catalog.acts import NoSuchResource, SelfApproval
from gateway.catalog.description import (
    DataItem,
    Description,
    Grade,
    ModeKind,
    Parameter,
    ParameterKind,
    SharingClass,
    TokenBinding,
)
from gateway.catalog.holders import Holder
from gateway.catalog.model import Resource, State
from gateway.catalog.mount import (
    AnyMount,
    BucketMount,
    FileMount,
    FolderMount,
    HttpMount,
    Mount,
    TableMount,
    UpperService,
)
from gateway.catalog.service import Catalog

__all__ = [
    "AnyMount",
    "BucketMount",
    "Catalog",
    "DataItem",
    "Description",
    "FileMount",
    "FolderMount",
    "Grade",
    "Holder",
    "HttpMount",
    "ModeKind",
    "Mount",
    "NoSuchResource",
    "Parameter",
    "ParameterKind",
    "Resource",
    "SelfApproval",
    "SharingClass",
    "State",
    "TableMount",
    "TokenBinding",
    "UpperService",
]
