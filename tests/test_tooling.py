"""Commands and files that set the project up, and the plugins that run its tests."""

import hashlib
import itertools
import json
import os
import re
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import polib
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.commands.makemessages import plural_forms_re
from kombu import Connection

from crm.management.commands import makemessages
from tests.__main__ import COVERAGE, find_postgresql, runs, split

ROOT = settings.BASE_DIR
VENDOR = ROOT / "static" / "vendor"

pytest_plugins = ["pytester"]


class TestEnvironmentVariables:
    def test_are_all_explained(self):
        read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "crm" / "settings.py").read_text()))
        lines = (ROOT / ".env.example").read_text().splitlines()
        explained = {}
        for above, line in itertools.pairwise(lines):
            if variable := re.match(r"(?:# )?([A-Z_]+)=", line):
                explained[variable[1]] = above
        assert explained.keys() == read
        assert [name for name, above in explained.items() if not re.match(r"# .*\w.*", above)] == []

    def test_that_compose_sets_are_among_them(self):
        text = (ROOT / "compose.yaml").read_text()
        (block,) = re.findall(r"&bitacora.*?environment:\n(.*?)\n  \w", text, re.DOTALL)
        variables = set(re.findall(r"^    ([A-Z_]+):", block, re.MULTILINE))
        assert {"SECRET_KEY", "DATABASE_URL"} <= variables
        assert variables <= set(
            re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        )


class TestDeployment:
    def test_behind_a_tls_proxy_has_nothing_left_to_warn_of_but_subdomains(self, tmp_path):
        variables = {
            "BEHIND_TLS_PROXY": "1",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "DATA_DIR": str(tmp_path),
        }
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"INSECURE_COOKIES", "DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE"}
        }
        result = subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy"],
            cwd=ROOT,
            env=environment | variables | {"DJANGO_SETTINGS_MODULE": "crm.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        # Whether other names of the domain may speak HTTP is not for this program to decide.
        assert set(re.findall(r"\((\w+\.[EWC]\d+)\)", result.stderr)) == {"security.W005", "security.W021"}


class TestVendoredFiles:
    def test_are_those_of_the_list_unchanged(self):
        listed = json.loads((VENDOR / "VENDOR.json").read_text())["files"]
        present = {
            path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in VENDOR.rglob("*")
            if path.is_file() and path.name != "VENDOR.json"
        }
        assert present == {name: entry["sha256"] for name, entry in listed.items()}

    def test_are_of_the_pinned_versions(self):
        package = json.loads((ROOT / "package.json").read_text())
        listed = json.loads((VENDOR / "VENDOR.json").read_text())["files"]
        assert listed.keys() == package["vendor"].keys()
        versions = {entry["package"]: entry["version"] for entry in listed.values()}
        assert package["devDependencies"].items() <= versions.items()

    def test_come_with_their_licences(self):
        folders = {path.parent for path in VENDOR.rglob("*.*") if path.name != "VENDOR.json"}
        assert [folder.name for folder in folders if not (folder / "LICENSE").read_text()] == []

    def test_can_be_served_under_hashed_names(self, settings, tmp_path):
        settings.STATIC_ROOT = tmp_path
        settings.STORAGES = settings.STORAGES | {
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
        }
        call_command("collectstatic", interactive=False, verbosity=0)
        names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
        assert (tmp_path / names["vendor/bootstrap/bootstrap.min.css"]).exists()


@pytest.fixture
def npm_project(tmp_path):
    """A folder with one package in node_modules, as npm leaves it."""
    package = tmp_path / "node_modules" / "@scope" / "thing"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "@scope/thing", "version": "1.2.3", "license": "MIT"}')
    (package / "thing.css").write_text("b {}")
    (tmp_path / "package.json").write_text('{"vendor": {"thing/thing.css": "@scope/thing/thing.css"}}')
    lock = {
        "packages": {
            "node_modules/@scope/thing": {"version": "1.2.3", "resolved": "x", "funding": {"url": "x"}}
        }
    }
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


class TestVendor:
    def test_copies_what_is_listed_and_nothing_else(self, npm_project):
        old = npm_project / "static" / "vendor" / "old.js"
        old.parent.mkdir(parents=True)
        old.touch()
        call_command("vendor", root=npm_project)
        assert not old.exists()
        assert (npm_project / "static/vendor/thing/thing.css").read_text() == "b {}"
        assert json.loads((npm_project / "static/vendor/VENDOR.json").read_text())["files"] == {
            "thing/thing.css": {
                "package": "@scope/thing",
                "version": "1.2.3",
                "licence": "MIT",
                "sha256": hashlib.sha256(b"b {}").hexdigest(),
            }
        }

    def test_drops_addresses_from_the_lock_file(self, npm_project):
        call_command("vendor", root=npm_project)
        lock = json.loads((npm_project / "package-lock.json").read_text())
        assert lock["packages"] == {"node_modules/@scope/thing": {"version": "1.2.3"}}

    def test_changes_nothing_when_a_file_is_missing(self, npm_project):
        (npm_project / "node_modules/@scope/thing/thing.css").unlink()
        with pytest.raises(CommandError, match=r"@scope/thing/thing.css.*npm ci"):
            call_command("vendor", root=npm_project)
        assert not (npm_project / "static").exists()


