"""Elements of Office markup that load, run or embed something, whatever their relations say."""

import re

from .markup import LINKS, OLE, SLIDES, VML, WORD, Markup, split_tag
from .refusals import Refused

_REFUSED_WORD = {
    "altChunk": "external",
    "movie": "external",
    "saveThroughXslt": "external",
    "sourceFileName": "external",
    "subDoc": "external",
    "control": "embedded",
    "objectEmbed": "embedded",
    "objectLink": "external",
}
_REFUSED_SLIDES = {"control": "embedded", "oleObj": "embedded"}

ATTACHED_TEMPLATES = frozenset((namespace, "attachedTemplate") for namespace in WORD)
_RELATION_IDS = tuple(f"{{{namespace}}}id" for namespace in sorted(LINKS))

WORD_DRAWING_2012 = "http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing"

REFUSED_ELEMENTS = (
    {(namespace, local): code for namespace in WORD for local, code in _REFUSED_WORD.items()}
    | {(namespace, local): code for namespace in SLIDES for local, code in _REFUSED_SLIDES.items()}
    | {(OLE, "OLEObject"): "embedded", (WORD_DRAWING_2012, "webVideoPr"): "external"}
)

# Old drawings name their pictures without a relation; "cid:" is what mail programs leave behind and leads nowhere.
_VML_PICTURES = frozenset({"fill", "image", "imagedata", "stroke"})
_PICTURE_ADDRESSES = ("src", f"{{{OLE}}}href", f"{{{OLE}}}althref")
_ELSEWHERE = re.compile(r"\s*(?!cid:)(?:[a-z][a-z0-9+.\-]*:|[\\/])", re.IGNORECASE)

# What a slide does when the mouse passes over a shape.
_PROGRAM_ACTION = re.compile(r"\s*ppaction://(?:program|macro|ole)", re.IGNORECASE)

# A relation of the kind "hyperlink" may lead outside; only elements that wait for a click may use it.
_CLICKED = frozenset({"hyperlink", "hlinkClick", "hlinkHover", "hlinkMouseOver"})


class OfficeMarkup(Markup):
    """Refuses dangerous elements.

    *links* are the ids of the relations of this part that lead outside, *templates* those of the relations to a
    template on the author's disk: the one thing an element may attach.
    """

    def __init__(self, budget, links=frozenset(), templates=frozenset()):
        super().__init__(budget)
        self.links = links
        self.templates = templates

    def actions(self, namespace, local):
        if (namespace, local) in ATTACHED_TEMPLATES:
            return self._attach, None
        if code := REFUSED_ELEMENTS.get((namespace, local)):
            raise Refused(code)
        if namespace == VML and local in _VML_PICTURES:
            return _refuse_picture_from_elsewhere, None
        return None, None

    def attribute_action(self, namespace, local):
        if (self.links or self.templates) and (namespace in LINKS or (namespace, local) == (OLE, "relid")):
            return self._refuse_link
        return _refuse_program if local == "action" else None

    def _refuse_link(self, tag, value):
        element = split_tag(tag)
        if element in ATTACHED_TEMPLATES:
            return  # checked as a whole
        if value in self.templates or (value in self.links and element[1] not in _CLICKED):
            raise Refused("external")

    def _attach(self, attrib):
        ids = {attrib[name] for name in _RELATION_IDS if name in attrib}
        if not ids or not ids <= self.templates:
            raise Refused("remote_template")


def _refuse_program(tag, value):
    if _PROGRAM_ACTION.match(value):
        raise Refused("macros")


def _refuse_picture_from_elsewhere(attrib):
    for name in _PICTURE_ADDRESSES:
        if _ELSEWHERE.match(attrib.get(name, "")):
            raise Refused("external")
