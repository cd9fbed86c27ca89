"""How names and questions are made alike before they are compared: no case, no accents, no special letters.

The search column of contacts is written with `fold` and asked with `words`, so both sides always agree.
"""

import re
from unicodedata import combining, normalize

MOST_WORDS = 12
LONGEST_WORD = 64

# Letters that Unicode does not take apart into a base letter and a mark.
OWN_MAP = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
    }
)

WORD = re.compile(r"\w+")


def fold(text):
    """*text* as it is searched: "Łódź, Ёлкина" becomes "lodz, елкина". Folding twice changes nothing more."""
    plain = normalize("NFKD", normalize("NFKD", text).casefold())
    # The second round takes apart what the first one uncovered (a capital of a special letter, a letter in a circle).
    plain = normalize("NFKD", plain.translate(OWN_MAP).casefold())
    return "".join(character for character in plain if not combining(character))


def words(text):
    """The folded words of *text* as a list: at most 12, each cut at 64 characters."""
    return [word[:LONGEST_WORD] for word in WORD.findall(fold(text))[:MOST_WORDS]]
