"""Numbers and codes in addresses (architecture 4)."""

import re
from urllib.parse import unquote_to_bytes

from django.urls import register_converter

ESCAPED = re.compile("~[0-9A-F]{2}")


class CodeConverter:
    """A code as one part of a path: letters, digits, - and _ stand for themselves, the rest is ~ and two hex digits.

    "A/B" <-> "A~2FB". Codes are upper-case: a lower-case letter is escaped too, so a word such as `new` is never the
    address of a code. `to_python` takes only what `to_url` writes; anything else is no match.
    """

    regex = r"(?:[\w-]|~[0-9A-F]{2})+"

    def to_python(self, value):
        try:
            code = unquote_to_bytes(ESCAPED.sub(lambda found: "%" + found[0][1:], value)).decode()
        except UnicodeError as error:
            raise ValueError(value) from error
        if (
            self.to_url(code) != value or "\0" in code
        ):  # no database has a code with NUL, and PostgreSQL refuses it
            raise ValueError(value)
        return code

    def to_url(self, value):
        return "".join(
            character if stands_for_itself(character) else escape(character) for character in str(value)
        )


def stands_for_itself(character):
    return character in "-_" or (character.isalnum() and character == character.upper())


def escape(character):
    return "".join(f"~{byte:02X}" for byte in character.encode())


register_converter(CodeConverter, "code")
