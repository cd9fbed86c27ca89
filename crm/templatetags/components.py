"""Small parts of every page: icons, marks, facts, empty states. They format what they are given and ask nothing.

A builtin: templates need not load it.
"""

import zlib
from functools import cache

from django.template import Library
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

register = Library()

# --- icons ------------------------------------------------------------------------------------------------------------


@cache
def icon_html(name, size):
    # External sprite: one cached file, and the page holds 90 bytes per icon.
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" s{size}" if size else "",
        static("crm/icons.svg"),
        name,
    )


@register.simple_tag
def icon(name, size=""):
    """The symbol *name* of icons.svg in 16 px, or 14 or 20. Decoration: put the word beside it or in a label."""
    return icon_html(name, size)


# --- marks ------------------------------------------------------------------------------------------------------------

EVALUATIONS = {
    2: ("++", "p", _("Very positive")),
    1: ("+", "p", _("Positive")),
    0: ("=", "", _("Neutral")),
    -1: ("−", "n", _("Negative")),
    -2: ("−−", "n", _("Very negative")),
}


@register.simple_tag
def pill(label, tone="", xs=False):
    """A status: dot and word. tone: ok, wait, open, bad, off or "" (grey)."""
    return format_html(
        '<span class="{}">{}</span>', " ".join(filter(None, ["st", tone, "xs" if xs else ""])), label
    )


@register.simple_tag
def evaluation(value, compact=False):
    """Sign and word of an evaluation (2 to -2, None); compact: the word only for screen readers and in the tooltip."""
    if value is None:
        return format_html('<span class="mut">{}</span>', "—") if compact else ""
    sign, tone, label = EVALUATIONS[value]
    template = (
        '<span class="ev {tone}" title="{label}"><i aria-hidden="true">{sign}</i><span class="vh">{label}</span></span>'
        if compact
        else '<span class="ev {tone}"><i aria-hidden="true">{sign}</i>{label}</span>'
    )
    return format_html(template, tone=tone, sign=sign, label=label)


@register.filter
def evaluation_sign(value):
    """++ of 2 (very positive), for tiles and small buttons; "" of nothing."""
    return EVALUATIONS[int(value)][0] if value not in (None, "") else ""


@register.simple_tag
def avatar(name, size="", square=False):
    """Initials on a colour that stays with the name. size: 20, 48 or "" (28 px). square: for companies."""
    classes = " ".join(
        filter(None, ["av", tone_of(name), f"s{size}" if size else "", "sq" if square else ""])
    )
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, initials(name))


@register.filter
def initials(name):
    """HM of "Hélène Marchand", A of "Atelier", "" of nothing."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
    return "".join(letters).upper()


@register.filter
def tone_of(name):
    """ "", a, g, p or r: the same for the same name, in every process."""
    return ("", "a", "g", "p", "r")[zlib.crc32(str(name or "").encode()) % 5]


@register.simple_tag
def chip(label, remove_url, target="#results"):
    """An active filter; its cross is a link to the page without it."""
    return format_html(
        '<span class="chip on">{}<a href="{url}" hx-get="{url}" hx-target="{target}" hx-push-url="true"'
        ' aria-label="{remove}">{icon}</a></span>',
        label,
        url=remove_url,
        target=target,
        remove=_("Remove the filter %(name)s") % {"name": label},
        icon=icon_html("x", 14),
    )


@register.filter
def in_minutes(duration):
    """Full minutes of a timedelta, rounded up."""
    return -(-int(duration.total_seconds()) // 60)


# --- blocks -----------------------------------------------------------------------------------------------------------


@register.simple_tag
def facts(pairs, kind="facts"):
    """A list of (label, value) as <dl>. kind: facts (strip), kv (two columns) or stat (figures)."""
    row = "<div><dt>{}</dt><dd>{}</dd></div>" if kind != "kv" else "<dt>{}</dt><dd>{}</dd>"
    rows = ((label, "—" if value in (None, "") else value) for label, value in pairs)
    return format_html('<dl class="{}">{}</dl>', kind, format_html_join("", row, rows))


@register.simple_block_tag
def empty(content, icon="search", title="", text="", tone=""):
    """Nothing here, and what to do about it; the block holds the buttons. tone: ok for "all done"."""
    buttons = mark_safe(content.strip())  # the block of a template, escaped where it was written
    return format_html(
        '<div class="empty"><span class="{}">{}</span><div class="strong">{}</div>{}{}</div>',
        " ".join(filter(None, ["ic", tone])),
        icon_html(icon, ""),
        title,
        format_html('<p class="sm ink2">{}</p>', text) if text else "",
        format_html('<div class="do">{}</div>', buttons) if buttons else "",
    )


@register.simple_tag(takes_context=True)
def layer_title(context, text):
    """The title of a sheet or dialog: <h2> above the page behind it, <h1> where it is the page."""
    htmx = context["request"].htmx
    level = "h2" if htmx and htmx.target in {"sheet", "dialog"} else "h1"
    return format_html("<{0}>{1}</{0}>", level, text)


@register.simple_tag
def crumbs(*parts):
    """The way to this page: label, URL, label, URL, …, and last the name of the page itself.

    A label without URL ("") is a section of the menu, which is no page.
    """
    above, here = list(zip(parts[:-1:2], parts[1:-1:2], strict=True)), parts[-1]
    back = [
        format_html('<a class="back" href="{}">{}{}</a>', url, icon_html("l", ""), label)
        for label, url in above[-1:]
        if url
    ]
    links = format_html_join(
        "",
        '{}<span class="sepr" aria-hidden="true">/</span>',
        [
            (
                format_html('<a href="{}">{}</a>', url, label)
                if url
                else format_html('<span class="sec">{}</span>', label),
            )
            for label, url in above
        ],
    )
    return format_html(
        '{}{}<span aria-current="page" class="trunc">{}</span>', back[0] if back else "", links, here
    )


# --- fields -----------------------------------------------------------------------------------------------------------


@register.simple_tag
def control(bound, css=""):
    """The widget of a bound field in our look. Django itself names hint and errors by aria-describedby."""
    widget = bound.field.widget
    kind = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}
    classes = [
        kind.get(getattr(widget, "input_type", ""), "form-control"),
        widget.attrs.get("class"),
        css,
        "is-err" if bound.errors else "",
    ]
    return bound.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.simple_tag
def choice_control(choice):
    """One box or radio of several, in our look."""
    choice.data["attrs"] = {**choice.data["attrs"], "class": "form-check-input"}
    return choice.tag()


@register.simple_tag
def as_shown(bound):
    """The hidden copy of what a field shows, so that only what somebody changed counts as changed."""
    return bound.as_hidden(only_initial=True) if bound.field.show_hidden_initial else ""


@register.filter
def problems(form):
    """[(id of the field, its label, sentence), …] of everything wrong with a form; both are "" where no field is shown."""
    found = [("", "", sentence) for sentence in form.non_field_errors()]
    for bound in form:
        place = ("", "") if bound.is_hidden else (focus_id(bound), bound.label)
        found += [(*place, sentence) for sentence in bound.errors]
    return found


def focus_id(bound):
    """The id that a link to the field leads to; of several boxes or radios the first one."""
    return bound.id_for_label or f"{bound.auto_id}_0"
