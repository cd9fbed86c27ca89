"""How much work one upload may cause before it is refused."""

from .refusals import Refused

MIB = 1024 * 1024

MAX_PARTS = 5_000
MAX_PART_BYTES = 64 * MIB
MAX_TOTAL_BYTES = 128 * MIB
# XML of Office shrinks to a fortieth at best, blank bitmaps further; a bomb of zeros shrinks to a thousandth.
MAX_RATIO = 200
RATIO_FREE_BYTES = 4 * MIB
# Tags, ends of tags and texts together; half a second of work, some 17 MB of letters.
MAX_EVENTS = 1_250_000
# libxml2 keeps every name it meets for as long as the thread lives: one file may teach it only so many, and is fed to
# it in sips, so that it is stopped before it has taught much more. The fullest tag of a real file has 35 attributes
# in 48,000 bytes.
MAX_NAMES = 5_000
MAX_NAME_CHARACTERS = 200_000
MAX_TOKEN_BYTES = MIB // 2
MAX_TOKEN_ATTRIBUTES = 500
MAX_WARNINGS = 90  # lxml keeps a hundred and the last
SIP = 16 * 1024
# A sheet may have 65,000 links; each is one relation.
MAX_INDEX_ENTRIES = 70_000
MAX_FIELD_CHARACTERS = 2_000_000


class Budget:
    """Counts down over one upload and everything packed in it; each method raises Refused on the first overrun."""

    def __init__(self):
        self._bytes = MAX_TOTAL_BYTES
        self._events = MAX_EVENTS
        self._index_entries = MAX_INDEX_ENTRIES
        self._characters = MAX_FIELD_CHARACTERS
        self._names = set()
        self._name_characters = MAX_NAME_CHARACTERS

    def unpack(self, count):
        self._bytes -= count
        if self._bytes < 0:
            raise Refused("bomb")

    def parse(self, events):
        self._events -= events
        if self._events < 0:
            raise Refused("too_complicated")

    def learn_name(self, name):
        if name in self._names:
            return
        self._names.add(name)
        self._name_characters -= len(name)
        if len(self._names) > MAX_NAMES or self._name_characters < 0:
            raise Refused("too_complicated")

    def index(self):
        self._index_entries -= 1
        if self._index_entries < 0:
            raise Refused("too_complicated")

    def remember_text(self, count):
        self._characters -= count
        if self._characters < 0:
            raise Refused("too_complicated")
