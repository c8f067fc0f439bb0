"""Alerts on the audit log (审计告警): rules an administrator can read, each hit on record and told.

Vocabulary: a *rule* says what to look for (``config/alerts.toml``); a *hit* is a record that meets one; an *alert* stands for
all hits of one rule on one *key* (an actor, a grant, a writer) until somebody acknowledges it.
Invariants: no alert without its record ``alert.raised``, whose cause is the record that was hit; one alert is open per rule
and key; every record is looked at once, by one process at a time; alerts never raise alerts.
"""
