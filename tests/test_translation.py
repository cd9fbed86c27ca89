"""The catalogs: whole, fresh, well-formed, and in the words that were agreed (tests/data/seed_terms.csv)."""

import ast
import csv
import gettext
import html
import os
import re
import shutil
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils.translation.reloader import translation_file_changed

from crm.management.commands.makemessages import PLURALS
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    UserFactory,
)

ROOT = settings.BASE_DIR
CATALOGS = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
LANGUAGES = sorted({path.parent.parent.name for path in CATALOGS})

SEEDS = ROOT / "tests" / "data" / "seed_terms.csv"
SEED_TERMS = list(csv.DictReader(SEEDS.read_text(encoding="utf-8").splitlines()))

# The same English word with another meaning: "the log" of the phone bar is a noun, the seed's "Log" a verb.
OTHER_MEANING = {("phone bar", "Log")}

# Terms whose page, list or help topic does not exist yet. A term that has come must leave this list.
TO_COME = {
    "Accept of dialogs": {"OK"},
    "Tell me": {
        "Search for Page or Report",
        "Tell me what you want to do",
        "Lightbulb that opens the Tell Me feature",
        "Interaction Log Entries (running text)",
    },
    "segments": {
        "Active Segments",
        "follow-up segment",
        "line",
    },
    "documents": {"invoice", "quote", "record (verb)", "created, posted, or printed"},
    "more documents": {"sales, purchase, and service documents"},
    "plurals of kinds": {"meetings"},
    "help": {
        "Attachments for interactions",
        "Record Interactions with Contacts",
        "Set up interaction templates",
        "Create interactions",
        "View and manage recorded interactions",
        "Manage interactions with contacts",
        "Automatically Record Interactions with Contacts",
        "Create Interactions on Contacts and Segments",
        "To create an interaction",
        "To finish and delete postponed interactions",
        "To create an interaction on a segment",
        "See also",
        "Managing Contacts",
        "Managing Sales Opportunities",
        "Setting Up Relationship Management",
        "Managing Interactions",
        "Create and Manage Interactions with Contacts",
        "Setting Up Contacts",
        "Creating Interactions on Contacts and Segments",
        "Automatically Recording Interactions with Contacts",
        "To",
        "See",
    },
}


def catalog(path):
    return polib.pofile(str(path))