@pytest.fixture
def catalog(settings, tmp_path):
    """The path of a Spanish catalog with one sentence."""
    settings.LOCALE_PATHS = [tmp_path]
    path = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    write_catalog(path, "Contacto")
    return path


def write_catalog(path, text):
    catalog = polib.POFile()
    catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalog.append(polib.POEntry(msgid="Contact", msgstr=text))
    catalog.append(polib.POEntry(msgid="Draft", msgstr="Borrador", flags=["fuzzy"]))
    catalog.save(str(path))


def translations(catalog):
    return {entry.msgid: entry.msgstr for entry in polib.mofile(str(catalog.with_suffix(".mo")))}


class TestCompileCatalogs:
    def test_compiles_a_new_catalog_without_its_fuzzy_entries(self, catalog, capsys):
        call_command("compile_catalogs")
        assert translations(catalog) == {"Contact": "Contacto"}
        assert capsys.readouterr().out == "Compiled 1 catalogs.\n"

    def test_leaves_a_catalog_alone_that_is_up_to_date(self, catalog, capsys):
        call_command("compile_catalogs")
        call_command("compile_catalogs")
        assert capsys.readouterr().out.endswith("Compiled 0 catalogs.\n")

    def test_compiles_a_changed_catalog_again(self, catalog):
        call_command("compile_catalogs")
        write_catalog(catalog, "Persona")
        changed = catalog.with_suffix(".mo").stat().st_mtime + 1
        os.utime(catalog, (changed, changed))
        call_command("compile_catalogs")
        assert translations(catalog) == {"Contact": "Persona"}


class TestMakemessages:
    TEMPLATE = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Draft"\nmsgstr ""\n'
    )

    @pytest.mark.parametrize("locale", ["es", "fr", "ru"])
    def test_gives_a_new_catalog_our_plural_rule(self, locale):
        command = makemessages.Command()
        command.domain, command.verbosity = "django", 0
        text = command.copy_plural_forms(self.TEMPLATE, locale)
        assert plural_forms_re.findall(text) == [f'"Plural-Forms: {makemessages.PLURALS[locale]}\\n"']
        assert text.endswith('msgid "Draft"\nmsgstr ""')

    def test_leaves_other_languages_to_django(self):
        command = makemessages.Command()
        command.domain, command.verbosity = "django", 0
        assert '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"' in command.copy_plural_forms(
            self.TEMPLATE, "de"
        )

    def test_keeps_catalogs_small_and_out_of_foreign_folders(self):
        options = makemessages.Command().create_parser("manage.py", "makemessages").parse_args(["-l", "es"])
        assert (options.no_obsolete, options.no_wrap, options.add_location) == (True, True, "file")
        assert {"node_modules", "static/vendor"} <= set(options.ignore_patterns)


@pytest.fixture
def queue(tmp_path):
    """A queue in files that do not exist yet, and two connections to it."""
    folder = tmp_path / "data"
    name = tmp_path.name  # kombu remembers for the whole process which queues it declared
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "queue-control"),
    }
    with (
        Connection("files://", transport_options=options) as one,
        Connection("files://", transport_options=options) as two,
    ):
        yield (
            one.SimpleQueue(name, no_ack=True),
            two.SimpleQueue(name, no_ack=True),
            folder / "queue",
        )


class TestFileQueue:
    def test_gives_each_message_once_and_in_order(self, queue):
        one, two, folder = queue
        for number in range(6):
            one.put(number)
        received = [reader.get(timeout=1).payload for reader in (one, two, two, one, two, one)]
        assert received == list(range(6))
        assert list(folder.iterdir()) == []
        with pytest.raises(one.Empty):
            two.get(block=False)

    def test_gives_each_message_to_one_of_two_hasty_readers(self, queue):
        one, two, _folder = queue
        for number in range(300):
            one.put(number)

        def read_all(reader):
            received = []
            with suppress(reader.Empty):
                while True:
                    received.append(reader.get(block=False).payload)
            return received

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(read_all, (one, two))
        assert sorted(first + second) == list(range(300))

    def test_does_not_see_unfinished_messages(self, queue):
        one, two, folder = queue
        one.put("whole")
        (message,) = folder.iterdir()
        message.with_name(f"0{message.name}.part").write_text('{"bo')
        assert two.get(timeout=1).payload == "whole"
        with pytest.raises(two.Empty):
            two.get(block=False)

    def test_keeps_messages_while_nobody_listens(self, queue):
        one, two, _folder = queue
        one.put("kept")
        one.close()
        assert two.get(timeout=1).payload == "kept"


