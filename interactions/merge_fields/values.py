"""Values that are put together: countries, address blocks, salutations."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext

from crm.countries import country_name
from crm.languages import language_name
from crm.salutations import greeting

from .frozen import formula_of

# Where the post code stands before the city; elsewhere it stands behind.
_POST_CODE_LAST = frozenset({"AU", "CA", "NZ", "US"})
_POST_CODE_BELOW = frozenset({"GB", "IE"})


def country_in(code, language):
    """The name of a country in the language of the letter; in that of the page when it is not known."""
    return _territories(language).get(code) or country_name(code)


@lru_cache(maxsize=64)
def _territories(language):
    try:
        return Locale.parse(language, sep="-").territories
    except (ValueError, UnknownLocaleError):
        return {}


def country(group):
    """The value of a field that names the country of *group*."""
    return lambda frozen: country_in(frozen[f"{group}.country"], frozen.language)


def mail_address(frozen):
    """The block on the envelope, a line for each part there is. The country only when the letter goes abroad."""
    company, name = frozen["contact.company_name"], frozen["contact.name"]
    lines = [company if frozen.is_person else "", name, frozen["contact.name_2"]]
    lines += [frozen["contact.address"], frozen["contact.address_2"]]
    lines += _city(*(frozen[f"contact.{part}"] for part in ("country", "post_code", "city", "county")))
    if frozen["contact.country"] and frozen["contact.country"] != frozen["company.country"]:
        lines.append(country("contact")(frozen))
    return "\n".join(line for line in lines if line)


def _city(country, post_code, city, county):
    if country in _POST_CODE_BELOW:
        return [city, county, post_code]
    if country in _POST_CODE_LAST:
        area = " ".join(filter(None, [county, post_code]))
        return [", ".join(filter(None, [city, area]))]
    return [" ".join(filter(None, [post_code, city])), county]


def mail_to(frozen):
    """Where an e-mail of this interaction goes (R-42)."""
    return frozen["contact.email"]


def salutation(kind):
    """The value of a field with a greeting of *kind*: FORMAL or INFORMAL (R-85)."""

    def text(frozen):
        pattern, parts = formula_of(frozen[f"contact.salutation_{kind.lower()}"])
        return greeting(pattern, [frozen[f"contact.{part}"] if part else "" for part in parts])

    return text


def salutation_warning(kind, frozen):
    """A sentence when there is no greeting of *kind* for this contact, else ''."""
    pattern, _parts = formula_of(frozen[f"contact.salutation_{kind.lower()}"])
    if pattern:
        return ""
    values = {
        "contact": frozen["contact.name"],
        "salutation": frozen["contact.salutation__code"],
        "language": language_name(frozen.language),
    }
    if not values["salutation"]:
        return gettext("%(contact)s has no salutation. The greeting stays empty.") % values
    if kind == "FORMAL":
        # Translators: %(salutation)s is a code such as F-MAR, %(language)s the name of a language.
        return (
            gettext(
                "%(contact)s: the salutation %(salutation)s has no formal formula for letters in %(language)s. "
                "The greeting stays empty."
            )
            % values
        )
    # Translators: %(salutation)s is a code such as F-MAR, %(language)s the name of a language.
    return (
        gettext(
            "%(contact)s: the salutation %(salutation)s has no informal formula for letters in %(language)s. "
            "The greeting stays empty."
        )
        % values
    )
