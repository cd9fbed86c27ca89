import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django import forms
from django.db import models

from crm import formats
from crm.fields import AmountField, MinutesField, PlainDateField, PlainTimeField

FRIDAY = dt.date(2026, 11, 20)
INITIAL = {"date": FRIDAY, "time": dt.time(14, 30), "minutes": 45, "cost": Decimal("1248.5")}


class Sheet(forms.Form):
    date = PlainDateField()
    time = PlainTimeField(required=False)
    minutes = MinutesField(required=False)
    cost = AmountField(required=False, currency=lambda: "EUR")


class Visit(models.Model):
    date = models.DateField()
    minutes = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=6, decimal_places=1, default=0)

    class Meta:
        app_label = "fields_tests"

    def __str__(self):
        return str(self.date)


class VisitForm(forms.ModelForm):
    class Meta:
        model = Visit
        fields = ("date", "minutes", "cost")
        field_classes = {"date": PlainDateField, "minutes": MinutesField, "cost": AmountField}


@pytest.fixture(autouse=True)
def _friday_morning():
    with time_machine.travel("2026-11-20T09:30:00Z", tick=False):
        yield


def sheet(**typed):
    return Sheet({"date": "t", **typed}, initial=INITIAL)


class TestAFieldThatWasTyped:
    def test_gives_values_to_the_program(self):
        form = sheet(date="20/11", time="930", minutes="1h30", cost="€1,248.50")
        assert form.is_valid()
        assert form.cleaned_data == {
            "date": FRIDAY,
            "time": dt.time(9, 30),
            "minutes": 90,
            "cost": Decimal("1248.50"),
        }

    def test_gives_nothing_for_blanks(self):
        form = sheet(time=" ", minutes="", cost="\t")
        assert form.is_valid()
        assert (form.cleaned_data["time"], form.cleaned_data["minutes"], form.cleaned_data["cost"]) == (
            None,
        ) * 3

    def test_must_be_filled_when_it_is_required(self):
        assert sheet(date=" ").errors == {"date": ["This field is required."]}

    def test_takes_the_values_of_native_pickers_in_every_region(self):
        for region in ("en-US", "ru-RU", "fr-CA"):
            with formats.override(region):
                form = sheet(date="2026-11-02", time="14:30", cost="1248.50")
                assert form.is_valid()
                assert form.cleaned_data["date"] == dt.date(2026, 11, 2)

    def test_keeps_what_was_typed_to_the_letter(self):
        form = sheet(date=" 31 Feb 2026 ", minutes="<b>", cost="1.2.3")
        assert 'value=" 31 Feb 2026 "' in str(form["date"])
        assert 'value="&lt;b&gt;"' in str(form["minutes"])
        assert 'value="1.2.3"' in str(form["cost"])
        assert 'value="fri"' in str(sheet(date="fri")["date"])

    def test_says_in_one_sentence_what_to_type(self):
        form = sheet(date="31 Feb 2026", time="25:00", minutes="long", cost="much")
        assert form.errors == {
            "date": ["31 Feb 2026 is not a date. Try 28 Feb 2026."],
            "time": ["25:00 is not a time. Try 09:30."],
            "minutes": ["long is not a duration. Try 45 or 1 h 30 min."],
            "cost": ["much is not an amount. Try 1,248.50."],
        }

    @pytest.mark.parametrize(
        ("name", "text", "sentence"),
        [
            ("minutes", "100001", "Enter at most 1,666 h 40 min."),
            ("cost", "10000000", "Enter at most 9,999,999.99."),
            ("cost", "-0.01", "Enter at least 0.00."),
            ("cost", "0.001", "Use at most 2 decimals."),
            ("cost", "9" * 50, "Enter at most 9,999,999.99."),
            ("cost", "0." + "0" * 50 + "1", "Use at most 2 decimals."),
        ],
    )
    def test_has_bounds(self, name, text, sentence):
        assert sheet(**{name: text}).errors == {name: [sentence]}

    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("minutes", "100000", 100_000),
            ("minutes", "0", 0),
            ("cost", "9999999.99", Decimal("9999999.99")),
            ("cost", "-0", Decimal("0.00")),
            ("cost", "1.500", Decimal("1.50")),
            ("cost", "1.50", Decimal("1.50")),
            ("cost", "5", Decimal("5.00")),
        ],
    )
    def test_reaches_its_bounds(self, name, text, value):
        form = sheet(**{name: text})
        assert form.is_valid()
        assert str(form.cleaned_data[name]) == str(value)

    def test_knows_whether_it_was_changed(self):
        same = {"date": "20 Nov 2026", "time": "2:30 pm", "minutes": "0:45", "cost": "1,248.50"}
        assert sheet(**same).changed_data == []
        assert sheet(**same | {"date": "19 Nov 2026", "cost": "x"}).changed_data == ["date", "cost"]


