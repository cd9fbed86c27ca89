import pytest
from django.utils import translation

from crm import names


class TestCountryName:
    def test_is_in_the_language_of_the_page(self):
        assert names.country_name("ES") == "Spain"
        with translation.override("ru"):
            assert names.country_name("ES") == "Испания"

    def test_of_an_unknown_code_is_the_code(self):
        assert (names.country_name("ZQ"), names.country_name("")) == ("ZQ", "")


class TestLanguageName:
    @pytest.mark.parametrize(
        ("reader", "tag", "name"),
        [
            ("en", "fr", "French"),
            ("en", "fr-CH", "Swiss French"),
            ("en", "de-LU", "German (Luxembourg)"),
            ("es", "ru", "Ruso"),
            ("ru", "pt-BR", "Бразильский португальский"),
            ("en", "xx-nonsense", "xx-nonsense"),
            ("en", "", ""),
        ],
    )
    def test_is_in_the_language_of_the_page(self, reader, tag, name):
        with translation.override(reader):
            assert names.language_name(tag) == name


class TestChoices:
    @pytest.mark.parametrize("reader", ["en", "es", "fr", "ru"])
    def test_hold_what_the_world_speaks_and_nothing_else(self, reader):
        with translation.override(reader):
            countries, languages = dict(names.countries()), dict(names.languages())

        assert {"ES", "FR", "RU", "GB", "US"} <= set(countries)
        assert not {"EU", "UN", "ZZ", "001"} & set(countries)
        assert 230 < len(countries) < 270
        assert {"es", "fr", "ru", "en", "fr-CH", "pt-BR", "zh-Hans"} <= set(languages)
        assert 120 < len(languages) < 240

    def test_are_sorted_without_accents(self):
        with translation.override("fr"):
            found = [name for _code, name in names.countries()]

        assert found.index("Équateur") < found.index("Espagne") < found.index("États-Unis")

    def test_of_languages_keep_the_one_a_contact_has(self):
        assert ("de-LU", "German (Luxembourg)") in names.languages("de-LU", "")
