"""Stored files come as downloads under the names people know, or a sentence says that one is missing."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from interactions.gate import display_name
from tests.factories import (
    AttachmentFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateLanguageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = UserFactory(role="Administrator")
    client.force_login(user)
    return user


def places(attachment, user):
    entry = InteractionLogEntryFactory(attachment=attachment)
    draft = InteractionDraftFactory(attachment=attachment, created_by=user)
    language = InteractionTemplateLanguageFactory(attachment=attachment)
    return [
        reverse("interactions:entry_attachment", args=[entry.pk]),
        reverse("interactions:draft_file", args=[draft.uuid]),
        reverse("interactions:template_file", args=[language.pk]),
    ]


def test_a_file_that_is_missing_is_a_page_with_a_sentence_and_a_line_in_the_log(client, user, caplog):
    attachment = AttachmentFactory()
    default_storage.delete(attachment.file.name)
    for url in places(attachment, user):
        caplog.clear()
        response = client.get(url)
        assert response.status_code == 404
        assert "The file is not in its place on the server." in response.content.decode()
        assert f"attachment {attachment.pk} is missing" in caplog.text


def test_a_page_that_is_missing_speaks_of_no_file(client, user):
    page = client.get(reverse("interactions:entry_attachment", args=[1])).content.decode()
    assert "We cannot find this page" in page
    assert "in its place" not in page


@pytest.mark.parametrize(
    ("uploaded", "stored"),
    [
        ('Offer "final".docx', "Offer 'final'.docx"),
        ("Q3: prices | <draft>?.xlsx", "Q3- prices - (draft).xlsx"),
        ('".txt', "'.txt"),
    ],
)
def test_a_name_has_nothing_that_ends_a_header_or_that_windows_refuses(client, user, uploaded, stored):
    assert display_name(uploaded) == stored
    attachment = AttachmentFactory(name=display_name(uploaded))
    for url in places(attachment, user):
        response = client.get(url)
        assert response.headers["Content-Disposition"] == f'attachment; filename="{stored}"'
        b"".join(response.streaming_content)
