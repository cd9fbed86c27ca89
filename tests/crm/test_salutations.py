"""Greetings by formula."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from crm.models import NamePart, Salutation, SalutationFormula, SalutationType
from crm.salutations import greeting
from tests.factories import ContactFactory, SalutationFactory, SalutationFormulaFactory, UserFactory


class TestGreeting:
    @pytest.mark.parametrize(
        ("pattern", "parts", "text"),
        [
            ("Good day %1 %2 %3!", ["Ana", "María", "Ruiz"], "Good day Ana María Ruiz!"),
            ("Good day %1 %2 %3!", ["Ana", "", "Ruiz"], "Good day Ana Ruiz!"),
            ("Dear %1 %2,", ["Ana", ""], "Dear Ana,"),
            ("%1 %2", ["", ""], ""),
            ("Dear %1,", [" Ana "], "Dear Ana,"),
            ("Dear %1,", ["%2 & 100 %1"], "Dear %2 & 100 %1,"),
            ("Dear %3,", ["Ana"], "Dear,"),
            ("Dear %6 %,", ["Ana"], "Dear %6 %,"),
            ("Dear Sir or Madam,", [], "Dear Sir or Madam,"),
            ("", ["Ana"], ""),
        ],
    )
    def test_fills_places_and_drops_empty_ones(self, pattern, parts, text):
        assert greeting(pattern, parts) == text


@pytest.mark.django_db
class TestSalutationFormula:
    @pytest.mark.case("SU-022", "SU-023")
    def test_is_found_by_salutation_language_and_type(self):
        salutation = Salutation.objects.get(code=SalutationFactory(code="F-MAR").code)
        names = ["COMPANY_NAME", "INITIALS", "SURNAME", "MIDDLE_NAME", "FIRST_NAME"]
        SalutationFormulaFactory(
            salutation=salutation, pattern="%1", **{f"name_{n}": name for n, name in enumerate(names, 1)}
        )
        found = SalutationFormula.objects.get(
            salutation__code="f-mar", language="", type=SalutationType.FORMAL
        )
        assert found.parts == [name.lower() for name in names]
        assert set(names) < set(NamePart.values)

    @pytest.mark.case("SU-024", "SU-025", "SU-026")
    def test_exists_once_for_each_language_and_type(self):
        salutation = SalutationFactory()
        for language in ("", "de"):
            for kind in SalutationType.values:
                SalutationFormulaFactory(salutation=salutation, language=language, type=kind)
        assert salutation.formulas.count() == 4
        assert salutation.formulas.get(language="DE", type="INFORMAL").language == "de"
        with pytest.raises(IntegrityError), transaction.atomic():
            SalutationFormulaFactory(salutation=salutation, language="de", type="INFORMAL")

    @pytest.mark.case("SU-027")
    def test_is_reached_from_a_contact(self):
        formula = SalutationFormulaFactory(pattern="Dear %1,")
        contact = ContactFactory(person=True, salutation=formula.salutation)
        assert [each.pattern for each in contact.salutation.formulas.all()] == ["Dear %1,"]

    def test_knows_no_other_type(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            SalutationFormulaFactory(type="CASUAL")

    def test_has_a_language_that_exists(self):
        with pytest.raises(ValidationError, match="not a language"):
            SalutationFormulaFactory.build(salutation=SalutationFactory(), language="xx-nope").full_clean()

    def test_goes_with_its_salutation(self):
        formula = SalutationFormulaFactory()
        formula.salutation.delete()
        assert not SalutationFormula.objects.exists()

    def test_is_kept_in_the_administration_of_its_salutation(self, client):
        client.force_login(UserFactory(role="Administrator", is_staff=True))
        salutation = SalutationFactory(code="F")
        address = f"/admin/crm/salutation/{salutation.pk}/change/"
        assert client.get(address).status_code == 200
        rows = {
            "formulas-TOTAL_FORMS": 1,
            "formulas-INITIAL_FORMS": 0,
            "formulas-0-salutation": salutation.pk,
            "formulas-0-language": "fr",
            "formulas-0-type": "FORMAL",
            "formulas-0-pattern": "Chère Madame %1,",
            "formulas-0-name_1": "SURNAME",
        }
        response = client.post(address, {"code": "F", "description": "", **rows})
        assert response.status_code == 302, response.context["errors"]
        assert salutation.formulas.get().pattern == "Chère Madame %1,"
