"""Archives that are bad in one thing each, byte by byte: the code of the refusal, the name, and a builder."""

from tests.bad_packages import with_chart
from tests.word_files import (
    MIB,
    Member,
    deflated,
    deflated_zeros,
    large_part,
    ole,
    program,
    raw,
    raw_word,
    raw_zip,
    word,
    workbook,
)


def two_ends():
    """An archive inside the last part of another one; both end records reach to the end of the file."""
    inner = raw_word()
    tail = raw_word(Member("word/media/a.png", packed=inner, size=len(inner), crc=0, method=0))
    end = tail.index(inner) + len(inner)
    comment = len(tail) - end
    return tail[: end - 2] + comment.to_bytes(2, "little") + tail[end:]


BAD_ARCHIVES = {
    "a bomb of 1 GB in 1 MB": (
        "bomb",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", packed=deflated_zeros(1024), size=1024 * MIB)),
    ),
    "a bomb whose directory lies about its size": (
        "lying_sizes",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", packed=deflated_zeros(1024), size=1000)),
    ),
    "a bomb just below the greatest part": (
        "bomb",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", packed=deflated_zeros(60), size=60 * MIB)),
    ),
    "a bomb of many small parts": (
        "bomb",
        "letter.docx",
        lambda: raw_word(
            *(Member(f"word/media/{n}.bmp", packed=deflated_zeros(4), size=4 * MIB) for n in range(40))
        ),
    ),
    "a bomb of parts and of the figures of a chart": (
        "bomb",
        "letter.docx",
        lambda: raw(
            with_chart(word(), raw(workbook(), large_part("xl/media/a.bmp", 20))),
            large_part("word/media/a.bmp", 60),
            large_part("word/media/b.bmp", 60),
        ),
    ),
    "a size that differs between directory and part": (
        "lying_sizes",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", b"x" * 100, local_size=99)),
    ),
    "a part that is shorter than it says": (
        "lying_sizes",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", b"x" * 100, size=101)),
    ),
    "20,000 parts": (
        "too_many_parts",
        "letter.docx",
        lambda: raw_word(*(Member(f"word/media/{n}.png", b"x") for n in range(20_000))),
    ),
    "20,000 parts that say they are few": (
        "packing",
        "letter.docx",
        lambda: raw_word(*(Member(f"word/media/{n}.png", b"x") for n in range(20_000)), count=16),
    ),
    "a part twice": (
        "duplicate_parts",
        "letter.docx",
        lambda: raw_word(Member("word/document.xml", b"<a/>")),
    ),
    "a part twice in other letters": (
        "duplicate_parts",
        "letter.docx",
        lambda: raw_word(Member("Word/%64ocument.XML", b"<a/>")),
    ),
    "a program with an archive behind it that knows": (
        "program",
        "letter.docx",
        lambda: raw_word(before=program(), first=len(program())),
    ),
    "a program between the parts": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/a.png", b"x", descriptor=program())),
    ),
    "a document with a wrong sum": (
        "damaged",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", crc=1)),
    ),
    "a document with garbage for a part": (
        "damaged",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", packed=b"\xff" * 20, size=20)),
    ),
    "a document whose part goes on behind its end": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", packed=deflated(b"x") + b"more")),
    ),
    "an empty archive": ("not_what_it_says", "letter.docx", lambda: raw_zip([])),
    "an encrypted part": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", flags=1)),
    ),
    "a part packed in another way": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", method=12)),
    ),
    "a stored part of another size": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", packed=b"x", method=0, size=2)),
    ),
    "sizes in the way of zip64": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", extra=b"\1\0\x08\0" + bytes(8))),
    ),
    "an end in the way of zip64": (
        "packing",
        "letter.docx",
        lambda: raw_word().replace(b"PK\5\6", b"PK\6\7" + bytes(16) + b"PK\5\6"),
    ),
    "a second name for a part": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", extra=b"\x75\x70\4\0name")),
    ),
    "a name that is not in its alphabet": (
        "part_path",
        "letter.docx",
        lambda: raw_word(Member("word/media/é.png", b"x", flags=0x800)).replace("é".encode(), b"\xff\xff"),
    ),
    "an archive whose comment is cut": (
        "damaged",
        "letter.docx",
        lambda: raw_word(comment=b"made today")[:-2],
    ),
    "a directory that is cut": (
        "packing",
        "letter.docx",
        lambda: raw_word().replace(b"PK\1\2", b"PK\1\3"),
    ),
    "a directory that points elsewhere": (
        "packing",
        "letter.docx",
        lambda: raw_word(first=1),
    ),
    "a part whose header is gone": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", local=bytes(40))),
    ),
    "a part that is shorter than its header": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", local=b"PK\3\4")),
    ),
    "two names for the bytes of one part": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", local=b""), Member("word/media/b.png", b"x")),
    ),
    "a directory that counts more parts than it lists": (
        "packing",
        "letter.docx",
        lambda: raw_word(count=100),
    ),
    "a part that goes on far behind its end": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", packed=deflated(b"x") + bytes(100_000))),
    ),
    "a part that is not there to its end": (
        "damaged",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", packed=deflated(b"x" * 100)[:-1], size=100)),
    ),
    "an archive of more than one disk": (
        "packing",
        "letter.docx",
        lambda: raw_word()[:-18] + b"\1" + raw_word()[-17:],
    ),
    "another name in the directory": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", local_name="word/media/b.png")),
    ),
    "two ends that both fit": ("packing", "letter.docx", lambda: two_ends()),
    "an object that is packed behind a long nothing": (
        "embedded",
        "letter.docx",
        lambda: raw_word(
            Member(
                "word/media/a.png",
                ole("Package"),
                packed=b"\0\0\0\xff\xff" * 30_000 + deflated(ole("Package")),
            )
        ),
    ),
    "a folder of packed nothing": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/", packed=b"\0\0\0\xff\xff" * 30_000 + deflated(b""))),
    ),
    "a folder that holds bytes": ("packing", "letter.docx", lambda: raw_word(Member("word/media/", b"x"))),
    **{
        f"a part named {path}": (
            "part_path",
            "letter.docx",
            lambda path=path: raw_word(Member(path, b"x")),
        )
        for path in (
            "../evil.xml",
            "word/../../evil.xml",
            "/etc/passwd",
            "word\\evil.xml",
            "C:/evil.xml",
            "word//evil.xml",
            "word/./evil.xml",
            "word/%2e%2e/%2e%2e/evil.xml",
            "word/ev\til.xml",
            "word/document.xml/[0].piece",
        )
    },
}
