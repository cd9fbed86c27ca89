"""Merges Word files with the values of contacts.

    template = merging.compile(content)            # once per file; Unmergeable says in a sentence why not
    template.uses                                  # the merge fields: name and place of each
    letter = template.merge(Filling(values))       # .content: the .docx; .sha256: the hash of what it says
    merging.combine(template, fillings, file)      # one .docx for the printer, at most MOST_LETTERS letters
    merging.write_archive(letters, file)           # a zip with a file for each contact

Nothing here asks the database; `interactions.merge_fields` finds the values. The file has passed the upload gate.
"""

from interactions.models.choices import MergeEngine

from .combining import Compiled, MadeOnce, write
from .errors import Unmergeable
from .filling import Unsure, Use
from .mailmerge import MailMergeTemplate
from .naming import UniqueNames, archive_stem, letter_stem, stem, write_archive
from .scanning import Place
from .template import CompiledTemplate, Filling, Merged, content_hash

__all__ = [
    "MOST_LETTERS",
    "VERSION",
    "Filling",
    "Merged",
    "Place",
    "UniqueNames",
    "Unmergeable",
    "Use",
    "archive_stem",
    "combine",
    "compile",
    "content_hash",
    "letter_stem",
    "stem",
    "write_archive",
]

# Of what letters look like. A change that gives an old letter another hash gets a new number and keeps the old way.
VERSION = 1
# In one combined file; more would be slow to open.
MOST_LETTERS = 500


def compile(content, *, engine=""):
    """The Word file *content* (bytes) as a template: what has ``engine``, ``uses`` and ``merge(filling)``.

    Without *engine* (MergeEngine) the fast one is taken if it understands every field, else the thorough one; give the
    one that was stored with the file to make old letters again. Raises Unmergeable.
    """
    if engine != MergeEngine.MAILMERGE:
        try:
            return CompiledTemplate(content)
        except Unsure:
            pass
    return MailMergeTemplate(content)


def combine(template, fillings, file):
    """Write one .docx with a letter for each of *fillings* (a list, at most MOST_LETTERS) into *file* (binary, open).

    Each letter has its own sections, headers, footers, notes and page numbers.
    """
    if not 0 < len(fillings) <= MOST_LETTERS:
        raise ValueError(f"between 1 and {MOST_LETTERS} letters, not {len(fillings)}")
    way = Compiled if template.engine == MergeEngine.COMPILED else MadeOnce
    write(way(template, fillings), file)
