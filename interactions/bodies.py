"""Bodies of e-mails: a little HTML with merge fields as {{Contact_Name}}, and the plain text made from it (ADR 12).

A body is cleaned when it is stored and again when it is filled: a value never becomes markup or a link that runs anything.
"""

import re
from html.parser import HTMLParser

from django.utils.html import escape
from django.utils.translation import gettext

from interactions import merge_fields, showing
from interactions.merging.filling import Use
from interactions.merging.pictures import plain

MOST_CHARACTERS = 50_000
TAGS = (showing.TAGS - {"img"}) | {"a", "h1", "h2", "h3", "b", "i", "hr", "blockquote", "div", "span"}
ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
FIELD = re.compile(r"\{\{\s*([^{}<>]{1,100}?)\s*\}\}")
_MARKUP = re.compile(r"<[a-zA-Z/!]")
_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "ul", "ol", "table", "blockquote", "hr"})


class Line:
    """A place in a body, for people."""

    def __init__(self, number):
        self.number = number

    def __str__(self):
        # Translators: where a field of an e-mail stands.
        return gettext("line %(number)s") % {"number": self.number}


def clean(html):
    """*html* with nothing in it but what an e-mail needs."""
    return showing.clean(html, tags=TAGS, attributes=ATTRIBUTES, schemes=SCHEMES)


def from_typed(text):
    """The body that somebody typed: HTML cleaned; plain text as paragraphs."""
    text = text.replace("\r\n", "\n").strip()
    if text and not _MARKUP.search(text):
        paragraphs = re.split(r"\n\s*\n", escape(text))
        text = "\n".join(f"<p>{each}</p>".replace("\n", "<br>\n") for each in paragraphs)
    return str(clean(text))


def uses(html):
    """The merge fields of a body (merging.Use), each with its line."""
    return [
        Use(found[1], Line(number))
        for number, line in enumerate(html.split("\n"), 1)
        for found in FIELD.finditer(line)
    ]


def fill(html, frozen, *, marked=False):
    """The body *html* with the values of *frozen* (merge_fields.Frozen), cleaned. marked: values stand in <mark>."""

    def value(found):
        field = merge_fields.find(found[1])
        if field is None:
            return f'<mark class="unknown">«{found[1]}»</mark>' if marked else ""
        text = escape(plain(merge_fields.value_of(field, frozen), frozen.language)).replace("\n", "<br>")
        return f"<mark>{text}</mark>" if marked and text else text

    filled = FIELD.sub(value, html)
    return showing.clean(filled) if marked else clean(filled)


class _Words(HTMLParser):
    """The text of cleaned HTML, as people read it in a plain e-mail."""

    def __init__(self):
        super().__init__()
        self.parts, self.links = [], []

    def handle_starttag(self, tag, attrs):
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- " if self.parts else "- ")
        elif tag == "tr":
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            self.links.append((dict(attrs).get("href") or "", len(self.parts)))

    def handle_endtag(self, tag):
        if tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self.links:
            address, begin = self.links.pop()
            shown = "".join(self.parts[begin:]).strip()
            bare = address.removeprefix("mailto:").removeprefix("tel:")
            if bare and bare != shown:
                self.parts.append(f" ({bare})")

    def handle_data(self, data):
        self.parts.append(re.sub(r"\s+", " ", data))


def text_of(html):
    """The plain text that says what *html* (cleaned) says."""
    words = _Words()
    words.feed(html)
    words.close()
    lines = [re.sub(r" +", " ", line).strip() for line in "".join(words.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