def strings(entry):
    """The translations of *entry*: one, or one for each plural form."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def seed_words(language):
    """{msgid: set of the only strings that may translate it}

    A term written in title case stands on pages in sentence case, and in lower case inside a sentence, unless the
    seeds have a term of their own for that.
    """
    given, derived = {}, {}
    for row in SEED_TERMS:
        if row["lang"] != language:
            continue
        english = row["en"].removesuffix(" (running text)")
        english = re.sub(r"\bemail\b", "e-mail", english)
        term = row["seed_term"]
        if english[0].islower():
            given.setdefault(english, set()).add(term)
            derived.setdefault(english[0].upper() + english[1:], set()).add(term[0].upper() + term[1:])
        elif not row["en"].endswith("(running text)"):
            given.setdefault(english[0] + english[1:].lower(), set()).add(term)
            derived.setdefault(english.lower(), set()).add(term[0].lower() + term[1:])
    return derived | given


class TestSeedTerms:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_are_taken_over_letter_for_letter(self, language):
        words = seed_words(language)
        wrong, seen = [], set()
        for path in CATALOGS:
            if path.parent.parent.name != language:
                continue
            for entry in catalog(path):
                if entry.msgid in words and (entry.msgctxt, entry.msgid) not in OTHER_MEANING:
                    seen.add(entry.msgid)
                    if entry.msgstr not in words[entry.msgid]:
                        wrong.append((entry.msgctxt, entry.msgid, entry.msgstr, words[entry.msgid]))
        assert wrong == []
        assert {"Resume", "Interaction log entries", "salesperson", "Marketing setup"} <= seen

    def test_are_all_there_but_those_to_come(self):
        msgids = {entry.msgid.casefold() for path in CATALOGS for entry in catalog(path)}
        present, absent = set(), set()
        for english in {row["en"] for row in SEED_TERMS}:
            words = english.removesuffix(" (running text)").casefold()
            found = {words, re.sub(r"\bemail\b", "e-mail", words)} & msgids
            (present if found else absent).add(english)
        to_come = set().union(*TO_COME.values())
        assert absent <= to_come
        assert to_come & present <= {"Interaction Log Entries (running text)"}


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.parent.name)
class TestCatalog:
    def test_is_whole(self, path):
        po = catalog(path)
        assert [entry.msgid for entry in po.untranslated_entries()] == []
        assert [entry.msgid for entry in po.fuzzy_entries()] == []
        assert [entry.msgid for entry in po.obsolete_entries()] == []
        assert len(po) > 500

    def test_has_every_plural_form(self, path):
        po = catalog(path)
        language = path.parent.parent.name
        assert po.metadata["Plural-Forms"] == PLURALS[language]
        forms = set(range(int(re.match(r"nplurals=(\d)", PLURALS[language])[1])))
        counted = [entry for entry in po if entry.msgid_plural]
        assert counted
        assert [
            entry.msgid
            for entry in counted
            if entry.msgstr_plural.keys() != forms or not all(entry.msgstr_plural.values())
        ] == []

    def test_keeps_placeholders_and_tags(self, path):
        wrong = []
        for entry in catalog(path):
            allowed = [parts(entry.msgid)] + ([parts(entry.msgid_plural)] if entry.msgid_plural else [])
            wrong += [(entry.msgid, each) for each in strings(entry) if parts(each) not in allowed]
        assert wrong == []

    def test_is_well_set(self, path):
        language = path.parent.parent.name
        wrong = {
            text: problems
            for entry in catalog(path)
            for text in strings(entry)
            if (problems := typography(language, entry.msgid, text))
        }
        assert wrong == {}

    def test_compiles_and_counts(self, path, tmp_path):
        po = catalog(path)
        compiled = tmp_path / "django.mo"
        po.save_as_mofile(str(compiled))
        with compiled.open("rb") as file:
            words = gettext.GNUTranslations(file)
        for entry in po:
            if not entry.msgid_plural:
                read = (
                    words.pgettext(entry.msgctxt, entry.msgid)
                    if entry.msgctxt
                    else words.gettext(entry.msgid)
                )
                assert read == entry.msgstr
                continue
            read = {
                words.npgettext(entry.msgctxt, entry.msgid, entry.msgid_plural, n)
                if entry.msgctxt
                else words.ngettext(entry.msgid, entry.msgid_plural, n)
                for n in (0, 1, 2, 5, 11, 21, 22, 101)
            }
            assert read == set(entry.msgstr_plural.values())


def parts(text):
    """The holes and tags of *text*, sorted."""
    return sorted(re.findall(r"%\(\w+\)[sd]|%%|<[^>]+>", text))


def is_sentence(text):
    """Whether *text* ends with a full stop that is not one of an abbreviation."""
    return text.endswith(".") and not re.search(r"\b(no|mov|inter|c\.p)\.$", text, re.IGNORECASE)


def typography(language, msgid, text):
    """What is wrong with the signs of *text*, as a list of words."""
    problems = []
    if "  " in text:
        problems.append("two spaces")
    if text != text.strip():
        problems.append("space at an end")
    if is_sentence(msgid) != is_sentence(text):
        problems.append("full stop")
    if re.search(r"[“”\"]", re.sub(r"<[^>]+>", "", text)):
        problems.append("English quotation marks")
    if language == "es":
        closed = len(re.findall(r"\S\?", text))  # one that stands alone is a sign of filters
        if closed != text.count("¿") or text.count("!") != text.count("¡"):
            problems.append("opening mark")
        if re.search(
            r"\b(tú|tu|tus|te|contigo|puedes|quieres|tienes|elige|escribe|debes)\b", text, re.IGNORECASE
        ):
            problems.append("tú instead of usted")
        if re.search(r"\bN[º°]|\bNo\.", text):
            problems.append("N.º")
    return problems


class TestTypography:
    @pytest.mark.parametrize(
        ("english", "spanish", "problem"),
        [
            ("Reached?", "Contactado?", "opening mark"),
            ("Choose one.", "Elige una.", "tú instead of usted"),
            ("Choose one.", "Elija una", "full stop"),
            ("“A” is used", "“A” se usa", "English quotation marks"),
            ("No. 5", "Nº 5", "N.º"),
            ("Two words", "Dos  palabras", "two spaces"),
        ],
    )
    def test_of_spanish_is_looked_at(self, english, spanish, problem):
        assert typography("es", english, spanish) == [problem]

    def test_of_good_spanish_passes(self):
        assert typography("es", "Reached “%(name)s”?", "¿Ha localizado a «%(name)s»?") == []


def meaning(path):
    """{(context, English): (English plural, translations, flags)}: a string that only moved is nothing new."""
    return {
        (entry.msgctxt, entry.msgid): (entry.msgid_plural, strings(entry), sorted(entry.flags))
        for entry in catalog(path)
    }


class TestMakemessages:
    def test_finds_nothing_new(self, tmp_path, monkeypatch, settings):
        if not shutil.which("xgettext"):
            why = "GNU gettext is missing, so nobody checks that the catalogs are fresh: apt install gettext"
            pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
        away = shutil.ignore_patterns("__pycache__", "vendor", "*.mo")
        for name in ("crm", "interactions", "segments", "templates", "static", "locale"):
            shutil.copytree(ROOT / name, tmp_path / name, ignore=away)
        monkeypatch.chdir(tmp_path)
        settings.LOCALE_PATHS = [tmp_path / "locale"]
        for domain in ("django", "djangojs"):
            call_command("makemessages", locale=LANGUAGES, domain=domain, verbosity=0)
        made = {path.relative_to(tmp_path): path for path in tmp_path.glob("locale/*/LC_MESSAGES/*.po")}
        assert {path.relative_to(ROOT) for path in CATALOGS} == made.keys()
        for name, path in made.items():
            assert meaning(path) == meaning(ROOT / name), f"{name} is stale: make messages"


class TestSources:
    def test_call_gettext_by_names_that_are_collected(self):
        """xgettext knows the functions by their own names and `_`; under another name a string is never found."""
        strange = []
        for app in ("crm", "interactions", "segments"):
            for path in (ROOT / app).rglob("*.py"):
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                        strange += [
                            f"{path.relative_to(ROOT)}: {name.name} as {name.asname}"
                            for name in node.names
                            if name.asname
                            and (name.asname != "_" or name.name not in {"gettext", "gettext_lazy"})
                        ]
        assert strange == []


# --- pages in Spanish -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def compiled_catalogs():
    call_command("compile_catalogs", verbosity=0)
    translation_file_changed(None, Path("django.mo"))  # this process may have looked for them before


@pytest.fixture
def spanish(client, db, compiled_catalogs):
    """Reads an address as an administrator whose browser asks for Spanish; answers what a person sees."""
    user = UserFactory(role="Administrator", is_staff=True)
    SalespersonFactory(user=user)
    client.force_login(user)

    def read(url):
        answer = client.get(url, headers={"accept-language": "es"})
        assert answer.status_code == 200
        return visible(answer.content.decode())

    read.user = user
    return read


def visible(page):
    """The text of *page* with its labels and titles, blanks as one."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    labels = " ".join(re.findall(r"(?:aria-label|title|placeholder)=\"([^\"]*)\"", page))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", f"{page} {labels}")))


