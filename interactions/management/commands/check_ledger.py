from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections

from interactions import ledger_guard
from interactions.models import EntryComment, InteractionLogEntry


class Command(BaseCommand):
    help = "Says whether the ledger's triggers are all in place, and how much they guard. Fails when one is missing."

    def add_arguments(self, parser):
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=list(connections))

    def handle(self, *, database, **options):
        gone = ledger_guard.missing(database)
        if gone:
            raise CommandError(
                f"The ledger is not fenced; missing triggers: {', '.join(gone)}. manage.py migrate puts them up again."
            )
        entries = InteractionLogEntry.objects.using(database)
        comments = EntryComment.objects.using(database)
        guards = len(ledger_guard.wanted(connections[database]))
        self.stdout.write(
            f"The ledger is fenced: {guards} triggers guard {entries.count()} entries"
            f" ({entries.canceled().count()} canceled) and {comments.count()} comments."
        )
