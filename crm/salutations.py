"""The text of a greeting, from the formula of a salutation and the name of a contact (R-85)."""

import re

_PLACE = re.compile(r"%([1-5])( ?)")


def greeting(pattern, parts):
    """*pattern* with %1 to %5 filled by *parts* (texts, in that order).

    A place whose part is empty goes with one blank beside it. A pattern without any text gives ''.
    """
    out = []
    end = 0
    for place in _PLACE.finditer(pattern):
        out.append(pattern[end : place.start()])
        end = place.end()
        number = int(place[1]) - 1
        part = parts[number].strip() if number < len(parts) else ""
        if part:
            out.append(part + place[2])
        elif not place[2] and "".join(out).endswith(" "):
            out = ["".join(out)[:-1]]
    return "".join([*out, pattern[end:]]).strip()
