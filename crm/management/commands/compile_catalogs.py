from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Compiles every catalog of LOCALE_PATHS whose .mo file is missing or older than its .po file. "
        "Needs no GNU gettext. Restart the server and the worker afterwards: both keep catalogs in memory."
    )
    requires_system_checks = []

    def handle(self, **options):
        compiled = [catalog for folder in settings.LOCALE_PATHS for catalog in stale_catalogs(Path(folder))]
        for catalog in compiled:
            target = catalog.with_suffix(".mo")
            unfinished = target.with_suffix(".mo.part")
            polib.pofile(str(catalog)).save_as_mofile(str(unfinished))
            unfinished.rename(target)
        self.stdout.write(f"Compiled {len(compiled)} catalogs.")


def stale_catalogs(folder):
    """The .po files below *folder* whose .mo file is missing or older."""
    for catalog in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = catalog.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < catalog.stat().st_mtime:
            yield catalog