def heading(page):
    return re.sub(r"\s+", " ", html.unescape(re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[1])).strip()


class TestPagesInSpanish:
    def test_are_in_spanish(self, client, spanish):
        page = client.get("/", headers={"accept-language": "es"}).content.decode()
        assert '<html lang="es"' in page
        assert "Inicio" in visible(page)

    @pytest.mark.parametrize(
        ("name", "title"),
        [
            ("interactions:entries", "Movs. log. interacción"),
            ("interactions:postponed", "Interacciones aplazadas"),
            ("interactions:new", "Crear interacción"),
            ("interactions:purge", "Eliminar mov. cancel. reg. inter."),
            ("crm:contacts", "Contactos"),
            ("crm:salespeople", "Vendedores"),
        ],
    )
    def test_have_the_titles_of_the_seeds(self, client, spanish, name, title):
        page = client.get(reverse(name), headers={"accept-language": "es"}).content.decode()
        assert heading(page) == title

    def test_set_up_is_called_as_in_the_seeds(self, spanish):
        menu = spanish("/")
        admin = spanish(reverse("admin:index"))
        for term in ("Configuración marketing", "Plantillas de interacción"):
            assert term in admin
        assert "Configuración marketing" in menu
        assert "Plantillas de interacción" in spanish(
            reverse("admin:interactions_interactiontemplate_changelist")
        )
        assert "Configuración marketing" in spanish(reverse("admin:crm_marketingsetup_change", args=[1]))

    def test_contact_card_offers_the_actions_of_the_seeds(self, spanish):
        contact = ContactFactory(person=True, salesperson=spanish.user.own_salesperson)
        card = spanish(contact.get_absolute_url())
        for term in (
            "Crear interacción",
            "Movs. log. interacción",
            "Interacciones aplazadas",
            "Vendedor",
            "Teléfono",
            "Correo electrónico",
        ):
            assert term in card

    def test_timeline_logs_and_resumes(self, spanish):
        contact = ContactFactory(person=True)
        InteractionTemplateFactory(quick_key=1)
        InteractionDraftFactory(contact=contact, kept=True, created_by=spanish.user)
        timeline = spanish(reverse("interactions:contact_entries", args=[contact.no]))
        assert "Registrar" in timeline
        assert "Reanudar" in timeline

    def test_salesperson_card_offers_the_actions_of_the_seeds(self, spanish):
        card = spanish(SalespersonFactory().get_absolute_url())
        for term in ("Crear interacción", "Movs. log. interacción", "Interacciones aplazadas"):
            assert term in card

    def test_postponed_interactions_are_resumed(self, spanish):
        InteractionDraftFactory(kept=True, created_by=spanish.user)
        assert "Reanudar" in spanish(reverse("interactions:postponed"))

    def test_an_entry_names_its_parts_as_in_the_seeds(self, spanish):
        entry = InteractionLogEntryFactory(attachment=AttachmentFactory(), segment_no="SM00001")
        page = spanish(entry.get_absolute_url())
        for term in ("Archivo adjunto", "Vendedor", "Segmento", "Crear interacción"):
            assert term in page
        admin = spanish(reverse("admin:interactions_interactionlogentry_change", args=[entry.pk]))
        assert "movimiento de registro de interacción" in admin

    def test_filters_name_logged_segments(self, spanish):
        assert "Segmento grabado" in spanish(reverse("interactions:entries") + "?filters=1")

    def test_kinds_of_interactions_are_named_as_in_the_seeds(self, spanish):
        contact = ContactFactory()
        timeline = spanish(reverse("interactions:contact_entries", args=[contact.no]))
        for term in ("Carta", "Reunión", "Correo electrónico"):
            assert term in timeline

    def test_refuse_in_spanish(self, spanish):
        assert "No existe la plantilla «NONE»." in spanish(reverse("interactions:entries") + "?template=NONE")
