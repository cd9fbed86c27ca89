"""A letter that was merged in Word before passes the gate, and leaves its data source behind."""

import io
import zipfile

import docx
import pytest

from interactions.gate import Refused, accept
from tests.word_files import MIB, RELATIONS, STRICT_W, TYPE, W, merge_letter, story, word

RECIPIENTS = '<w:recipients xmlns:w="urn:w"/>'
SETTINGS, SETTINGS_RELATIONS = "word/settings.xml", "word/_rels/settings.xml.rels"


def passed(package):
    """The package as stored, and its archive."""
    content = accept(io.BytesIO(package.packed()), name="letter.docx", max_bytes=10 * MIB).content
    return content, zipfile.ZipFile(io.BytesIO(content))


def refusal_code(package):
    with pytest.raises(Refused) as caught:
        passed(package)
    return caught.value.code


class TestMailMerge:
    def test_leaves_its_data_source_behind(self):
        _, archive = passed(merge_letter())
        settings, relations = archive.read(SETTINGS), archive.read(SETTINGS_RELATIONS)
        assert b"mailMerge" not in settings + relations
        assert b"Customers" not in settings + relations
        assert b"<w:compat>" in settings

    def test_keeps_every_other_part(self):
        package = merge_letter()
        _, archive = passed(package)
        assert archive.testzip() is None
        assert archive.namelist() == list(package.parts)
        changed = [name for name in package.parts if archive.read(name) != package.parts[name]]
        assert sorted(changed) == sorted([SETTINGS, SETTINGS_RELATIONS])

    def test_keeps_other_relations_of_its_settings(self):
        package = merge_letter().relate("recipientData", "recipientData.xml", source=SETTINGS)
        package.put(
            "word/recipientData.xml", RECIPIENTS, f"{TYPE}.wordprocessingml.mailMergeRecipientData+xml"
        )
        _, archive = passed(package)
        assert archive.read(SETTINGS_RELATIONS).count(b"<Relationship ") == 1
        assert archive.read("word/recipientData.xml").decode() == RECIPIENTS

    def test_opens_afterwards(self):
        content, _ = passed(merge_letter())
        assert (
            docx.Document(io.BytesIO(content)).paragraphs[-1].hyperlinks[0].address
            == "https://example.com/terms"
        )

    def test_passes_again_unchanged(self):
        content, _ = passed(merge_letter())
        assert accept(io.BytesIO(content), name="letter.docx", max_bytes=10 * MIB).content == content

    def test_needs_no_relation_to_be_found(self):
        _, archive = passed(word().set('<w:mailMerge><w:query w:val="SELECT"/></w:mailMerge>'))
        assert b"SELECT" not in archive.read(SETTINGS)

    def test_needs_no_description_to_be_found(self):
        package = word().relate("mailMergeSource", "\\\\server\\a.mdb", source=SETTINGS, external=True)
        _, archive = passed(package)
        assert b"server" not in archive.read(SETTINGS_RELATIONS)

    def test_in_the_strict_vocabulary_leaves_its_source_behind(self):
        package = word().set('<w:mailMerge><w:query w:val="SELECT"/></w:mailMerge>')
        package.parts[SETTINGS] = package.parts[SETTINGS].replace(W.encode(), STRICT_W.encode())
        strict = "http://purl.oclc.org/ooxml/officeDocument/relationships/mailMergeSource"
        _, archive = passed(package.relate(strict, "file:///C:/a.mdb", source=SETTINGS, external=True))
        assert b"SELECT" not in archive.read(SETTINGS)
        assert b"a.mdb" not in archive.read(SETTINGS_RELATIONS)

    def test_in_the_glossary_leaves_its_source_behind(self):
        settings = story("settings").replace(
            "<w:p></w:p>", '<w:mailMerge><w:query w:val="SELECT"/></w:mailMerge>'
        )
        name = "word/glossary/settings.xml"
        _, archive = passed(word().put(name, settings, f"{TYPE}.wordprocessingml.settings+xml"))
        assert b"SELECT" not in archive.read(name)


class TestMailMergeElsewhere:
    """Only the settings describe a merge; anything else that says so wants something else."""

    def test_in_the_text_is_refused(self):
        assert refusal_code(word().write("<w:mailMerge/>")) == "external"

    def test_source_of_the_text_is_refused(self):
        assert refusal_code(word().relate("mailMergeSource", "file:///a.mdb", external=True)) == "external"

    def test_as_the_whole_of_the_settings_is_refused(self):
        package = word().put(SETTINGS, f'<w:mailMerge xmlns:w="{W}" xmlns:r="{RELATIONS}"/>')
        assert refusal_code(package) == "damaged"

    def test_source_by_the_id_of_another_relation_is_refused(self):
        source = {"source": SETTINGS, "id": "rIdSource"}
        package = word().relate("mailMergeSource", "file:///a.mdb", external=True, **source)
        assert refusal_code(package.relate("recipientData", "recipientData.xml", **source)) == "damaged"

    def test_in_huge_settings_is_refused(self):
        package = word().set("<w:mailMerge/>" + "<w:rsids/>" * 200_000)
        assert refusal_code(package) == "too_complicated"
