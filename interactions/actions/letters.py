"""Word files as letters: what an upload can be filled with, and the template behind a stored file."""

from dataclasses import dataclass
from functools import lru_cache

from django.core.files.storage import default_storage

from interactions import merge_fields, merging

MERGEABLE = frozenset({"docx", "dotx"})


@dataclass(frozen=True)
class Examined:
    """What is in an uploaded file.

    engine: what will merge it (MergeEngine); '' when it has no merge fields, or cannot be merged.
    uses: its merge fields (merging.Use).  unknown: those that nothing is known of (merge_fields.Unknown).
    problem: one sentence that says why it cannot be merged, else ''.
    """

    engine: str = ""
    uses: tuple = ()
    unknown: tuple = ()
    problem: str = ""


def examine(accepted):
    """Look into an accepted file (`check_upload`); one that is no Word file has no merge fields."""
    if accepted.extension not in MERGEABLE:
        return Examined()
    try:
        template = merging.compile(accepted.content)
    except merging.Unmergeable as problem:
        return Examined(problem=problem.for_user)
    if not template.uses:
        return Examined()
    return Examined(
        engine=template.engine, uses=template.uses, unknown=tuple(merge_fields.unknown(template.uses))
    )


def template_of(attachment):
    """The template of a stored file, read once for all letters of a run; None when it has no merge fields.

    The last few are kept, for letters of several languages in turn.
    """
    if not attachment.merge_engine:
        return None
    return _template(attachment.file.name, attachment.merge_engine)


def findings_of(attachment):
    """(merge fields that nobody knows (merge_fields.Unknown), why it cannot be merged or '') of a stored file."""
    if attachment.extension not in MERGEABLE:
        return [], ""
    if attachment.merge_engine:
        return merge_fields.unknown(template_of(attachment).uses), ""
    problem = _problem(attachment.file.name)
    return [], problem.for_user if problem else ""


@lru_cache(maxsize=64)
def _problem(path):
    with default_storage.open(path) as file:
        content = file.read()
    try:
        merging.compile(content)
    except merging.Unmergeable as problem:
        return merging.Unmergeable(problem.code, **problem.values)  # without the frames that hold the file
    return None


@lru_cache(maxsize=8)
def _template(path, engine):
    with default_storage.open(path) as file:  # a path names its content, so it is never old
        return merging.compile(file.read(), engine=engine)
