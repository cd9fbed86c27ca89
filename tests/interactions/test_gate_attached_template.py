"""A letter made from a company template passes the gate and leaves its template's path behind, when it is a path."""

import io
import zipfile
from pathlib import PureWindowsPath
from urllib.parse import unquote, urlsplit

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.gate import Refused, accept
from interactions.gate.paths import is_local_path
from interactions.gate.refusals import SENTENCES
from tests.bad_packages import with_chart
from tests.word_files import (
    MIB,
    NAMESPACES,
    RELATIONS,
    STRICT_W,
    TYPE,
    W,
    company_letter,
    glossary_settings,
    letter,
    merge_letter,
    slides,
    template,
    word,
    workbook,
)

SETTINGS, SETTINGS_RELATIONS = "word/settings.xml", "word/_rels/settings.xml.rels"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
COMPANY = "file:///C:\\Users\\ana\\Templates\\Company.dotx"


def stored(package, name="letter.docx"):
    return accept(io.BytesIO(package.packed()), name=name, max_bytes=10 * MIB).content


def opened(content):
    return zipfile.ZipFile(io.BytesIO(content))


def refusal(package, name="letter.docx"):
    with pytest.raises(Refused) as caught:
        stored(package, name)
    return caught.value


ON_DISK = {
    "of one user": "file:///C:\\Users\\ana\\AppData\\Roaming\\Microsoft\\Templates\\Company.dotx",
    "with slashes": "file:///D:/Templates/Company%20letter.dotx",
    "of Word online": "file:///C:\\Users\\ana\\Templates\\TM03090434%5b%5bfn=Equity%5d%5d.dotx",
    "in Spanish": "file:///C:\\Users\\Jos%C3%A9\\Plantillas\\Carta – señor.dotx",
    "in Russian": "file:///C:\\Шаблоны\\Письмо № 5.dotx",
    "by its drive alone": "C:\\Templates\\Company.dotx",
    "by its drive with slashes": "z:/Templates/Company.dotx",
    "by its short names": "C:\\PROGRA~1\\COMPAN~1.DOT",
    "with odd marks": "C:\\A & B\\C# (1), [2]; $3 +4 = {5} ^6 `7` 'x' @y!.dotx",
    "with many dots": "C:\\Users\\ana.ruiz\\v1.2\\Company...letter.dotx",
    "of a Mac": "/Users/ana/Library/Group%20Containers/UBF8T346G9.Office/Templates.localized/Company.dotx",
    "of a Mac in a file address": "file:///Users/ana/Templates/Company.dotx",
    "of a Mac whose accents stand alone": "/Users/ana/Resume\u0301.dotx",
    "of Linux": "file:///home/ana/.config/libreoffice/4/user/template/company.dotx",
    "by its name": "Company.dotx",
    "by its name without ending": "Normal",
    "in a folder beside": "Templates\\Company.dotx",
    "in a folder above": "..\\../Templates/Company.dotx",
    "in the same folder": "./Company.dotx",
}


