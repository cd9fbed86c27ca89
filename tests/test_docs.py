"""README and docs/ promise only what is there: files, commands, targets, variables."""

import ast
import re

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
MAKE_TARGETS = set(re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())
VARIABLES = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
NOT_OURS = {"ARGS", "DATABASE_PASSWORD", "SECRET_KEY_FILE", "SETTINGS_FILE"}  # of make, compose and the shell


def code(text):
    """What stands in code blocks and between backquotes."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))])


def anchors(page):
    """What headings of *page* are called in links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
class TestPages:
    def test_lead_to_files_and_headings_that_exist(self, page):
        broken = []
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text().replace("\n", " ")):
            path, _hash, anchor = target.partition("#")
            if path.startswith("http"):
                continue
            other = page.parent / path if path else page
            if not other.exists() or (anchor and anchor not in anchors(other)):
                broken.append(target)
        assert broken == []

    def test_name_targets_commands_and_files_that_exist(self, page):
        said = code(page.read_text())
        assert set(re.findall(r"^make ([a-z-]+)", said, re.MULTILINE)) <= MAKE_TARGETS
        assert set(re.findall(r"manage\.py ([a-z_]+)", said)) <= get_commands().keys()
        paths = re.findall(r"\b((?:crm|interactions|segments|tests|static)/[\w/.]*\w\.?\w*)", said)
        assert [path for path in paths if not (ROOT / path).exists()] == []

    def test_set_variables_that_are_read(self, page):
        assert (
            set(re.findall(r"^([A-Z_]{4,})=", code(page.read_text()), re.MULTILINE)) <= VARIABLES | NOT_OURS
        )

    def test_show_python_that_compiles(self, page):
        for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
            ast.parse(block)


class TestReadme:
    def test_keeps_its_order(self):
        headings = re.findall(r"^## (.+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
        order = [
            "Run it",
            "Five words",
            "Where things live",
            "Test",
            "Measure",
            "Deploy",
            "Languages",
            "Licence",
        ]
        assert [heading for heading in headings if heading in order] == order

    def test_shows_pictures_that_load_quickly(self):
        pictures = sorted((ROOT / "docs" / "images").iterdir())
        text = (ROOT / "README.md").read_text()
        assert pictures
        for picture in pictures:
            assert picture.read_bytes().startswith(b"\x89PNG")
            assert picture.stat().st_size < 250_000
            assert f"docs/images/{picture.name}" in text

    def test_draws_the_folders_that_are_there(self):
        (tree,) = re.findall(r"```\n(crm/.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        folders = re.findall(r"^(\w+)/", tree, re.MULTILINE)
        assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
