"""Ratings (好差评): what the department that uses a service thinks of it; a bad one must be answered.

Vocabulary: a *score* goes from 1 非常不满意 to 5 非常满意; 1 and 2 are *bad* 差评 and have a day until which the provider
answers what it found and does about it.
Invariants: a grant is rated once a month by its own department; who rates does not answer; a rating is never changed.
"""