class TestTemplateOnDisk:
    @pytest.mark.parametrize("name", ON_DISK)
    def test_is_left_behind(self, name):
        archive = opened(stored(company_letter(ON_DISK[name])))
        assert b"attachedTemplate" not in archive.read(SETTINGS)
        assert b"<Relationship " not in archive.read(SETTINGS_RELATIONS)

    def test_is_left_behind_with_its_path(self):
        content = stored(company_letter(COMPANY, letter()))
        archive = opened(content)
        assert not [name for name in archive.namelist() if b"Company.dotx" in archive.read(name)]
        assert b"<w:compat>" in archive.read(SETTINGS)

    def test_leaves_every_other_part_as_it_is(self):
        package = company_letter(COMPANY, letter())
        archive = opened(stored(package))
        assert archive.testzip() is None
        assert archive.namelist() == list(package.parts)
        changed = [name for name in package.parts if archive.read(name) != package.parts[name]]
        assert sorted(changed) == sorted([SETTINGS, SETTINGS_RELATIONS])

    def test_leaves_the_other_relations_of_the_settings(self):
        package = company_letter(COMPANY).relate("recipientData", "recipientData.xml", source=SETTINGS)
        assert opened(stored(package)).read(SETTINGS_RELATIONS).count(b"<Relationship ") == 1

    def test_is_left_behind_together_with_a_data_source(self):
        archive = opened(stored(company_letter(COMPANY, merge_letter())))
        both = archive.read(SETTINGS) + archive.read(SETTINGS_RELATIONS)
        assert not [word for word in (b"attachedTemplate", b"mailMerge", b"Customers") if word in both]

    def test_leaves_a_document_that_opens(self):
        content = stored(company_letter(COMPANY, letter()))
        assert docx.Document(io.BytesIO(content)).settings.element.tag == f"{{{W}}}settings"

    def test_leaves_a_document_that_passes_again_unchanged(self):
        content = stored(company_letter(COMPANY, letter()))
        assert accept(io.BytesIO(content), name="letter.docx", max_bytes=10 * MIB).content == content

    def test_of_the_glossary_is_left_behind(self):
        settings = "word/glossary/settings.xml"
        archive = opened(stored(company_letter(COMPANY, glossary_settings(), settings=settings)))
        assert b"attachedTemplate" not in archive.read(settings)
        assert b"Company" not in archive.read("word/glossary/_rels/settings.xml.rels")

    def test_of_a_template_is_left_behind(self):
        archive = opened(stored(company_letter(COMPANY, template()), "letter.dotx"))
        assert b"attachedTemplate" not in archive.read(SETTINGS)

    def test_in_the_strict_vocabulary_is_left_behind(self):
        package = company_letter(COMPANY, kind=f"{STRICT_RELATIONS}/attachedTemplate")
        package.edit(SETTINGS, W, STRICT_W).edit(SETTINGS, RELATIONS, STRICT_RELATIONS)
        archive = opened(stored(package))
        assert b"attachedTemplate" not in archive.read(SETTINGS) + archive.read(SETTINGS_RELATIONS)

    def test_in_settings_of_utf_16_is_left_behind(self):
        package = company_letter(COMPANY)
        text = '<?xml version="1.0" encoding="UTF-16"?>' + package.parts[SETTINGS].decode()
        archive = opened(stored(package.put(SETTINGS, text.encode("utf-16"))))
        assert b"attachedTemplate" not in archive.read(SETTINGS).replace(b"\0", b"")

    def test_needs_no_element_to_be_found(self):
        package = word().relate("attachedTemplate", COMPANY, source=SETTINGS, external=True)
        archive = opened(stored(package))
        assert b"Company" not in archive.read(SETTINGS_RELATIONS)
        assert archive.read(SETTINGS) == package.parts[SETTINGS]


