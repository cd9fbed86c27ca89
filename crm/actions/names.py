"""The name of a person and its parts: each follows the other (R-76)."""

from crm.models import Contact

PARTS = ("first_name", "middle_name", "surname")


def split_name(name):
    """{part: text} of a full name: last word surname, the one before it middle name, the rest first name.

    One word is a first name. A part is cut at the length of its column.
    """
    words = name.split()
    if len(words) < 2:
        found = (words[:1], [], [])
    elif len(words) == 2:
        found = (words[:1], [], words[1:])
    else:
        found = (words[:-2], words[-2:-1], words[-1:])
    return {
        part: " ".join(some)[: Contact._meta.get_field(part).max_length]
        for part, some in zip(PARTS, found, strict=True)
    }


def join_name(contact):
    return " ".join(part for field in PARTS if (part := getattr(contact, field)))


def keep_names_together(contact, *, typed):
    """Let the name of a person follow its parts or the other way round; *typed* names the fields somebody changed.

    Whoever changed both means both.
    """
    if "name" in typed and not typed.intersection(PARTS):
        for part, text in split_name(contact.name).items():
            setattr(contact, part, text)
    elif typed.intersection(PARTS) and "name" not in typed:
        contact.name = join_name(contact)