class TestAFieldThatIsShown:
    @pytest.mark.parametrize(
        ("region", "values"),
        [
            ("en-GB", ["20 Nov 2026", "14:30", "45", "1248.50"]),
            ("en-US", ["Nov 20, 2026", "2:30\u202fPM", "45", "1248.50"]),
            ("ru-RU", ["20.11.2026", "14:30", "45", "1248,50"]),
        ],
    )
    def test_follows_the_region(self, region, values):
        with formats.override(region):
            form = Sheet(initial=INITIAL)
            assert [field.value() for field in form] == values
            assert f'value="{values[0]}"' in str(form["date"])

    @pytest.mark.parametrize("region", [tag for tag, name in formats.REGIONS])
    def test_is_read_back_unchanged(self, region):
        with formats.override(region):
            shown = {field.name: field.value() for field in Sheet(initial=INITIAL)}
            form = Sheet(shown, initial=INITIAL)
            assert form.is_valid()
            assert form.cleaned_data == INITIAL
            assert form.changed_data == []

    def test_is_empty_without_a_value(self):
        assert [field.value() for field in Sheet()] == [None] * 4
        assert "value=" not in str(Sheet()["date"])

    def test_tells_a_picker_where_to_open(self):
        assert 'data-picker="date" required data-iso="2026-11-20"' in str(Sheet(initial=INITIAL)["date"])
        assert 'data-picker="time" data-iso="14:30:00"' in str(Sheet(initial=INITIAL)["time"])
        assert 'data-iso="2026-11-23"' in str(sheet(date="+3")["date"])
        assert 'value="20 Nov 2026"' in str(sheet(date="2026-11-20")["date"])
        assert 'value="2026-02-31"' in str(sheet(date="2026-02-31")["date"])
        assert "data-iso" not in str(sheet(date="soon")["date"]) + str(Sheet()["date"])

    def test_may_have_bounds_of_its_own(self):
        class Discount(forms.Form):
            amount = AmountField(min_value=5, max_value=10)

        assert Discount({"amount": "10"}).is_valid()
        assert Discount({"amount": "11"}).errors == {"amount": ["Enter at most 10.00."]}
        assert Discount({"amount": "4"}).errors == {"amount": ["Enter at least 5.00."]}

    def test_takes_attributes_of_its_place(self):
        assert '<input type="text" name="date" class="num form-control"' in Sheet()["date"].as_widget(
            attrs={"class": "num form-control"}
        )
        assert 'inputmode="decimal"' in str(Sheet()["cost"])


class TestAFieldOfAModelForm:
    def test_takes_its_bounds_from_the_column(self):
        form = VisitForm({"date": "t", "minutes": "1:30", "cost": "99,999.9"})
        assert form.is_valid()
        assert (form.instance.minutes, form.instance.cost) == (90, Decimal("99999.9"))
        over = VisitForm({"date": "t", "minutes": "1", "cost": "100000"})
        assert over.errors == {"cost": ["Enter at most 99,999.9."]}
        assert VisitForm({"date": "t", "minutes": "1", "cost": "1.25"}).errors == {
            "cost": ["Use at most 1 decimal."]
        }
