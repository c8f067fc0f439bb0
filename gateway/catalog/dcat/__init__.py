"""The catalogue in DCAT 3 (W3C Recommendation, 22 August 2024) as JSON-LD, after the profile DCAT-AP 3.0.

Vocabulary: an entry is a *dataset*; where its data can be had, its *distribution*; an interface is a *data service*
too; what the gateway itself keeps about an entry is its *catalog record*. Every node is named by an address of this
gateway and typed in the document, so it is understood without fetching anything.
"""

from gateway.catalog.dcat.desk import DcatDesk

__all__ = ["DcatDesk"]
