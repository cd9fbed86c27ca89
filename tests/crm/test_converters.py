from urllib.parse import unquote

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import NoReverseMatch, Resolver404, path, resolve, reverse
from hypothesis import given
from hypothesis import strategies as st

from crm.converters import CodeConverter

urlpatterns = [
    path("contacts/new/", HttpResponse, name="new"),
    path("contacts/<code:no>/", HttpResponse, name="card"),
    path("contacts/<code:no>/edit/", HttpResponse, name="edit"),
]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@pytest.fixture(autouse=True)
def _own_addresses():
    with override_settings(ROOT_URLCONF=__name__):
        yield


class TestACodeInAnAddress:
    @pytest.mark.parametrize(
        ("code", "part"),
        [
            ("CT000142", "CT000142"),
            ("A/B", "A~2FB"),
            ("A B", "A~20B"),
            ("SM_00-21", "SM_00-21"),
            ("(7)", "~287~29"),
            ("КЛИЕНТ№5", "КЛИЕНТ~E2~84~965"),
            ("A~B%", "A~7EB~25"),
            ("..", "~2E~2E"),
        ],
    )
    def test_keeps_letters_and_digits_and_escapes_the_rest(self, code, part):
        assert CodeConverter().to_url(code) == part
        assert CodeConverter().to_python(part) == code

    @given(texts)
    def test_comes_back_as_it_was(self, code):
        assert CodeConverter().to_python(CodeConverter().to_url(code)) == code

    @given(texts)
    def test_has_one_spelling(self, part):
        try:
            code = CodeConverter().to_python(part)
        except ValueError:
            return
        assert CodeConverter().to_url(code) == part

    @given(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).map(str.upper)
    )
    def test_finds_its_page(self, code):
        found = resolve(unquote(reverse("edit", kwargs={"no": code})))
        assert (found.url_name, found.kwargs) == ("edit", {"no": code})

    @pytest.mark.parametrize("word", ["new", "import", "logged", "drafts", "Ct1", "ё"])
    def test_is_never_a_lower_case_word(self, word):
        with pytest.raises(ValueError, match=word):
            CodeConverter().to_python(word)

    def test_leaves_the_words_of_the_address_table_alone(self):
        assert resolve("/contacts/new/").url_name == "new"
        assert resolve("/contacts/NEW/").kwargs == {"no": "NEW"}
        with pytest.raises(Resolver404):
            resolve("/contacts/import/")

    @pytest.mark.parametrize("part", ["~41", "~2f", "~", "~C3", "A~2", "~FF~FE", "A.B", "%41"])
    def test_is_nothing_that_this_program_would_not_write(self, part):
        with pytest.raises(Resolver404):
            resolve(f"/contacts/{part}/")

    def test_is_not_made_of_half_characters(self):
        with pytest.raises(NoReverseMatch):
            reverse("card", kwargs={"no": "\ud800"})

    def test_may_be_given_as_a_number(self):
        assert reverse("card", kwargs={"no": 42}) == "/contacts/42/"
