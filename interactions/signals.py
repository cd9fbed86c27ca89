"""Public extension points (architecture 6).

Receivers of `*_logging` run inside the transaction and stop it by raising a crm.errors.Refusal. Receivers of the others
run after the commit; one that raises is logged and ignored.
"""

from django.dispatch import Signal

interaction_logging = Signal()  # sender: InteractionDraft; draft, by
interaction_logged = Signal()  # sender: InteractionLogEntry; entry, by
entries_canceled = Signal()  # sender: InteractionLogEntry; canceled_at (names the entries), count, by
