"""Pages, actions and cues: every app registers its own in its `navigation.py`, found as admin.py files are.

    from crm.navigation import Action, Cue, Item, register

    register(
        Item(name="interactions:entries", label=_("Log entries"), icon="log", section=_("Interactions"), order=20),
        Action(name="interactions:new", label=_("New interaction"), icon="plus", keys="n", create=True),
        Cue(label=_("Postponed by me"), read=postponed_cue, order=20),
    )

Sidebar, phone bar, top bar and home show what is registered and permitted. What a user may not open is absent. URL names
are checked at start (`crm.E101`), never while a page is written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core import checks
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What all kinds have in common.

    label: lazy.  permission: "app.codename", "" for everybody who is signed in.  order: ascending.
    staff: only for those whom Django's admin lets in.
    """

    label: Any
    order: int = 100
    permission: str = ""
    staff: bool = False

    def permitted(self, user):
        return (user.is_staff or not self.staff) and (not self.permission or user.has_perm(self.permission))


@dataclass(frozen=True, kw_only=True)
class Item(Registered):
    """A page of the menu.

    name: URL name without arguments.  icon: a symbol of icons.svg.  section: lazy heading, None above the first one.
    count: callable(request) -> int or None, asked only when the sidebar is drawn; hot: that number waits for the user.
    tab: lazy short label, then the page is in the phone bar too.  keys: as in data-key ("g>h" is G, then H).
    synonyms: lazy further names, for finding the page by words.
    """

    name: str
    icon: str
    section: Any = None
    count: Callable | None = None
    hot: bool = False
    tab: Any = None
    keys: str = ""
    synonyms: tuple = ()


@dataclass(frozen=True, kw_only=True)
class Action(Registered):
    """Something to do from anywhere. sheet: opens beside the page.  create: the button of the top bar (at most one)."""

    name: str
    icon: str
    keys: str = ""
    synonyms: tuple = ()
    sheet: bool = True
    create: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a cue says now. value: int, or text such as "10,000+".  tone: "" or "hot" (waits) or "bad" (an error)."""

    value: Any
    url: str
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Cue(Registered):
    """A number of the home page. read: callable(request, team) -> Reading or None; team: bool, mine or my team's."""

    read: Callable


@dataclass(kw_only=True)
class Link:
    """An item or action as one user sees it on one page. current: "", "page", or "true" for a page below it."""

    url: str
    label: Any
    icon: str
    keys: str = ""
    current: str = ""
    count: Any = None
    hot: bool = False
    tab: Any = None
    sheet: bool = False


_registered: list[Registered] = []


def register(*things):
    """Adds items, actions and cues. A URL name is registered once per kind."""
    for thing in things:
        name = getattr(thing, "name", None)
        if name and any(type(other) is type(thing) and other.name == name for other in _registered):
            raise ValueError(f"{name} is registered twice as {type(thing).__name__}.")
        _registered.append(thing)


def unregister(*things):
    """Takes out what was registered; for tests and for installations that hide a page."""
    for thing in things:
        _registered.remove(thing)


def registered(kind):
    """Everything of *kind* (Item, Action or Cue) by order; equal orders as registered."""
    return sorted((thing for thing in _registered if type(thing) is kind), key=lambda thing: thing.order)


def menu(request):
    """[(section label, [Link, …]), …] of the sidebar.

    A page that stands elsewhere than its address says sets `request.menu_url`, "" for nowhere.
    """
    path = getattr(request, "menu_url", request.path)
    items = [item for item in registered(Item) if item.permitted(request.user)]
    urls = {item: reverse(item.name) for item in items}
    here = nearest(path, urls.values())
    sections = {}
    for item in items:
        url = urls[item]
        current = ("page" if request.path == url else "true") if url == here else ""
        sections.setdefault(str(item.section or ""), []).append(
            Link(
                url=url,
                label=item.label,
                icon=item.icon,
                keys=item.keys,
                current=current,
                count=item.count(request) if item.count else None,
                hot=item.hot,
                tab=item.tab,
            )
        )
    return [("", sections.pop("", [])), *sections.items()]


def nearest(path, urls):
    """The longest of *urls* that *path* lies at or below, or None. The root is only near itself."""
    root = min(urls, key=len, default=None)
    above = [url for url in urls if path == url or (path.startswith(url) and url != root)]
    return max(above, key=len, default=None)


def actions(request):
    """The Links of all actions that the user may take."""
    return [_link(action) for action in registered(Action) if action.permitted(request.user)]


def create_action(request):
    """The Link of the button in the top bar, or None."""
    for action in registered(Action):
        if action.create and action.permitted(request.user):
            return _link(action)
    return None


def _link(action):
    return Link(
        url=reverse(action.name), label=action.label, icon=action.icon, keys=action.keys, sheet=action.sheet
    )


def cues(request, *, team=False):
    """[(Cue, Reading), …] of the home page; a cue that has nothing to say answers None and is left out."""
    readings = [(cue, cue.read(request, team)) for cue in registered(Cue) if cue.permitted(request.user)]
    return [(cue, reading) for cue, reading in readings if reading is not None]


@checks.register(checks.Tags.urls)
def check_names(app_configs, **kwargs):
    """E101: a registered URL name does not exist or needs an argument. E102: two buttons for the top bar."""
    problems = []
    for thing in _registered:
        if name := getattr(thing, "name", None):
            try:
                reverse(name)
            except NoReverseMatch as error:
                problems.append(
                    checks.Error(
                        f"Navigation names a page that cannot be reached: {error}", obj=name, id="crm.E101"
                    )
                )
    creating = [action.name for action in registered(Action) if action.create]
    if len(creating) > 1:
        problems.append(checks.Error(f"More than one create action: {', '.join(creating)}", id="crm.E102"))
    return problems