ELSEWHERE = {
    "on the web": "https://evil.example/t.dotm",
    "on the web without encryption": "http://evil.example/t.dotm",
    "on the web in capitals": "HTTPS://evil.example/t.dotm",
    "on the web without a scheme": "//evil.example/t.dotm",
    "on the web without a scheme or slashes": "evil.example/t.dotm",
    "on the web by a user": "ana@evil/t.dotm",
    "on the web behind a blank": " https://evil.example/t.dotm",
    "on the web behind a tab": "\thttps://evil.example/t.dotm",
    "on the web behind an encoded blank": "%20https://evil.example/t.dotm",
    "on the web behind a blank of no width": "\u200bhttps://evil.example/t.dotm",
    "on the web with an encoded colon": "https%3A//evil.example/t.dotm",
    "on the web with encoded slashes": "https:%2F%2Fevil.example/t.dotm",
    "on the web with a wide colon": "https：／／evil.example/t.dotm",
    "on the web behind a drive": "C:https://evil.example/t.dotm",
    "on the web behind the root of a drive": "C:\\https://evil.example/t.dotm",
    "on the web behind a drive and slashes": "C://evil.example/t.dotm",
    "on the web behind a drive in a file address": "file:///C:/https://evil.example/t.dotm",
    "on the web behind a name": "Company.dotx https://evil.example/t.dotm",
    "on the web behind folders above": "../https://evil.example/t.dotm",
    "on the web behind the same folder": ".//evil.example/t.dotm",
    "on a file server": "ftp://evil.example/t.dotm",
    "on a share": "\\\\evil\\share\\t.dotm",
    "on a share on the web": "\\\\evil.example@SSL\\DavWWWRoot\\t.dotm",
    "on a share with mixed slashes": "/\\evil\\share\\t.dotm",
    "on a share with other mixed slashes": "\\/evil/share/t.dotm",
    "on a share with encoded backslashes": "%5C%5Cevil%5Cshare%5Ct.dotm",
    "on a share with backslashes encoded twice": "%255c%255cevil%255cshare%255ct.dotm",
    "on a share with wide backslashes": "＼＼evil＼share＼t.dotm",
    "on a share with encoded wide backslashes": "%EF%BC%BC%EF%BC%BCevil%EF%BC%BCt.dotm",
    "on a share with overlong slashes": "%C0%AF%C0%AFevil/share/t.dotm",
    "on a share behind a blank": " \\\\evil\\share\\t.dotm",
    "on a share behind a blank that does not break": "\u00a0\\\\evil\\share\\t.dotm",
    "on a share by its long name": "\\\\?\\UNC\\evil\\share\\t.dotm",
    "on a share by the name of a device": "\\??\\UNC\\evil\\share\\t.dotm",
    "on a share behind a drive": "C:\\\\evil\\share\\t.dotm",
    "on a share behind a drive and dots": "C:\\.\\\\evil\\share\\t.dotm",
    "on a share in a file address": "file:///\\\\evil\\share\\t.dotm",
    "on a share in a file address of four slashes": "file:////evil/share/t.dotm",
    "on a share in a file address of five slashes": "file://///evil/share/t.dotm",
    "on a share in a file address with encoded backslashes": "file:///%5C%5Cevil%5Cshare%5Ct.dotm",
    "on a share in a file address of backslashes": "file:\\\\evil\\share\\t.dotm",
    "on a host": "file://evil/share/t.dotm",
    "on a host that is this one": "file://localhost/C:/t.dotm",
    "on a host by a backslash": "file://\\evil\\share\\t.dotm",
    "on a host that is a drive": "file://C:/t.dotm",
    "on a host in capitals": "FILE://evil/share/t.dotm",
    "on a host after a single slash": "file:/evil/share/t.dotm",
    "on a host without slashes": "file:evil/t.dotm",
    "on a mounted share": "/Volumes/share/t.dotm",
    "on a mounted host": "/net/evil/share/t.dotm",
    "on a mounted host beside a home": "/Users/../net/evil/share/t.dotm",
    "on a mounted host beside an encoded home": "/Users/%2E%2E/net/evil/share/t.dotm",
    "at the root of nothing": "\\Templates\\t.dotm",
    "in a folder that climbs": "Templates/../../evil/t.dotm",
    "in a store of settings": "mhtml:file:///C:/t.dotm",
    "in a script": "javascript:alert(1)",
    "in a macro": "ms-word:ofe|u|https://evil.example/t.dotm",
    "in a stream of a file": "C:\\t.dotm:evil",
    "in a folder of an old Mac": "Macintosh%20HD:Users:ana:t.dotm",
    "in a drive with an encoded backslash": "C:%5Ct.dotm",
    "in a drive with an encoded slash": "C:%2ft.dotm",
    "in a drive with an encoded colon": "C%3A\\t.dotm",
    "in a folder that is a blank": "C:\\ \\t.dotm",
    "in a folder that is a dot and a blank": "C:\\. \\t.dotm",
    "in a drive by a bar": "file:///C|/t.dotm",
    "in the present folder of a drive": "C:t.dotm",
    "in a drive that is no letter of ours": "\u212a:\\t.dotm",
    "in a drive that is two letters": "CC:\\t.dotm",
    "in a variable": "%USERPROFILE%\\t.dotm",
    "in an alphabet of ours only half": "C:\\%FF.dotm",
    "in a line of its own": "C:\\t.dotm\nhttps://evil.example/t.dotm",
    "behind a question": "C:\\t.dotm?//evil",
    "that reads backwards": "C:\\\u202emtod.t",
    "that ends in a blank": "C:\\t.dotm ",
    "that is a folder": "C:\\Templates\\",
    "that is a drive": "C:\\",
    "that is the folder above": "..",
    "that is nothing": "",
    "that is very long": "C:\\" + "t" * 2_000,
}


