"""What an installation of the project brings along."""

import tomllib

import setuptools
from django.conf import settings

ROOT = settings.BASE_DIR
APPS = ("crm", "interactions", "segments")


class TestPackages:
    def test_are_all_folders_of_modules(self):
        table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
        options = table["packages"]["find"]
        assert options["namespaces"] is False
        found = setuptools.find_packages(str(ROOT), include=options["include"])
        folders = {
            module.parent.relative_to(ROOT).as_posix().replace("/", ".")
            for app in APPS
            for module in (ROOT / app).rglob("*.py")
        }
        assert {*APPS, "interactions.gate", "crm.management.commands"} <= folders
        assert set(found) == folders
