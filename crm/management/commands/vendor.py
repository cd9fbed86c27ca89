import hashlib
import json
import shutil
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Copies the files that package.json lists under `vendor` from node_modules to static/vendor, and writes "
        "VENDOR.json: package, version, licence and SHA-256 of each. `make vendor` runs `npm ci` first."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--root", type=Path, default=settings.BASE_DIR, help="folder that holds package.json"
        )

    def handle(self, *, root, **options):
        installed, target = root / "node_modules", root / "static" / "vendor"
        wanted = json.loads((root / "package.json").read_text())["vendor"]
        missing = sorted(source for source in wanted.values() if not (installed / source).is_file())
        if missing:
            raise CommandError(
                f"Not in node_modules: {', '.join(missing)}. Run `npm ci --ignore-scripts` first."
            )

        shutil.rmtree(target, ignore_errors=True)
        files = {}
        for name, source in sorted(wanted.items()):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(installed / source, target / name)
            package = json.loads((installed / package_of(source) / "package.json").read_text())
            files[name] = {
                "package": package["name"],
                "version": package["version"],
                "licence": package["license"],
                "sha256": hashlib.sha256((target / name).read_bytes()).hexdigest(),
            }
        (target / "VENDOR.json").write_text(json.dumps({"files": files}, indent=2) + "\n")
        forget_addresses(root / "package-lock.json")
        self.stdout.write(f"Copied {len(files)} files to {target}.")


def package_of(source):
    """The package name at the start of a path below node_modules: one part, or two when it is scoped."""
    parts = source.split("/")
    return "/".join(parts[:2] if source.startswith("@") else parts[:1])


def forget_addresses(lock_file):
    """Drops from package-lock.json where packages come from and who sponsors them; `npm ci` needs neither."""
    lock = json.loads(lock_file.read_text())
    for package in lock["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    lock_file.write_text(json.dumps(lock, indent=2) + "\n")
