"""Formulas of a workbook that fetch something while it is opened: read as bytes, for a sheet may hold a million."""

import re

from .refusals import Refused

# Functions that ask the web, a server or a library; a workbook or a program elsewhere. In XML, < and > are entities.
_FETCHING = re.compile(
    rb"\b(?:WEBSERVICE|RTD|REGISTER\.ID|SQL\.REQUEST)\s*\("
    rb"|\b_XLFN\.(?:[A-Z_]+\.)*(?:IMAGE|STOCKHISTORY|IMPORTTEXT|IMPORTCSV|TRANSLATE|DETECTLANGUAGE)\s*\("
    rb"|<(?:\w+:)?(?:F|FORMULA[12]?|DEFINEDNAME|CALCULATEDCOLUMNFORMULA)\b[^>]*>[^<]*"
    rb"(?:\[[^\]<>]*\.(?:XL|CSV|OD|DBF|TXT)\w*\]|\|\s*(?:'|&APOS;)[^<]*!)"
)
_SIGNS = (
    b"WEBSERVICE",
    b"RTD",
    b"REGISTER",
    b"SQL.REQUEST",
    b"_XLFN.",
    b"[",
    b"|",
)  # one is in whatever is refused
# What would part a name in two, and no spreadsheet program writes in a formula.
_ODD = re.compile(rb"<!|<\?(?!XML\b)")
_REFERENCE = re.compile(rb"&#(?:X([0-9A-F]{1,6})|([0-9]{1,7}));")
OVERLAP = 16 * 1024  # a formula has at most 8,192 characters


def without_fetching(chunks):
    """*chunks* of one part, passed on as they are. Raises Refused."""
    tail = b""
    for chunk in chunks:
        text = _plain(tail + chunk)
        if _ODD.search(text):
            raise Refused("packing")
        if any(sign in text for sign in _SIGNS) and _FETCHING.search(text):
            raise Refused("fetching_formula")
        tail = (tail + chunk)[-OVERLAP:]
        yield chunk


def _plain(text):
    """*text* in capitals, in one byte per character, and without character references."""
    text = text.replace(b"\0", b"").upper()
    return _REFERENCE.sub(_character, text) if b"&#" in text else text


def _character(reference):
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return bytes([code]).upper() if code < 128 else b"?"
