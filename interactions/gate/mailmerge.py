"""Takes the data source out of a mail-merge main document.

Word keeps in the settings where the addresses came from: a path or a connection string with its query, and a relation
that opens it. The letter merges with contacts from here on, and nobody who opens it should be asked to run a query.
"""

from lxml import etree

from .budget import MIB
from .markup import WORD, split_tag
from .refusals import Refused

# The only parts that are loaded as a tree, which takes some thirty times their size.
MAX_BYTES = MIB


def settings_without_merge(part):
    """The settings *part* (bytes) without its description of a merge."""
    root = _parsed(part)
    if split_tag(root.tag)[1] != "settings":
        raise Refused("damaged")
    for element in [e for e in root.iterfind(".//{*}mailMerge") if split_tag(e.tag)[0] in WORD]:
        element.getparent().remove(element)
    return _written(root)


def relations_without(ids, part):
    """The relations *part* (bytes) without those named in *ids*."""
    root = _parsed(part)
    for element in [e for e in root.iterfind(".//{*}Relationship") if e.get("Id", "") in ids]:
        element.getparent().remove(element)
    return _written(root)


def _parsed(part):
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(part, parser)
    except etree.XMLSyntaxError:
        raise Refused("damaged") from None


def _written(root):
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
