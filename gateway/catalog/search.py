"""Words to search by: pairs of neighbouring signs, because Chinese has no blanks between words.

One function for what is stored and what is asked, so both sides always agree.
"""

import re
import unicodedata

from gateway.catalog.description import Description

_RUN = re.compile(r"\w+")


def wording(*texts: str) -> str:
    """The texts as compared: compatibility-folded, lower case, one line."""
    return "\n".join(unicodedata.normalize("NFKC", text).casefold() for text in texts)


def terms(folded: str) -> list[str]:
    """All pairs of neighbouring word signs in a :func:`wording`, sorted, each once."""
    found: set[str] = set()
    for run in _RUN.findall(folded):
        found.update(run[at : at + 2] for at in range(len(run) - 1))
    return sorted(found)


def wording_of(what: Description) -> str:
    """What an entry is found by: name, code, service, summary, classification, titles and names of its items."""
    titles = [title for item in what.items for title in (item.title, item.name)]
    return wording(what.name, what.code, what.service, what.summary, *what.classification, *titles)


def mark(facet: str, value: str) -> str:
    """The search term of a facet's value; longer than any pair of signs, so the two never meet."""
    return f"{facet}={value}"


def terms_of(what: Description, provider_org: str) -> list[str]:
    """All search terms of an entry: pairs of its :func:`wording_of`, and marks of what lists are filtered by.

    Filters are terms too, because a frequent word with a rare filter is then as quick to find as a rare word.
    """
    levels = dict(zip(("classification", "group"), what.classification, strict=False))
    facets = {
        "provider_org": provider_org, "sharing_class": what.sharing_class, "format": what.format,
        "update_cycle": what.update_cycle, "grade": what.grade, "open": str(what.open_to_public).lower(), **levels,
    }  # fmt: skip
    return terms(wording_of(what)) + [mark(facet, value) for facet, value in facets.items()]
