"""Word files as HTML that a page may show: no styles, no scripts, no links, nothing fetched from anywhere.

`show` bounds its own work: of a long letter only the beginning is shown, and of large pictures nothing.
"""

import base64
import io
import re
import zipfile
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from lxml import etree

from interactions.gate.markup import split_tag
from interactions.gate.relations import relations_part_of
from interactions.merging.package import FOOTER, HEADER, Package

# Around a value on its way through the converter. Unicode keeps these characters free for programs.
MARKS = ("\ufdd0", "\ufdd1")
# Elements of the document that are converted; some 10,000 take the converter half a second.
MOST_ELEMENTS = 10_000
MOST_PICTURE_BYTES = 1024 * 1024  # of all pictures together
MOST_TEXT = 20_000  # characters of a plain text

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
TAGS = frozenset(
    [
        "p",
        "br",
        "strong",
        "em",
        "u",
        "s",
        "sub",
        "sup",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "img",
        "mark",
    ]
)
CLASSES = frozenset(["h1", "h2", "h3", "title", "right", "center", "unknown"])
ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "img": {"src", "alt"}}
LOOKS = """
p[style-name='Title'] => p.title:fresh
p[style-name='Heading 1'] => p.h1:fresh
p[style-name='Heading 2'] => p.h2:fresh
p[style-name='Heading 3'] => p.h3:fresh
p[style-name='Heading 4'] => p.h3:fresh
p[style-name='right'] => p.right:fresh
p[style-name='center'] => p.center:fresh
u => u
"""
_MARKED = re.compile("\ufdd0(.*?)\ufdd1", re.DOTALL)
_UNKNOWN = re.compile("^«[^»<]+»$")


NOTHING = SafeString("")


@dataclass(frozen=True)
class Shown:
    """HTML of a file, cleaned. is_cut: it goes on."""

    body: SafeString
    header: SafeString = NOTHING
    footer: SafeString = NOTHING
    is_cut: bool = False


def show(content, *, unknown=()):
    """The Word file *content* (bytes), whose values stand between MARKS, as Shown. Raises merging.Unmergeable.

    unknown: names of merge fields that nobody knows; «Name» between marks is one of them.
    """
    package = Package(content)
    pictures = _Pictures()
    root = package.tree(package.main)
    is_cut = _shorten(root)
    header, footer = (_margin(package, root, kind, pictures, unknown) for kind in (HEADER, FOOTER))
    return Shown(_html(package, package.main, root, pictures, unknown), header, footer, is_cut)


def show_text(content):
    """A plain text as Shown."""
    text = content.decode("utf-8-sig", errors="replace")
    paragraphs = re.split(r"\n\s*\n", text[:MOST_TEXT].replace("\r\n", "\n").strip())
    html = "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
    return Shown(clean(html.replace("\n", "<br>")), is_cut=len(text) > MOST_TEXT)


def clean(html, *, tags=TAGS, attributes=ATTRIBUTES, schemes=frozenset({"data"})):
    """*html* with nothing in it but what TAGS and ATTRIBUTES name, safe to stand in a page."""
    import nh3

    cleaned = nh3.clean(
        html,
        tags=set(tags),
        attributes={tag: set(names) for tag, names in attributes.items()},
        allowed_classes={"p": set(CLASSES), "mark": {"unknown"}},
        url_schemes=set(schemes),
        link_rel=None,
    )
    return mark_safe(cleaned)


# --- one part as HTML -------------------------------------------------------------------------------------------------


def _html(package, key, root, pictures, unknown):
    """The story *key* with the tree *root* as HTML."""
    import mammoth  # it takes a while to load, and most processes show no letter

    result = mammoth.convert_to_html(
        io.BytesIO(_document_of(package, key, root)),
        style_map=LOOKS,
        convert_image=pictures,
        transform_document=mammoth.transforms.paragraph(_aligned),
        include_embedded_style_map=False,  # what the author of the file wants is not asked
    )

    def marked(found):
        text = found[1]
        if not text:
            return ""
        is_unknown = _UNKNOWN.match(text) and text[1:-1] in unknown
        return f'<mark class="unknown">{text}</mark>' if is_unknown else f"<mark>{text}</mark>"

    return clean(_MARKED.sub(marked, result.value))


def _aligned(paragraph):
    """The converter forgets how paragraphs are aligned; for those without a style of their own it is told by one."""
    if paragraph.alignment in {"right", "center"} and paragraph.style_name in {None, "Normal"}:
        return paragraph.copy(style_id=paragraph.alignment, style_name=paragraph.alignment)
    return paragraph


class _Pictures:
    """Pictures as data of the page, as long as there is room for them; others are left out."""

    def __init__(self):
        self.left = MOST_PICTURE_BYTES

    def __call__(self, image):
        import mammoth

        if image.content_type not in PICTURES:
            return []
        with image.open() as file:
            content = file.read(self.left + 1)
        if len(content) > self.left:
            return []
        self.left -= len(content)
        data = base64.b64encode(content).decode()
        attributes = {"src": f"data:{image.content_type};base64,{data}", "alt": image.alt_text or ""}
        return mammoth.images.img_element(lambda _image: attributes)(image)


# --- the part as a document of its own --------------------------------------------------------------------------------


def _document_of(package, key, root):
    """A Word file whose document is the story *key*: the converter knows no headers and footers."""
    word = split_tag(root.tag)[0]
    if key != package.main:
        document = etree.Element(f"{{{word}}}document", None, root.nsmap)
        body = etree.SubElement(document, f"{{{word}}}body")
        body.extend(list(root))
        root = document
    own, mine = relations_part_of(key), relations_part_of(package.main)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for member in package.members:
            if member not in {package.main, mine}:
                archive.writestr(package.name(member), package.read(member))
        archive.writestr(package.name(package.main), etree.tostring(root.getroottree(), encoding="UTF-8"))
        if own in package.members:
            archive.writestr(package.name(mine) if mine in package.members else mine, package.read(own))
    return file.getvalue()


def _shorten(root):
    """Drop what comes after MOST_ELEMENTS of the body; say whether anything did."""
    word = split_tag(root.tag)[0]
    body = root.find(f"{{{word}}}body")
    count, is_cut = 0, False
    for block in list(body) if body is not None else ():
        count += sum(1 for _each in block.iter())
        if count > MOST_ELEMENTS and block.tag != f"{{{word}}}sectPr":
            body.remove(block)
            is_cut = True
    return is_cut


def _margin(package, root, kind, pictures, unknown):
    """The header or footer (*kind*) of the first page as HTML; '' when there is none."""
    word = split_tag(root.tag)[0]
    section = next(root.iter(f"{{{word}}}sectPr"), None)
    if section is None:
        return NOTHING
    local = "headerReference" if kind == HEADER else "footerReference"
    is_first = section.find(f"{{{word}}}titlePg") is not None
    wanted = "first" if is_first else "default"
    for reference in section.iterfind(f"{{{word}}}{local}"):
        if reference.get(f"{{{word}}}type", "default") != wanted:
            continue
        id = next((value for name, value in reference.items() if split_tag(name)[1] == "id"), "")
        for relation in package.relations_of(package.main):
            if relation.id == id and relation.part in package.members:
                part = package.tree(relation.part)
                if sum(1 for _each in part.iter()) > MOST_ELEMENTS:
                    return NOTHING
                return _html(package, relation.part, part, pictures, unknown)
    return NOTHING
