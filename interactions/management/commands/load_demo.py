import secrets
import zoneinfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from interactions.demo import firm, load


class Command(BaseCommand):
    help = "Fills an empty database with Alder & Finch: contacts in four languages, templates, two years of history."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing, without an error, where there is data already",
        )
        parser.add_argument(
            "--contacts",
            type=int,
            default=load.CONTACTS,
            help=f"how many (at least and usually {load.CONTACTS})",
        )
        parser.add_argument(
            "--entries",
            type=int,
            default=load.ENTRIES,
            help=f"how many (at least and usually {load.ENTRIES})",
        )
        parser.add_argument(
            "--seed", type=int, default=load.SEED, help="another number makes other, equally believable data"
        )

    def handle(self, *, if_empty, contacts, entries, seed, verbosity, **options):
        if contacts < load.CONTACTS or entries < load.ENTRIES:
            raise CommandError(f"Take at least {load.CONTACTS} contacts and {load.ENTRIES} entries.")
        if not load.is_empty():
            if if_empty:
                return
            raise CommandError(
                "This database holds data already. Demo data goes into an empty one: set DATABASE_URL to another."
            )
        password = settings.DEMO_PASSWORD or secrets.token_urlsafe(9)
        with timezone.override(zoneinfo.ZoneInfo(firm.TIME_ZONE)):
            made = load.load(
                password=password,
                contacts=contacts,
                entries=entries,
                seed=seed,
                tell=self.stdout.write if verbosity > 1 else lambda sentence: None,
            )
        self.stdout.write(f"{firm.NAME}: {contacts} contacts, {entries} entries.")
        people = ", ".join(f"{user.username} ({user.groups.get().name})" for user in made.users.values())
        self.stdout.write(f"Sign in as {people}.")
        if not settings.DEMO_PASSWORD:
            self.stdout.write(f"Everybody's password is {password} (it is not shown again).")
