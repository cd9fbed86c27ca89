"""The two indexes of an Office package: what kind each part is, and what each part refers to."""

import posixpath
import re
from typing import NamedTuple

from .archive import part_key
from .markup import Markup, read_markup
from .refusals import Refused

TYPES_PART = part_key("[Content_Types].xml")
PACKAGE = ""

# An address of its own, a share or an absolute path: not a part of this package, whatever its mode says.
_OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.\-]*:|\\|//)", re.IGNORECASE)


class Relation(NamedTuple):
    """One reference from the part *source* (a key, PACKAGE for the package itself).

    ``kind`` is the last word of its type in lower case, ``part`` the key of the part it leads to, empty when it leads
    outside, ``mode`` where it says it leads.
    """

    source: str
    id: str
    type: str
    target: str
    part: str
    mode: str

    @property
    def kind(self):
        return self.type.rstrip("/").rpartition("/")[2].lower()

    @property
    def is_external(self):
        return not self.part


class ContentTypes(Markup):
    """The kinds of all parts, as lower-case content types."""

    def __init__(self, budget):
        super().__init__(budget)
        self.by_part = {}
        self.by_ending = {}

    def actions(self, namespace, local):
        return {"Default": self._default, "Override": self._override}.get(local), None

    def of(self, key):
        """The content type of the part *key*; empty when none is declared."""
        return self.by_part.get(key) or self.by_ending.get(key.rpartition(".")[2], "")

    def declared(self):
        return {*self.by_part.values(), *self.by_ending.values()}

    def _default(self, attrib):
        self._declare(self.by_ending, attrib.get("Extension", "").casefold(), attrib)

    def _override(self, attrib):
        self._declare(self.by_part, part_key(attrib.get("PartName", "").removeprefix("/")), attrib)

    def _declare(self, types, key, attrib):
        self.budget.index()
        content_type = attrib.get("ContentType", "").strip().lower()
        if types.setdefault(key, content_type) != content_type:
            raise Refused("packing")


class _Relations(Markup):
    def __init__(self, budget, source):
        super().__init__(budget)
        self.source = source
        self.found = []

    def actions(self, namespace, local):
        return (self._relation if local == "Relationship" else None), None

    def _relation(self, attrib):
        self.budget.index()
        target, mode = attrib.get("Target", ""), attrib.get("TargetMode", "Internal")
        is_external = mode.strip().lower() != "internal" or _OUTSIDE.match(target)
        part = "" if is_external else _resolved(self.source, target)
        self.found.append(
            Relation(self.source, attrib.get("Id", ""), attrib.get("Type", "").strip(), target, part, mode)
        )


def read_content_types(archive):
    if TYPES_PART not in archive.members:
        raise Refused("damaged")
    types = ContentTypes(archive.budget)
    read_markup(archive.chunks(archive.members[TYPES_PART]), types)
    return types


def read_relations(archive):
    """Every relation of the package, in the order of the file."""
    found = []
    for key, member in archive.members.items():
        if is_relations_part(key):
            reader = _Relations(archive.budget, _source_of(key))
            read_markup(archive.chunks(member), reader)
            found += reader.found
    return found


def is_relations_part(key):
    return key.endswith(".rels")


def relations_part_of(source):
    """The key of the part that holds the relations of *source*."""
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _source_of(key):
    folder, name = posixpath.split(key)
    if posixpath.basename(folder) != "_rels":
        raise Refused("packing")
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))


def _resolved(source, target):
    """The key of the part *target* means when *source* refers to it; a place in the source itself is the source."""
    path = target.split("#")[0]
    if not path:
        return source or "/"
    path = path if path.startswith("/") else posixpath.join(posixpath.dirname(source), path)
    segments = []
    for segment in path.split("/"):
        if segment == ".." and not segments:
            raise Refused("part_path")
        if segment == "..":
            segments.pop()
        elif segment not in {"", "."}:
            segments.append(segment)
    return part_key("/".join(segments))
