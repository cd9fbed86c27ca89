"""The create sheet as a browser without a script sees it and sends it back."""

import lxml.html
from django.urls import reverse

NEW = "interactions:new"


def of(contact):
    return f"{reverse(NEW)}?contact={contact.no}"


def posted(page, **changes):
    """What a browser sends back from *page* after *changes*: every control of the form as it stands in the HTML."""
    form = lxml.html.fromstring(page.content.decode()).get_element_by_id("draft-form")
    for noscript in form.iter("noscript"):
        noscript.drop_tree()
    empty = {field.name: "" for field in form.iterfind(".//input[@type='hidden']")}
    data = empty | dict(form.form_values())
    data.pop("remove_file", None)
    return data | {name: str(value) for name, value in changes.items()}
