"""Trying a mount: the source is really asked with sample parameters, and what comes is held against the description.

Vocabulary: a *trial* 挂接测试 reads a few records; a *misfit* 不符项 is one way in which they differ from what the catalogue
says; the *sample* 样例 is shown with its sensitive values masked.
Invariants: only the own department tries its mount; nothing unmasked leaves; every trial leaves a record; a secret is
not read at all.
"""

from gateway.catalog.trials.service import Source, Trials

__all__ = ["Source", "Trials"]