class TestTemplateElsewhere:
    @pytest.mark.parametrize("name", ELSEWHERE)
    def test_is_refused(self, name):
        refused = refusal(company_letter(ELSEWHERE[name]))
        assert refused.code == "remote_template"
        assert refused.for_user == str(SENTENCES["remote_template"])

    @pytest.mark.parametrize("character", "\t\n")
    def test_behind_a_control_that_survives_is_refused(self, character):
        package = company_letter("https://evil.example/t.dotm")
        package.edit(SETTINGS_RELATIONS, 'Target="', f'Target="&#{ord(character)};')
        assert refusal(package).code == "remote_template"

    def test_of_the_glossary_is_refused(self):
        package = glossary_settings(company_letter(COMPANY))
        package.relate(
            "attachedTemplate", "\\\\evil\\t.dotm", source="word/glossary/settings.xml", external=True
        )
        assert refusal(package).code == "remote_template"

    def test_next_to_one_on_disk_is_refused(self):
        package = company_letter(COMPANY)
        package.relate("attachedTemplate", "https://evil.example/t.dotm", source=SETTINGS, external=True)
        assert refusal(package).code == "remote_template"


class TestOddTemplate:
    """Word writes a template on disk in one way; whatever says so in another way is refused."""

    @pytest.mark.parametrize("mode", ["Internal", "external", "External ", "Elsewhere"])
    def test_that_is_not_said_to_be_outside_is_refused(self, mode):
        assert refusal(company_letter(COMPANY, mode=mode)).code == "remote_template"

    def test_that_is_a_part_of_the_document_is_refused(self):
        assert refusal(company_letter("Company.dotx", mode="Internal")).code == "remote_template"

    @pytest.mark.parametrize("kind", ["urn:evil/attachedTemplate", f"{RELATIONS}/ATTACHEDTEMPLATE"])
    def test_by_a_type_that_only_looks_like_one_is_refused(self, kind):
        assert refusal(company_letter(COMPANY, kind=kind)).code == "remote_template"

    def test_that_is_attached_to_the_text_is_refused(self):
        package = word().relate("attachedTemplate", COMPANY, external=True)
        assert refusal(package).code == "remote_template"

    def test_in_the_text_is_refused(self):
        package = company_letter(COMPANY).write('<w:attachedTemplate r:id="rIdTemplate"/>')
        assert refusal(package).code == "remote_template"

    def test_next_to_another_is_refused(self):
        package = word()
        for name in ("file:///C:\\a.dotx", "file:///C:\\b.dotx"):
            package.relate("attachedTemplate", name, source=SETTINGS, external=True)
        assert refusal(package).code == "remote_template"

    def test_of_a_presentation_by_its_element_is_refused(self):
        package = slides().edit(
            "ppt/slides/slide1.xml", "<p:cSld/>", f"<p:cSld/><w:attachedTemplate {NAMESPACES}/>"
        )
        assert refusal(package, "firm.pptx").code == "remote_template"

    def test_that_names_no_relation_is_refused(self):
        assert refusal(company_letter(COMPANY).set("<w:attachedTemplate/>")).code == "remote_template"

    def test_that_names_a_relation_which_is_missing_is_refused(self):
        package = company_letter(COMPANY).set(f'<w:attachedTemplate xmlns:r="{RELATIONS}" r:id="rIdGone"/>')
        assert refusal(package).code == "remote_template"

    def test_that_names_another_relation_in_the_other_vocabulary_is_refused(self):
        package = company_letter(COMPANY)
        package.edit(
            SETTINGS, ' r:id="rIdTemplate"', f' r:id="rIdTemplate" s:id="x" xmlns:s="{STRICT_RELATIONS}"'
        )
        assert refusal(package).code == "remote_template"

    def test_that_names_a_link_is_refused(self):
        package = company_letter(COMPANY).relate(
            "hyperlink", "https://evil.example/t.dotm", source=SETTINGS, external=True, id="rIdLink"
        )
        package.set(f'<w:attachedTemplate xmlns:r="{RELATIONS}" r:id="rIdLink"/>')
        assert refusal(package).code == "remote_template"

    def test_whose_relation_goes_by_the_id_of_a_link_is_refused(self):
        package = company_letter(COMPANY).relate(
            "hyperlink", "https://evil.example/t.dotm", source=SETTINGS, external=True, id="rIdTemplate"
        )
        assert refusal(package).code == "damaged"

    def test_whose_relation_is_used_by_something_else_is_refused(self):
        package = company_letter(COMPANY).set(f'<w:other xmlns:r="{RELATIONS}" r:id="rIdTemplate"/>')
        assert refusal(package).code == "external"

    def test_as_the_whole_of_the_settings_is_refused(self):
        package = company_letter(COMPANY)
        package.put(SETTINGS, f'<w:attachedTemplate {NAMESPACES} r:id="rIdTemplate"/>')
        assert refusal(package).code == "damaged"

    def test_of_a_presentation_is_refused(self):
        settings = "ppt/settings.xml"
        package = company_letter(COMPANY, with_settings(slides(), settings), settings=settings)
        assert refusal(package, "firm.pptx").code == "remote_template"

    def test_of_the_figures_of_a_chart_is_refused(self):
        settings = "xl/settings.xml"
        figures = company_letter(COMPANY, with_settings(workbook(), settings), settings=settings)
        assert refusal(with_chart(word(), figures.packed())).code == "remote_template"


