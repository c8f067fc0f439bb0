"""Liability signals (Decree 809 Art. 39–41): what in the gateway points to a breach, by the law's own list.

A signal is no finding: it names the article, the department, the thing and the day since when, and the query that
reproduces it. ``P39`` are providers', ``R40`` requesters', ``A41`` the authority's. Only what can be computed from what
the gateway holds is here.
"""

from gateway.authz.signals.service import Signals

__all__ = ["Signals"]
