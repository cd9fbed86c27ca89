"""Groups and templates: what they hold, what their files do, and what cannot be deleted."""

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from interactions.actions.drafts import save_draft, start_draft
from interactions.actions.templates import (
    LanguageChange,
    TemplateIsUsed,
    delete_template,
    delete_template_languages,
    put_template_file,
    remove_template_file,
    save_template_languages,
)
from interactions.gate import Accepted
from interactions.models import (
    Attachment,
    InteractionGroup,
    InteractionTemplate,
    InteractionTemplateLanguage,
    WizardAction,
)
from tests.factories import (
    AttachmentFactory,
    DocumentKindFactory,
    InteractionDraftFactory,
    InteractionGroupFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def text(content=b"Hello", name="letter.txt"):
    return Accepted(content=content, name=name, extension="txt", mime="text/plain")


class TestGroup:
    @pytest.mark.case("MI-001")
    def test_is_found_again_by_its_code_however_it_is_typed(self):
        InteractionGroup.objects.create(code=" visit ", description="Visits")
        assert InteractionGroup.objects.get(code="Visit").code == "VISIT"

    def test_with_templates_cannot_be_deleted(self):
        template = InteractionTemplateFactory()
        with pytest.raises(ProtectedError):
            template.group.delete()


class TestTemplate:
    @pytest.mark.case("MI-002")
    def test_shows_its_group(self):
        group = InteractionGroupFactory(code="VISIT")
        InteractionTemplateFactory(code="DEMO", group=group)
        assert InteractionTemplate.objects.get(code="DEMO").group == group

    @pytest.mark.case("MI-012")
    @pytest.mark.parametrize("action", ["", *WizardAction.values])
    def test_without_languages_takes_every_wizard_action(self, action):
        template = InteractionTemplateFactory(wizard_action=action)
        template.full_clean()
        template.refresh_from_db()
        assert template.wizard_action == action

    def test_finds_the_row_of_a_language(self):
        template = InteractionTemplateFactory(language="en")
        rows = {
            tag: InteractionTemplateLanguageFactory(template=template, language=tag) for tag in ("en", "fr")
        }
        assert template.row_for("fr") == (rows["fr"], "exact")
        assert template.row_for("fr-CH") == (rows["fr"], "base")
        assert template.row_for("ru") == (rows["en"], "default")
        assert InteractionTemplateFactory().row_for("ru") == (None, "none")

    @pytest.mark.parametrize(
        "use",
        [
            lambda template: InteractionLogEntryFactory(template=template),
            lambda template: InteractionDraftFactory(template=template),
            lambda template: DocumentKindFactory(template=template),
        ],
        ids=["entry", "draft", "document kind"],
    )
    def test_in_use_cannot_be_deleted(self, use):
        template = InteractionTemplateFactory(code="VISIT")
        use(template)
        with pytest.raises(TemplateIsUsed, match="VISIT is used"):
            delete_template(template, by=UserFactory())
        assert InteractionTemplate.objects.exists()

    def test_is_deleted_with_its_languages_and_files(self):
        row = InteractionTemplateLanguageFactory(attachment=AttachmentFactory())
        delete_template(row.template, by=UserFactory())
        assert not InteractionTemplate.objects.exists()
        assert not Attachment.objects.exists()


class TestFileOfALanguage:
    @pytest.mark.case("MI-004", "AS-004", "AS-019")
    def test_is_removed_and_the_row_stays(self):
        row = put_template_file(InteractionTemplateLanguageFactory(), text(), by=UserFactory())
        stored = row.attachment
        remove_template_file(row, by=UserFactory())
        assert InteractionTemplateLanguage.objects.get().attachment is None
        assert not Attachment.objects.exists()
        assert not stored.file.storage.exists(stored.file.name)

    def test_that_is_not_there_is_removed_without_a_fuss(self):
        row = InteractionTemplateLanguageFactory()
        assert remove_template_file(row, by=UserFactory()).attachment is None

    @pytest.mark.case("AS-018")
    def test_goes_with_the_row(self):
        put_template_file(InteractionTemplateLanguageFactory(), text(), by=UserFactory())
        delete_template_languages(InteractionTemplateLanguage.objects.all(), by=UserFactory())
        assert not Attachment.objects.exists()

    def test_is_replaced_and_the_old_one_goes(self):
        row = put_template_file(InteractionTemplateLanguageFactory(), text(b"Old"), by=UserFactory())
        row = put_template_file(row, text(b"New"), by=UserFactory())
        assert Attachment.objects.get() == row.attachment

    def test_put_twice_stays(self):
        row = put_template_file(InteractionTemplateLanguageFactory(), text(), by=UserFactory())
        row = put_template_file(row, text(), by=UserFactory())
        assert Attachment.objects.get() == row.attachment

    def test_stays_when_a_later_row_cannot_be_saved(self):
        row = put_template_file(InteractionTemplateLanguageFactory(language="en"), text(), by=UserFactory())
        path = row.attachment.file.name
        twin = InteractionTemplateLanguage(template=row.template, language="en")

        with pytest.raises(IntegrityError), transaction.atomic():
            save_template_languages(
                [LanguageChange(row=row, remove_file=True), LanguageChange(row=twin)], by=UserFactory()
            )

        assert InteractionTemplateLanguage.objects.get().attachment.file.name == path
        assert default_storage.exists(path)

    @pytest.mark.case("AS-005")
    def test_stays_with_a_draft_that_took_it_when_the_template_gets_another(self):
        user = UserFactory()
        row = put_template_file(InteractionTemplateLanguageFactory(language=""), text(b"Old"), by=user)
        draft = save_draft(start_draft(by=user), by=user, template=row.template)
        old = draft.attachment
        put_template_file(row, text(b"New"), by=user)
        draft.refresh_from_db()
        with draft.attachment.file.storage.open(draft.attachment.file.name) as stored:
            assert (draft.attachment, stored.read()) == (old, b"Old")