def with_settings(package, name):
    """*package* with a part that is settings to Word alone."""
    return package.put(
        name, f"<w:settings {NAMESPACES}></w:settings>", f"{TYPE}.wordprocessingml.settings+xml"
    )


PATH_ROOTS = st.sampled_from(["", "C:\\", "C:/", "file:///C:\\", "file:///", "/Users/", "../", "Templates\\"])
PATH_CRUMBS = st.sampled_from(
    [
        "C:",
        "file:",
        "http:",
        "/",
        "\\",
        "//",
        ".",
        "..",
        "%5C",
        "%2f",
        "%3A",
        "%25",
        "%20",
        " ",
        "@",
        "evil",
        "é",
    ]
)
NAMES = st.text("aZ9é_-(Ш) ", min_size=1).map(lambda name: f"x{name}x")


def may_name_host(address):
    """However often it is decoded, and by whose rules it is read: those of Windows or those of addresses."""
    path = address.removeprefix("file:///")
    decoded = unquote(address)
    return bool(
        "\\" in PureWindowsPath(path).drive
        or len(urlsplit(path).scheme) > 1
        or urlsplit(address.replace("\\", "/")).netloc
        or (decoded != address and may_name_host(decoded))
    )


class TestLocalPath:
    @given(PATH_ROOTS, st.lists(PATH_CRUMBS | st.characters(), max_size=8).map("".join))
    def test_never_names_a_host(self, root, rest):
        address = root + rest
        assert not (is_local_path(address) and may_name_host(address))

    @given(PATH_ROOTS.filter(lambda root: root != "file:///"), st.lists(NAMES, min_size=1), st.booleans())
    def test_is_any_of_ordinary_names(self, root, names, is_encoded):
        path = root + "\\".join(names)
        assert is_local_path(path.replace(" ", "%20") if is_encoded else path)
