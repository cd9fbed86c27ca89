"""Demo data: a firm with its contacts and two years of history, the same for the same seed and day."""

from django.dispatch import Signal

loaded = Signal()  # sender: the module `load`; firm; inside the transaction, so apps above add their own
