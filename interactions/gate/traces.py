"""Takes out of a Word document what leads back to where it was written: its data source and its template.

Word keeps in the settings where the addresses of a mail merge came from: a path or a connection string with its
query, and a relation that opens it. The letter merges with contacts from here on, and nobody who opens it should be
asked to run a query. Word also keeps there which template on the author's disk the document was made from; elsewhere
that path means nothing.
"""

from lxml import etree

from .budget import MIB
from .markup import WORD, split_tag
from .refusals import Refused

# The only parts that are loaded as a tree, which takes some thirty times their size.
MAX_BYTES = MIB

_TRACES = ("mailMerge", "attachedTemplate")


def settings_without_traces(part):
    """The settings *part* (bytes) without its descriptions of a merge and of a template."""
    root = _parsed(part)
    if split_tag(root.tag)[1] != "settings":
        raise Refused("damaged")
    for local in _TRACES:
        for element in [e for e in root.iterfind(f".//{{*}}{local}") if split_tag(e.tag)[0] in WORD]:
            element.getparent().remove(element)
    return _written(root)


def relations_without(relations, part):
    """The relations *part* (bytes) without *relations*; Refused when others go by the same id."""
    root = _parsed(part)
    ids = {relation.id for relation in relations}
    elements = [e for e in root.iterfind(".//{*}Relationship") if e.get("Id", "") in ids]
    if len(elements) != len(relations):
        raise Refused("damaged")
    for element in elements:
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
