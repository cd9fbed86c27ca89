"""Languages are BCP 47 tags that exist, written as the standard writes them, wherever one is kept."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from crm.languages import language_inside, language_name, language_tag
from crm.models import Contact
from tests.factories import (
    ContactFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    MarketingSetupFactory,
    UserFactory,
)


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("es", "es"),
        ("ES-es", "es-ES"),
        (" fr_ch ", "fr-CH"),
        ("ZH-hANS-cn", "zh-Hans-CN"),
        ("zh-TW", "zh-TW"),
        ("es-419", "es-419"),
    ],
)
def test_a_tag_is_written_as_the_standard_does(typed, tag):
    assert language_tag(typed) == tag


@pytest.mark.parametrize(
    "typed", ["zz-!!", "zz", "en-XX", "klingon", "e", "es-", "en-u-ca-greg", "root", "-"]
)
def test_what_is_no_language_has_no_tag(typed):
    assert language_tag(typed) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("factory", "field"),
    [
        (ContactFactory, "language"),
        (UserFactory, "language"),
        (MarketingSetupFactory, "default_language"),
        (InteractionTemplateFactory, "language"),
        (InteractionTemplateLanguageFactory, "language"),
    ],
)
class TestARow:
    def test_refuses_what_is_no_language_in_one_sentence(self, factory, field):
        row = factory()
        setattr(row, field, "zz-!!")
        with pytest.raises(ValidationError) as refused:
            row.clean_fields(exclude={"password"})
        assert refused.value.message_dict[field] == [
            "“zz-!!” is not a language. Enter its tag, like es or fr-CH."
        ]

    def test_keeps_the_tag_as_the_standard_writes_it(self, factory, field):
        row = factory()
        setattr(row, field, "ES-es")
        row.clean_fields(exclude={"password"})
        row.save()
        assert getattr(row, field) == "es-ES"
        assert type(row).objects.filter(**{field: "es_es"}).get() == row


@pytest.mark.django_db
def test_a_row_without_a_language_has_none():
    ContactFactory(language="")
    assert Contact.objects.get().language == ""


@pytest.mark.parametrize(
    ("page", "alone", "inside"),
    [("en", "French", "French"), ("es", "Francés", "francés"), ("ru", "Французский", "французский")],
)
def test_a_language_is_written_small_inside_a_sentence_where_people_do(page, alone, inside):
    with translation.override(page):
        assert (language_name("fr"), language_inside("fr")) == (alone, inside)
        assert language_inside("zz-none") == language_name("zz-none") == "zz-none"
