from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from crm.models import Contact, User
from interactions.actions.purge import purge_canceled_entries
from interactions.forms.purge import PurgeForm

PERMISSION = "interactions.purge_interactions"


class Command(BaseCommand):
    help = (
        "Deletes canceled interaction log entries for good, with their comments and the files that nothing else uses."
        " Filters combine; numbers and dates are inclusive. The options are called as the parameters of the page are,"
        " with - or _."
    )

    def add_arguments(self, parser):
        for name, field in PurgeForm.base_fields.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                *([f"--{name}"] if "_" in name else []),
                dest=name,
                metavar=METAVARS[name],
                help=str(field.label),
            )
        parser.add_argument(
            "--all", action="store_true", help="Needed when no filter is given: every canceled entry."
        )
        parser.add_argument("--dry-run", action="store_true", help="Count exactly, delete nothing.")
        parser.add_argument(
            "--user", help="User name on whose behalf: only entries that he or she sees, if permitted."
        )

    def handle(self, **options):
        by = find_user(options["user"]) if options["user"] else None
        form = PurgeForm(
            {name: options[name] for name in PurgeForm.base_fields},
            contacts=Contact.objects.all() if by is None else Contact.objects.visible_to(by),
        )
        if not form.is_valid():
            raise CommandError(
                "\n".join(
                    f"--{name.replace('_', '-')}: {sentence}"
                    for name, sentences in form.errors.items()
                    for sentence in sentences
                )
            )
        if form.filters.chosen() and options["all"]:
            raise CommandError("--all stands alone: it means that there are no filters.")
        if not form.filters.chosen() and not options["all"]:
            raise CommandError("Give a filter, or --all to delete every canceled entry.")
        result = purge_canceled_entries(form.filters, by=by, dry_run=options["dry_run"])
        self.stdout.write(sentence_of(result, dry_run=options["dry_run"]))


METAVARS = {
    "entry_min": "NO",
    "entry_max": "NO",
    "contact": "NO",
    "date_after": "DATE",
    "date_before": "DATE",
    "campaign": "NO",
    "group": "CODE",
    "template": "CODE",
    "salesperson": "CODE",
}


def find_user(username):
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user “{username}”.")
    if not user.has_perm(PERMISSION):
        raise CommandError(f"{username} may not delete canceled entries.")
    return user


def sentence_of(result, *, dry_run):
    if dry_run:
        sentence = ngettext(
            "%(entries)d canceled entry would be deleted, with comments: %(comments)d, files: %(files)d.",
            "%(entries)d canceled entries would be deleted, with comments: %(comments)d, files: %(files)d.",
            result.entries,
        )
    else:
        sentence = ngettext(
            "Deleted %(entries)d canceled entry, with comments: %(comments)d, files: %(files)d.",
            "Deleted %(entries)d canceled entries, with comments: %(comments)d, files: %(files)d.",
            result.entries,
        )
    return sentence % {"entries": result.entries, "comments": result.comments, "files": result.files}
