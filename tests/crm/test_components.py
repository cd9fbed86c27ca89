"""The small parts of pages, and the rules that every template and style sheet keeps."""

import datetime as dt
import re

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template

from crm import navigation
from crm.templatetags import components
from crm.toasts import ICONS

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STYLES = sorted((settings.BASE_DIR / "static" / "crm").glob("*.css"))
SCRIPTS = sorted((settings.BASE_DIR / "static" / "crm").glob("*.js"))
SPRITE = (settings.BASE_DIR / "static" / "crm" / "icons.svg").read_text()
SYMBOLS = set(re.findall(r'<symbol id="i-(\w+)"', SPRITE))


def render(source, **values):
    return Template(source).render(Context(values))


class TestIcon:
    def test_points_into_the_sprite(self):
        assert render('{% icon "phone" %}') == (
            '<svg class="i" aria-hidden="true"><use href="/static/crm/icons.svg#i-phone"/></svg>'
        )

    def test_comes_in_three_sizes(self):
        assert 'class="i s14"' in render('{% icon "phone" 14 %}')
        assert 'class="i s20"' in render('{% icon "phone" 20 %}')


class TestPill:
    def test_is_dot_and_word(self):
        assert render('{% pill "Logged" "ok" %}') == '<span class="st ok">Logged</span>'

    def test_escapes(self):
        assert render("{% pill text %}", text="<b>") == '<span class="st">&lt;b&gt;</span>'


class TestEvaluation:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (2, '<span class="ev p"><i aria-hidden="true">++</i>Very positive</span>'),
            (0, '<span class="ev "><i aria-hidden="true">=</i>Neutral</span>'),
            (-2, '<span class="ev n"><i aria-hidden="true">−−</i>Very negative</span>'),
            (None, ""),
        ],
    )
    def test_is_sign_and_word(self, value, shown):
        assert render("{% evaluation value %}", value=value) == shown

    def test_keeps_its_word_in_a_narrow_column(self):
        compact = render("{% evaluation 1 True %}")

        assert 'title="Positive"' in compact
        assert '<span class="vh">Positive</span>' in compact
        assert render("{% evaluation None True %}") == '<span class="mut">—</span>'

    def test_has_a_sign_for_tiles(self):
        assert [components.evaluation_sign(value) for value in ("-1", 1, None, "")] == ["−", "+", "", ""]


class TestAvatar:
    @pytest.mark.parametrize(
        ("name", "letters"),
        [
            ("Hélène Marchand", "HM"),
            ("Анна Сергеевна Соколова", "АС"),
            ("atelier", "A"),
            ("Pimentel & Filhos Lda", "PL"),
            ("ООО «Северный свет»", "ОС"),
            ("", ""),
            (None, ""),
        ],
    )
    def test_shows_initials(self, name, letters):
        assert components.initials(name) == letters

    def test_keeps_its_colour(self):
        names = ["Hélène Marchand", "Лебедев", "Kestrel Retail Group", "Rui Tavares", "Oliver Hartwell"]

        assert [components.tone_of(name) for name in names] == [components.tone_of(name) for name in names]
        assert {components.tone_of(f"Contact {number}") for number in range(50)} == {"", "a", "g", "p", "r"}

    def test_is_square_for_companies(self):
        assert 'class="av' in render('{% avatar "Kestrel" 48 True %}')
        assert "s48 sq" in render('{% avatar "Kestrel" 48 True %}')


