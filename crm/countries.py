"""Countries and regions by their ISO 3166 code, in the language of the page."""

import re
from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language

from .folding import fold

CODE = re.compile("[A-Z]{2}")
NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}  # unions, outlying and pseudo territories


def country_name(code):
    """Spain of ES; a code that nobody knows as it is."""
    return _countries(get_language() or "en").get(code, code)


def country_choices(*also):
    """[(code, name), …] by name, with the codes *also* among them."""
    known = _countries(get_language() or "en")
    return [*known.items(), *((code, code) for code in dict.fromkeys(also) if code and code not in known)]


@lru_cache(maxsize=8)
def _countries(page_language):
    names = Locale.parse(page_language, sep="-").territories
    pairs = ((code, name) for code, name in names.items() if CODE.fullmatch(code) and code not in NO_COUNTRY)
    return dict(sorted(pairs, key=lambda pair: fold(pair[1])))
