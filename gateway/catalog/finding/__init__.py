"""Finding entries among hundreds of thousands: words, code, filters, counts for each filter's values.

A word of two Chinese characters is its own search term; longer ones are looked up by their pairs of neighbouring signs
and then compared. Most words are either frequent, and then enough entries stand near the beginning of the list, or
rare, and then the index on terms finds them all; so a search first looks at the next few hundred entries in the
order of codes, goes on there if they hold the word often enough, and otherwise asks the index.
"""

from gateway.catalog.finding.model import FACETS, Facet, Facets, Search, Sight

__all__ = ["FACETS", "Facet", "Facets", "Search", "Sight"]