class TestBlocks:
    def test_facts_show_a_dash_for_nothing(self):
        pairs = [("Mobile", ""), ("Minutes", 0), ("City", "<Lyon>")]

        assert render("{% facts pairs %}", pairs=pairs) == (
            '<dl class="facts"><div><dt>Mobile</dt><dd>—</dd></div><div><dt>Minutes</dt><dd>0</dd></div>'
            "<div><dt>City</dt><dd>&lt;Lyon&gt;</dd></div></dl>"
        )
        assert (
            render('{% facts pairs "kv" %}', pairs=pairs[:1])
            == '<dl class="kv"><dt>Mobile</dt><dd>—</dd></dl>'
        )

    def test_an_empty_state_holds_its_buttons(self):
        shown = render(
            '{% empty icon="check" title=title tone="ok" %}<a href="/">{{ title }}</a>{% endempty %}',
            title="<3",
        )

        assert '<span class="ic ok">' in shown
        assert '<div class="strong">&lt;3</div>' in shown
        assert '<div class="do"><a href="/">&lt;3</a></div>' in shown
        assert "<p" not in shown

    def test_an_empty_state_without_buttons_has_no_place_for_them(self):
        assert 'class="do"' not in render('{% empty title="Nothing" text="Later." %} {% endempty %}')

    def test_a_chip_leads_to_the_page_without_its_filter(self):
        shown = render("{% chip label url %}", label="Date: last 30 days", url="/interactions/?q=a&b=1")

        assert 'href="/interactions/?q=a&amp;b=1"' in shown
        assert 'aria-label="Remove the filter Date: last 30 days"' in shown

    def test_crumbs_end_with_the_page_itself(self):
        shown = render('{% crumbs "Contacts" "/contacts/" name %}', name="<Marchand>")

        assert shown.startswith('<a class="back" href="/contacts/">')
        assert '<a href="/contacts/">Contacts</a><span class="sepr" aria-hidden="true">/</span>' in shown
        assert shown.endswith('<span aria-current="page" class="trunc">&lt;Marchand&gt;</span>')
        assert render('{% crumbs "Home" %}') == '<span aria-current="page" class="trunc">Home</span>'

    def test_minutes_are_rounded_up(self):
        assert [components.in_minutes(dt.timedelta(seconds=s)) for s in (0, 1, 60, 61, 300)] == [
            0,
            1,
            1,
            2,
            5,
        ]


