"""How somebody at Alder & Finch writes things down: in the language of the contact."""

from .talk import LANGUAGES

CONTRACTIONS = {" de el ": " del ", " a el ": " al ", " de le ": " du ", " de les ": " des "}  # es, fr


class Speaker:
    """language: BCP 47 tag of the contact; what is not one of ours is English."""

    def __init__(self, language, random):
        self.talk = LANGUAGES.get(language.partition("-")[0], LANGUAGES["en"])
        self.random = random

    def about(self, kind):
        """A description for an interaction of that kind (a template code, or FAILED)."""
        return self.fill(self.random.choice(self.talk.TALK[kind]))

    def remark(self, kind):
        """GOOD, PLAIN or BAD: a comment; FAILED: why nobody answered; CANCELED: why an entry was wrong."""
        return self.fill(self.random.choice(getattr(self.talk, kind)))

    def fill(self, text):
        filled = text.format(
            place=self.random.choice(self.talk.PLACES),
            product=self.random.choice(self.talk.PRODUCTS),
            n=self.random.choice((2, 3, 4, 6, 8, 12, 18, 24, 40, 60, 120)),
        )
        for apart, together in CONTRACTIONS.items():
            filled = filled.replace(apart, together)
        return filled


def about_document(name, number, *, posted=False):
    """What is recorded by itself is recorded in the language of the firm."""
    return f"{name} {number} {'posted' if posted else 'printed'}"
