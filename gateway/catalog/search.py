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