class TestRunner:
    @pytest.mark.parametrize(
        ("arguments", "databases", "options"),
        [
            ([], [], []),
            (["postgresql"], ["postgresql"], []),
            (["sqlite", "--", "-k", "ledger"], ["sqlite"], ["-k", "ledger"]),
            (["--", "-m", "browser"], [], ["-m", "browser"]),
        ],
    )
    def test_tells_databases_from_options_of_pytest(self, arguments, databases, options):
        assert split(arguments) == (databases, options)

    def test_measures_coverage_once_and_opens_the_browser_last(self):
        assert runs(["sqlite", "postgresql"], whole=True) == [
            ("sqlite", ["-m", "not browser", *COVERAGE]),
            ("postgresql", ["-m", "not browser"]),
            ("sqlite", ["-m", "browser"]),
            ("postgresql", ["-m", "browser"]),
        ]
        assert runs(["postgresql"], whole=False) == [("postgresql", [])]
        assert "--cov-fail-under=98" in COVERAGE

    def test_says_why_a_server_is_not_used(self, monkeypatch):
        monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://127.0.0.1:1/bitacora")
        url, (reason,) = find_postgresql()
        assert url is None
        assert reason.startswith("postgresql://127.0.0.1:1/bitacora: ")


class TestAgain:
    def test_repeats_what_uses_a_database_and_the_journeys(self, pytester, monkeypatch):
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        tests = """
            import pytest

            @pytest.fixture
            def db(): pass

            @pytest.fixture
            def chromium(): pass

            @pytest.mark.django_db
            def test_marked(): pass
            def test_with_fixture(db): pass
            def test_without(): pass
            def test_page(db, chromium): pass
            """
        pytester.makeini("[pytest]\nmarkers =\n    django_db: uses a database")
        pytester.makeconftest('pytest_plugins = ["tests.plugins.again", "tests.plugins.browser"]')
        pytester.makepyfile(**{f"{folder}/test_some": tests for folder in ("crm", "journeys")})
        result = pytester.runpytest_subprocess("--again", "--collect-only", "-q", "--import-mode=importlib")
        collected = [line for line in result.outlines if "::" in line]
        assert collected == [
            "crm/test_some.py::test_marked",
            "crm/test_some.py::test_with_fixture",
            "journeys/test_some.py::test_marked",
            "journeys/test_some.py::test_with_fixture",
            "journeys/test_some.py::test_page",
        ]


class TestPlugins:
    """A run of its own, without a browser on the machine."""

    @pytest.fixture
    def run(self, pytester, monkeypatch):
        pytester.makeconftest('pytest_plugins = ["tests.plugins.browser", "tests.plugins.summary"]')
        pytester.makepyfile("def test_page(chromium): pass\ndef test_other(): pass")
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")

        def run():
            summary = pytester.path / "summary.json"
            result = pytester.runpytest_subprocess(f"--summary={summary}", "--note=SOMETHING WAS LEFT OUT")
            (database,) = json.loads(summary.read_text()).values()
            return result, database

        return run

    def test_skip_browser_tests_loudly(self, run, monkeypatch):
        monkeypatch.delenv("CI", raising=False)
        result, database = run()
        result.stdout.fnmatch_lines(
            ["1 BROWSER TESTS WERE SKIPPED: *apt install chromium*", "SOMETHING WAS LEFT OUT"]
        )
        assert database == {"exit": 0, "all": {"passed": 1, "skipped": 1}, "browser": {"skipped": 1}}

    def test_fail_browser_tests_in_ci(self, run, monkeypatch):
        monkeypatch.setenv("CI", "true")
        _result, database = run()
        assert database == {"exit": 1, "all": {"passed": 1, "failed": 1}, "browser": {"failed": 1}}

    def test_add_up_what_runs_on_one_database_did(self, run, monkeypatch):
        monkeypatch.delenv("CI", raising=False)
        run()
        _result, database = run()
        assert database == {"exit": 0, "all": {"passed": 2, "skipped": 2}, "browser": {"skipped": 2}}


class TestMake:
    def make(self, *arguments):
        command = ["make", "--dry-run", "--always-make", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    def test_run_prepares_everything_before_it_serves(self):
        steps = re.findall(r"manage\.py (\w+)", self.make("run", f"PYTHON={sys.executable}"))
        assert steps == ["migrate", "compile_catalogs", "collectstatic", "load_demo", "serve"]

    def test_installs_only_what_is_pinned_with_a_hash(self):
        output = self.make("test", f"PYTHON={sys.executable}")
        assert "pip install" in output
        assert "--require-hashes --requirement requirements-dev.txt" in output
