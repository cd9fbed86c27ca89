"""Where a click in a document may lead: to the web, to a mail, to a telephone; never to a program or the reader's disk."""

import re

from .refusals import Refused

# Another scheme ("javascript:", "file:", "search-ms:", a drive), a share or a path from the root.
_ELSEWHERE = re.compile(
    r"[\x00-\x20]*+(?!(?:https?|ftps?|mailto|tel|sms|cid):)(?:[^/?#\\]*:|[\\/])", re.IGNORECASE
)
SHOWN = 80


def refuse_dangerous_link(address):
    """Refuses *address* unless it is harmless to click on. A place in the document and a relative path are."""
    if _ELSEWHERE.match(address):
        raise Refused("link", link=" ".join(address.split())[:SHOWN])
