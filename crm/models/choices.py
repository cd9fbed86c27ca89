from django.db import models
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """How something reaches a contact. The empty string means: not delivered by us (a call, a meeting)."""

    HARD_COPY = "HARD_COPY", pgettext_lazy("channel", "Hard copy")
    EMAIL = "EMAIL", pgettext_lazy("channel", "E-mail")
