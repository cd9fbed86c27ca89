"""Letters stay what they were when they were logged, whatever becomes of template, contact and salesperson."""

import json

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from crm.models import Contact, MarketingSetup, Salesperson, SalutationFormula
from interactions.actions import (
    PurgeFilters,
    cancel_entries,
    cancel_logged_segment,
    delete_canceled_logged_segments,
    log_interaction,
    purge_canceled_entries,
)
from interactions.actions.attachments import check_upload, drop_unused, store
from interactions.actions.documents import freeze_letters, letter_of, our_company, seal_letter
from interactions.models import Attachment, EntryDocument, InteractionLogEntry, LoggedSegment
from segments.actions import log_segment
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    EntryDocumentFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    SalutationFactory,
    SalutationFormulaFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SuccessionFactory,
    UserFactory,
)
from tests.merging import field, letter, text, text_of

pytestmark = pytest.mark.django_db

FIELDS = ("Formal_Salutation", "Contact_Job_Title", "Salesperson_Name", "Our_Company_Name", "Subject")


@pytest.fixture
def by():
    return UserFactory(role="Administrator")


@pytest.fixture
def file(by):
    runs = [run for name in FIELDS for run in (field(name), text("|"))]
    upload = ContentFile(letter(*runs).packed(), name="Offer.docx")
    return store(check_upload(upload), by=by)


@pytest.fixture
def helene():
    salutation = SalutationFactory(code="F")
    SalutationFormulaFactory(
        salutation=salutation, language="", type="FORMAL", pattern="Dear Ms %1,", name_1="SURNAME"
    )
    return ContactFactory(
        person=True,
        name="Hélène Marchand",
        surname="Marchand",
        job_title="Buyer",
        email="helene@marchand.example",
        salutation=salutation,
        company=ContactFactory(name="Atelier Marchand"),
    )


@pytest.fixture
def marta():
    return SalespersonFactory(name="Marta Ruiz")


@pytest.fixture
def entry(file, helene, marta, by):
    template = InteractionTemplateFactory()
    draft = InteractionDraftFactory(
        contact=helene,
        template=template,
        salesperson=marta,
        created_by=by,
        attachment=file,
        description="Your offer",
        channel="EMAIL",
    )
    return log_interaction(draft, by=by)


def again(entry):
    return InteractionLogEntry.objects.select_related("attachment", "document").get(pk=entry.pk)


def words(entry):
    return text_of(letter_of(again(entry)).content).removeprefix("¶").split("|")[:-1]


def change_everything():
    Contact.objects.update(name="Somebody Else", surname="Else", job_title="Chair")
    Salesperson.objects.update(name="Jonas Weber")
    SalutationFormula.objects.update(pattern="Hi %1")
    setup = MarketingSetup.objects.get(pk=1)
    setup.company_name = "Sold & Renamed"
    setup.save()


class TestLetter:
    def test_says_what_it_said_when_it_was_logged(self, entry):
        before = words(entry)
        assert before == [
            "Dear Ms Marchand,",
            "Buyer",
            "Marta Ruiz",
            MarketingSetup.current().company_name,
            "Your offer",
        ]
        first = letter_of(again(entry)).sha256
        change_everything()
        assert words(entry) == before
        assert letter_of(again(entry)).sha256 == first

    def test_does_not_follow_its_template(self, entry, by):
        language = InteractionTemplateLanguageFactory(template=entry.template, attachment=entry.attachment)
        first = letter_of(again(entry)).sha256
        other = store(check_upload(ContentFile(letter(field("City")).packed(), name="Offer.docx")), by=by)
        language.attachment = other
        language.save()
        assert drop_unused([entry.attachment_id]) == 0
        assert letter_of(again(entry)).sha256 == first

    def test_is_known_by_its_hash_from_the_first_time_it_is_made(self, entry):
        assert EntryDocument.objects.get().sha256 == ""
        seal_letter(again(entry))
        sealed = EntryDocument.objects.get().sha256
        assert sealed == letter_of(again(entry)).sha256 != ""
        seal_letter(again(entry))
        assert EntryDocument.objects.get().sha256 == sealed

    def test_is_sealed_when_it_was_logged(self, entry, by, django_capture_on_commit_callbacks):
        draft = InteractionDraftFactory(
            contact=entry.contact,
            template=entry.template,
            salesperson=entry.salesperson,
            created_by=by,
            attachment=entry.attachment,
            description="Another",
        )
        with django_capture_on_commit_callbacks(execute=True):
            second = log_interaction(draft, by=by)
        assert EntryDocument.objects.get(entry=second).sha256 == letter_of(again(second)).sha256

    def test_is_called_after_its_subject(self, entry):
        assert letter_of(again(entry)).name == "Your offer.docx"

    def test_of_a_file_without_fields_is_the_file(self, by):
        entry = InteractionLogEntryFactory(attachment=AttachmentFactory(name="Prices.txt", content=b"1, 2"))
        assert freeze_letters(InteractionLogEntry.objects.all(), company=our_company()) == 0
        assert (letter_of(entry).name, letter_of(entry).content) == ("Prices.txt", b"1, 2")

    def test_is_frozen_once(self, entry):
        assert freeze_letters(InteractionLogEntry.objects.all()) == 0
        assert EntryDocument.objects.count() == 1


