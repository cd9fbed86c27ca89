import pytest
from django.utils import translation

from crm.countries import country_choices, country_name


class TestCountryName:
    def test_is_in_the_language_of_the_page(self):
        assert country_name("ES") == "Spain"
        with translation.override("ru"):
            assert country_name("ES") == "Испания"

    def test_of_an_unknown_code_is_the_code(self):
        assert (country_name("ZQ"), country_name("")) == ("ZQ", "")


class TestCountryChoices:
    @pytest.mark.parametrize("language", ["en", "es", "fr", "ru"])
    def test_are_the_countries_of_the_world_and_nothing_else(self, language):
        with translation.override(language):
            codes = dict(country_choices())

        assert {"ES", "FR", "RU", "GB", "US"} <= set(codes)
        assert not {"EU", "UN", "ZZ", "001"} & set(codes)
        assert 230 < len(codes) < 270

    def test_are_sorted_as_people_read_them(self):
        with translation.override("fr"):
            names = [name for _code, name in country_choices()]

        assert names.index("Équateur") < names.index("Espagne") < names.index("États-Unis")

    def test_keep_the_one_that_a_contact_has(self):
        assert country_choices("ZQ", "", "ES")[-1] == ("ZQ", "ZQ")
