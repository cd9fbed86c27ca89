"""What the files of letters are called (R-68), and the archive they come in."""

import zipfile

from django.utils.translation import gettext

from interactions.gate.names import display_name

_DATE = (1980, 1, 1, 0, 0, 0)
# Leaves room for a number and an ending within what file systems take.
MAX_STEM = 120


def stem(text):
    """*text* as a file may be called, without ending; "Letter" when nothing is left of it."""
    plain = text.replace("/", "-").replace("\\", "-").strip(" .")
    # An ending is hung on, so that no part of the name is taken for one.
    shown = display_name(f"{plain}.docx").removesuffix(".docx") if plain else ""
    # Translators: the name of a file with a letter in it.
    return shown[:MAX_STEM].strip(" .") or gettext("Letter")


def letter_stem(*, company, person):
    """The name of one contact's letter among many: "<company> - <person>", or the one name there is."""
    both = [name.strip() for name in (company, person) if name.strip()]
    return stem(" - ".join(dict.fromkeys(both)))


def archive_stem(segment_no):
    """The name of the archive with the letters of a segment."""
    # Translators: the name of a file; %(no)s is the number of a segment, such as SM00021.
    return stem(gettext("Segment %(no)s") % {"no": segment_no})


class UniqueNames:
    """Names within one folder or archive: the second "Ana" is "Ana (2)", whatever its case."""

    def __init__(self):
        self._taken = {}

    def give(self, name):
        count = self._taken.get(name.casefold(), 0)
        while True:
            count += 1
            given = name if count == 1 else f"{name} ({count})"
            if count == 1 or given.casefold() not in self._taken:
                break
        self._taken[name.casefold()] = count
        self._taken.setdefault(given.casefold(), 1)
        return given


def write_archive(letters, file, *, extension="docx"):
    """Write *letters*, pairs of a name without ending and bytes, into a zip in *file* (binary, open); return how many.

    One letter is held at a time. They are deflated already, so they are stored.
    """
    names, count = UniqueNames(), 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in letters:
            archive.writestr(zipfile.ZipInfo(f"{names.give(stem(name))}.{extension}", _DATE), content)
            count += 1
    return count