class TestSegment:
    def logged(self, file, helene, by, **values):
        contacts = [helene, ContactFactory(name="Vidal"), ContactFactory(name="Prado")]
        segment = SegmentFactory(ready=True, contacts=contacts, **values)
        SegmentAttachmentFactory(segment=segment, language="", attachment=file)
        return log_segment(segment, by=by)

    def test_freezes_each_letter_and_our_company_once(self, file, helene, by):
        logged = self.logged(file, helene, by)
        documents = list(EntryDocument.objects.order_by("entry"))
        assert [json.loads(row.values)["contact"]["name"] for row in documents] == [
            "Hélène Marchand",
            "Vidal",
            "Prado",
        ]
        assert {(row.attachment, row.company, row.engine_version, row.sha256) for row in documents} == {
            (file, "", 1, "")
        }
        assert "company.name" in json.loads(LoggedSegment.objects.get(pk=logged.pk).company)

    def test_freezes_by_one_statement(self, file, by, django_assert_num_queries):
        InteractionLogEntryFactory.create_batch(5, attachment=file, logged_by=by)
        with django_assert_num_queries(1):
            assert freeze_letters(InteractionLogEntry.objects.all()) == 5

    def test_letters_stay_what_they_were_when_the_register_goes(self, file, helene, by):
        logged = self.logged(file, helene, by)
        first = InteractionLogEntry.objects.get(contact=helene)
        before = words(first)
        cancel_logged_segment(logged, by=by)
        assert delete_canceled_logged_segments(LoggedSegment.objects.all(), by=by) == 1
        change_everything()
        assert words(first) == before


class TestFence:
    def test_keeps_what_was_frozen(self, entry):
        for values in (
            {"values": "{}"},
            {"engine_version": 9},
            {"attachment": AttachmentFactory()},
            {"entry_id": 9},
        ):
            with pytest.raises(IntegrityError, match="ledger_document"), transaction.atomic():
                EntryDocument.objects.update(**values)

    def test_lets_the_hash_be_set_once(self):
        EntryDocumentFactory()
        EntryDocument.objects.update(sha256="a" * 64)
        with pytest.raises(IntegrityError, match="ledger_document_set_once"), transaction.atomic():
            EntryDocument.objects.update(sha256="b" * 64)
        with pytest.raises(IntegrityError, match="ledger_document_set_once"), transaction.atomic():
            EntryDocument.objects.update(sha256="")

    def test_lets_it_go_only_with_a_canceled_entry(self, by):
        kept = EntryDocumentFactory()
        with pytest.raises(IntegrityError, match="ledger_document_kept"), transaction.atomic():
            kept.delete()
        EntryDocumentFactory(entry=InteractionLogEntryFactory(canceled=True))
        assert purge_canceled_entries(PurgeFilters(), by=by).entries == 1
        assert EntryDocument.objects.get() == kept

    def test_lets_the_values_go_with_an_erased_contact(self, entry, client, by):
        with pytest.raises(IntegrityError, match="ledger_document_erased"), transaction.atomic():
            EntryDocument.objects.all().erase()
        SuccessionFactory(contact_id=entry.contact_id, erases=True)
        assert EntryDocument.objects.all().erase() == 1
        client.force_login(by)
        page = client.get(reverse("interactions:entry_attachment", args=[entry.pk]))
        assert page.status_code == 404
        assert "This letter was erased" in page.content.decode()
        assert "was erased together with its contact" in client.get(entry.get_absolute_url()).content.decode()


class TestOwnFile:
    def test_goes_with_its_canceled_entry(self, entry, by):
        cancel_entries(InteractionLogEntry.objects.all(), by=by, remove_files=True)
        assert (again(entry).attachment, EntryDocument.objects.get().attachment) == (None, None)
        assert not Attachment.objects.exists()

    def test_is_counted_by_a_purge(self, entry, by):
        cancel_entries(InteractionLogEntry.objects.all(), by=by)
        assert purge_canceled_entries(PurgeFilters(), by=by, dry_run=True).files == 1
        assert purge_canceled_entries(PurgeFilters(), by=by).files == 1


class TestPage:
    def test_opens_the_letter_as_it_was(self, entry, client, by):
        client.force_login(by)
        change_everything()
        assert "Your offer.docx" in client.get(entry.get_absolute_url()).content.decode()
        answer = client.get(reverse("interactions:entry_attachment", args=[entry.pk]))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="Your offer.docx"'
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert "Dear Ms Marchand," in text_of(answer.content)

    def test_gives_the_file_with_its_fields_to_those_who_keep_templates(self, entry, client, by):
        client.force_login(by)
        source = reverse("interactions:entry_source", args=[entry.pk])
        assert source in client.get(entry.get_absolute_url()).content.decode()
        with entry.attachment.file.open() as stored:
            assert b"".join(client.get(source).streaming_content) == stored.read()
        client.force_login(UserFactory(role="Reader"))
        assert source not in client.get(entry.get_absolute_url()).content.decode()
        assert client.get(source).status_code == 403