class VisitForm(forms.Form):
    contact = forms.CharField(error_messages={"required": "Choose a contact."})
    note = forms.CharField(
        required=False, help_text="For <b>us</b>.", widget=forms.Textarea(attrs={"class": "tall"})
    )
    kind = forms.ChoiceField(choices=[("call", "Call"), ("mail", "E-mail")], widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(
        required=False, choices=[("1", "Mo")], widget=forms.CheckboxSelectMultiple
    )
    send = forms.BooleanField(required=False)
    template = forms.ChoiceField(choices=[("VISIT", "Visit")])
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("Somebody else was faster.")


FIELD = "{% load crispy_forms_filters %}{{ form.%s|as_crispy_field }}"


def field(name, form=None):
    return render(FIELD.replace("%s", name), form=form or VisitForm())


class TestField:
    def test_has_its_label_above_and_our_classes(self):
        shown = field("contact")

        assert '<div id="div_id_contact" class="fld">' in shown
        assert '<label for="id_contact">Contact</label>' in shown
        assert 'class="form-control"' in shown
        assert 'class="form-select"' in field("template")

    def test_says_when_it_is_optional(self):
        assert 'Note <span class="opt-w">(optional)</span></label>' in field("note")
        assert "(optional)" not in field("send")

    def test_keeps_the_classes_of_its_widget_and_names_its_hint(self):
        shown = field("note")

        assert 'class="form-control tall"' in shown
        assert 'aria-describedby="id_note_helptext"' in shown
        assert '<div class="hint" id="id_note_helptext">For <b>us</b>.</div>' in shown

    def test_says_what_is_wrong_where_it_is_wrong(self):
        shown = field("contact", VisitForm({}))

        assert 'class="form-control is-err"' in shown
        assert 'aria-invalid="true"' in shown
        assert 'aria-describedby="id_contact_error"' in shown
        assert re.search(
            r'<div id="id_contact_error"><div class="err">.*<span>Choose a contact.</span>', shown
        )

    def test_of_several_choices_is_a_group_with_a_name(self):
        shown = field("kind", VisitForm({}))

        assert '<fieldset aria-describedby="id_kind_error">' in shown
        assert '<legend class="lbl">Kind</legend>' in shown
        assert shown.count('class="form-check-input"') == 2
        assert '<label for="id_kind_1">E-mail</label>' in shown
        assert 'class="form-check-input"' in field("days")

    def test_of_one_box_has_its_label_beside_it(self):
        assert re.search(
            r'<div class="form-check"><input type="checkbox"[^>]*> <label for="id_send">Send</label>',
            field("send"),
        )

    def test_that_is_hidden_is_bare(self):
        assert field("version").startswith('<input type="hidden" name="version"')

    def test_in_a_filter_is_not_called_optional(self):
        shown = render(
            "{% load crispy_forms_tags %}{% crispy form %}", form=filter_form(), csrf_token="", request=None
        )

        assert 'id="div_id_note"' in shown
        assert "(optional)" not in shown


def filter_form():
    from crispy_forms.helper import FormHelper

    form = VisitForm()
    form.helper = FormHelper()
    form.helper.form_method = "get"
    return form


class TestErrorSummary:
    def test_leads_to_each_field_in_order(self):
        shown = render('{% include "components/_errors.html" %}', form=VisitForm({}))

        assert 'role="alert" tabindex="-1" data-errors' in shown
        assert "5 things to fix" in shown
        assert re.findall(r"<li>(.*?)</li>", shown) == [
            "Somebody else was faster.",
            '<a href="#id_contact">Contact: Choose a contact.</a>',
            '<a href="#id_kind_0">Kind: This field is required.</a>',
            '<a href="#id_template">Template: This field is required.</a>',
            "This field is required.",
        ]

    def test_is_not_there_without_errors(self):
        assert render('{% include "components/_errors.html" %}', form=VisitForm()).strip() == ""

    def test_stands_on_top_of_a_crispy_form(self):
        form = VisitForm({})
        shown = render("{% load crispy_forms_filters %}{{ form|crispy }}", form=form)

        assert shown.index("data-errors") < shown.index('id="div_id_contact"')

    def test_can_have_its_own_title(self):
        shown = render(
            '{% include "components/_errors.html" with title="2 things to fix before logging" %}',
            form=VisitForm({}),
        )

        assert '<div class="strong">2 things to fix before logging</div>' in shown


class TestBulkBar:
    def test_counts_and_offers_all_that_match(self):
        bar = render(
            '{% include "components/_bulk.html" with label="Actions" total=1248 matching="signed" actions=actions %}',
            actions=Template("<button>Evaluate</button>"),
        )

        assert '<b class="num" data-n>0</b> selected' in bar
        assert 'name="matching" value="signed" data-all-matching data-total="1,248">Select all 1,248' in bar
        assert "<button>Evaluate</button>" in bar


class TestPager:
    def test_is_a_link_to_the_next_rows(self):
        shown = render(
            '{% include "components/_pager.html" with text="50 of 412" %}', page={"next_url": "?after=x"}
        )

        assert 'href="?after=x" hx-get="?after=x" hx-target="#rows"' in shown
        assert "Load 50 more</a>" in shown

    def test_leads_back(self):
        shown = render('{% include "components/_pager.html" %}', page={"previous_url": "?before=x"})

        assert 'href="?before=x">Previous page</a>' in shown

    def test_ends(self):
        assert "<a" not in render('{% include "components/_pager.html" with text="412" %}')


def ids(paths):
    return [str(path.relative_to(settings.BASE_DIR)) for path in paths]


class TestEveryTemplate:
    @pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
    def test_keeps_styles_and_scripts_out_of_the_markup(self, path):
        source = path.read_text()

        assert re.findall(r"<[^>]*\sstyle=", source) == []
        assert re.findall(r"<[^>]*\son[a-z]+=", source) == []
        assert re.findall(r"<style", source) == []
        assert re.findall(r"<script(?![^>]*(?:\ssrc=|\snonce=))", source) == []

    @pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
    def test_uses_icons_that_exist(self, path):
        assert set(re.findall(r'{% icon "(\w+)"', path.read_text())) <= SYMBOLS

    @pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
    def test_asks_no_other_server(self, path):
        assert re.findall(r'(?:src|href|action|hx-get|hx-post)="(?:https?:)?//', path.read_text()) == []


class TestEveryStyleSheet:
    @pytest.mark.parametrize("path", STYLES, ids=ids(STYLES))
    def test_asks_no_other_server(self, path):
        for url in re.findall(r'url\("?([^")]+)', path.read_text()):
            assert (path.parent / url).resolve().is_file(), url
        assert "@import" not in path.read_text()

    def test_uses_tokens_that_exist(self):
        sheets = "".join(path.read_text() for path in STYLES)
        defined = set(re.findall(r"(--[\w-]+):", sheets))

        assert {
            name for name in re.findall(r"var\((--[\w-]+)\)", sheets) if not name.startswith("--bs-")
        } <= defined


class TestEveryScript:
    @pytest.mark.parametrize("path", SCRIPTS, ids=ids(SCRIPTS))
    def test_loads_no_other_script_by_name(self, path):
        # Names of files carry a hash once collected; only templates know it.
        assert re.findall(r"^import ", path.read_text(), re.MULTILINE) == []

    @pytest.mark.parametrize("path", SCRIPTS, ids=ids(SCRIPTS))
    def test_speaks_only_words_of_the_page(self, path):
        assert "eval(" not in path.read_text()
        assert set(re.findall(r"#i-(\w+)", path.read_text())) <= SYMBOLS


class TestIconsOfTheProgram:
    def test_of_the_menu_exist(self):
        things = [*navigation.registered(navigation.Item), *navigation.registered(navigation.Action)]

        assert {thing.icon for thing in things} <= SYMBOLS

    def test_of_toasts_exist(self):
        assert set(ICONS.values()) <= SYMBOLS
