import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.folding import LONGEST_WORD, MOST_WORDS, fold, words


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Hélène", "helene"),
            ("ŁÓDŹ", "lodz"),
            ("Ørsted", "orsted"),
            ("Đorđe", "dorde"),
            ("Æsir œuvre", "aesir oeuvre"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("ısparta Isparta İstanbul", "isparta isparta istanbul"),
            ("Þórður", "thordur"),
            ("Ёлкина", "елкина"),
            ("Андрей", "андреи"),
            ("Київ", "киів"),
            ("ﬁnal №5 ½", "final no5 1⁄2"),
            ("Ｆｕｌｌ", "full"),
        ],
    )
    def test_takes_case_marks_and_special_letters_away(self, text, folded):
        assert fold(text) == folded

    def test_does_not_care_how_a_mark_was_typed(self):
        assert fold("e\u0301") == fold("\u00e9") == "e"

    @given(st.text())
    def test_twice_is_the_same_as_once(self, text):
        assert fold(fold(text)) == fold(text)

    @given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "Zs", "Po"])))
    def test_does_not_care_about_capitals(self, text):
        assert fold(text.upper()) == fold(text.upper().lower())


class TestWords:
    def test_are_letters_and_digits_of_any_script_without_the_rest(self):
        assert words("O’Brien & Söhne, 20-11 «Ёлка»") == ["o", "brien", "sohne", "20", "11", "елка"]

    def test_are_none_when_nothing_was_typed(self):
        assert words("") == words(" -*%\"' ") == []

    def test_are_at_most_twelve_of_64_characters(self):
        found = words(" ".join(["x" * 100] * 20))
        assert found == ["x" * LONGEST_WORD] * MOST_WORDS == ["x" * 64] * 12

    @given(st.text())
    def test_occur_in_the_folded_text(self, text):
        assert all(word in fold(text) for word in words(text))
