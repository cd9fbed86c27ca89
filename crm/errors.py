"""What an action answers when it will not do what was asked."""


class Refusal(Exception):
    """An operation that was refused; nothing was written. `for_user` is one translated sentence.

    Subclasses live beside the action that raises them. Give the sentence with named holes and their values, or define
    `sentence` on the class.
    """

    sentence = ""
    link = None  # [URL, words] of where to go on, for a job that fails with it

    def __init__(self, sentence=None, **values):
        self.sentence = sentence or self.sentence
        self.values = values
        super().__init__(type(self).__name__)

    @property
    def for_user(self):
        # Not str() first: a plural learns its number from the values.
        return str(self.sentence % self.values) if self.values else str(self.sentence)

    def __str__(self):
        return self.for_user
