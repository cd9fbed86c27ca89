"""A Word file with every merge field, to start a template from (MI-076)."""

import datetime as dt
import io

from django.utils.translation import gettext

from .registry import by_group

_MADE = dt.datetime(2026, 1, 1)  # noqa: DTZ001 Word keeps no zone; the same fields give the same file


def starter_file(language=""):
    """The .docx as bytes: a heading for each group, a row for each field, under its name in *language* ('' for English)."""
    # Here, because the library takes a while to load and every process of the program reads this module.
    from docx import Document
    from docx.shared import Pt

    document = Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = _MADE
    # Translators: title of a Word file.
    properties.title = gettext("All merge fields")
    document.add_paragraph(
        gettext("Copy the fields that you need into your letter, and delete the rest.")
    ).paragraph_format.space_after = Pt(12)
    for group, fields in by_group():
        document.add_heading(str(group.label), level=2)
        table = document.add_table(rows=0, cols=2)
        for field in fields:
            label, value = table.add_row().cells
            label.text = str(field.label)[:1].upper() + str(field.label)[1:]
            add_merge_field(value.paragraphs[0], field.name_in(language))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def add_merge_field(paragraph, name):
    """Append the field to a paragraph of python-docx as Word writes it; answer its runs."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    runs = [paragraph.add_run() for _part in range(5)]
    for run, kind in zip(runs[::2], ("begin", "separate", "end"), strict=True):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" MERGEFIELD {name} "
    runs[1]._r.append(instruction)
    runs[3].text = f"«{name}»"
    return runs
