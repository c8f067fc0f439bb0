"""One source per datum (一数一源): what items mean, which department is the source, and conflicts to settle.

Vocabulary: an *element* 数据元 is what an item means, known by a code of a national or local dictionary; a *claim* says
that an item of a resource is that element, as its *source* 数据来源 or as a *copy* of the lead source; the *lead source*
数源部门 is the department the authority named for an element (Decree 809 Art. 19).
Invariants: an item means one element; a second department's item of one element is not published before the
authority named the lead source, and then only as a copy of it; each naming has its reason and its audit record.
"""

from gateway.catalog.sources.model import Claim, Element, Position, Standing

__all__ = ["Claim", "Element", "Position", "Standing"]
