"""The house stands: arrows and layers, one factory per model, no forgotten migration, clean lock files."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from factory.django import DjangoModelFactory

from tests import factories

ROOT = settings.BASE_DIR
HEIGHTS = {"crm": 0, "interactions": 1, "segments": 2}


def models():
    return [model for label in HEIGHTS for model in apps.get_app_config(label).get_models()]


def lint_imports(folder):
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


class TestImports:
    def test_follow_the_arrows_and_layers(self):
        result = lint_imports(ROOT)
        assert result.returncode == 0, result.stdout

    @pytest.mark.parametrize(
        ("module", "imported"),
        [
            ("crm/models/contact.py", "interactions"),
            ("interactions/apps.py", "segments.apps"),
            ("crm/forms.py", "crm.views"),
            ("interactions/models/__init__.py", "interactions.actions"),
            ("segments/actions.py", "segments.filters"),
        ],
    )
    def test_against_the_arrows_are_found_even_inside_functions(self, tmp_path, module, imported):
        for name in HEIGHTS:
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        for path in (module, imported.replace(".", "/") + ".py"):
            if not (tmp_path / path).exists() and not (tmp_path / path).with_suffix("").is_dir():
                (tmp_path / path).touch()
        with open(tmp_path / module, "a") as file:
            file.write(f"\n\ndef later():\n    import {imported}\n")
        result = lint_imports(tmp_path)
        assert result.returncode == 1
        importer = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        assert f"{importer} -> {imported}" in result.stdout


class TestModels:
    def test_relations_do_not_point_up(self):
        assert [
            f"{model._meta.label}.{field.name}"
            for model in models()
            for field in model._meta.get_fields()
            if field.is_relation and not field.auto_created and field.related_model
            if HEIGHTS.get(field.related_model._meta.app_label, 0) > HEIGHTS[model._meta.app_label]
        ] == []

    def test_have_a_factory_each(self):
        made = {
            factory._meta.model
            for factory in vars(factories).values()
            if isinstance(factory, type) and issubclass(factory, DjangoModelFactory)
        }
        assert [model._meta.label for model in models() if model not in made] == []

    @pytest.mark.django_db
    def test_are_what_the_migrations_make(self):
        call_command("makemigrations", check=True, dry_run=True)


class TestDependencies:
    def requirements(self, name):
        """name → version of everything pinned; a line that is no pin with hashes fails."""
        text = (ROOT / name).read_text().replace("\\\n", " ")
        pins = {}
        for line in text.splitlines():
            pin = re.fullmatch(r"([a-z0-9.\-]+)==(\S+)( ; [^-]+)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", line)
            assert pin, f"{name}: {line}"
            pins[pin[1]] = pin[2]
        return pins

    def test_are_pinned_with_hashes(self):
        pins = self.requirements("requirements.txt")
        assert pins.items() <= self.requirements("requirements-dev.txt").items()
        wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
        assert {re.match(r"[a-z0-9\-]+", each)[0] for each in wanted} <= pins.keys()

    def test_say_why_they_are_there(self):
        text = (ROOT / "pyproject.toml").read_text()
        lists = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
        assert len(lists) == 2
        assert [
            line for each in lists for line in each.splitlines() if not re.search(r'",\s+# \w+', line)
        ] == []

    @pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "package-lock.json"])
    def test_are_locked_without_saying_where_they_come_from(self, name):
        text = (ROOT / name).read_text()
        assert [
            word for word in ("://", "file:", "index-url", "find-links", "resolved") if word in text
        ] == []

    def test_of_the_browser_are_pinned_exactly(self):
        wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
        assert [version for version in wanted.values() if not re.fullmatch(r"[0-9.]+", version)] == []
        locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
        assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
        assert all("integrity" in package for name, package in locked.items() if name)
