"""Files of every habit become rows; what is no list says why; memory stays small."""

import io
import tracemalloc
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from accounts.customers import problems, readers
from accounts.customers.readers import BadFile, Exact, Layout, delimited, workbooks

TEXT = "Nº;Nombre;Correo\n1;Ñandú S.L.;ana@x.es\n\n2;Güell;bea@x.es\n"
ROWS = [(2, ["1", "Ñandú S.L.", "ana@x.es"]), (4, ["2", "Güell", "bea@x.es"])]


@pytest.fixture
def put(tmp_path):
    def write(content, name="list.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read(path, layout=None):
    return [(row.line, row.cells) for row in readers.open_path(path, layout)]


def read_as_an_upload_does(path, layout):
    readers.look(readers.Path(path), layout)
    return read(path, layout)


def fault(path, layout=None):
    with pytest.raises(BadFile) as bad:
        read_as_an_upload_does(path, layout)
    assert bad.value.code in problems.FILE
    return bad.value.code, bad.value.line


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"],
)
def test_encodings_are_found(put, encoding):
    assert read(put(TEXT.encode(encoding))) == ROWS


def test_utf16_big_endian_with_its_mark(put):
    marked = b"\xfe\xff" + TEXT.encode("utf-16-be")
    assert read(put(marked)) == ROWS


def test_a_letter_cut_by_a_piece_is_whole(put):
    long = "Nº;Nombre\n" + "".join(f"{n};{'ñ' * 50}\n" for n in range(6000))
    rows = read(put(long))
    assert len(rows) == 6000
    assert {row[1] for _line, row in rows} == {"ñ" * 50}


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separators_are_found(put, separator):
    path = put(TEXT.replace(";", separator))
    assert readers.look(readers.Path(path)).layout.separator == separator
    assert read(path) == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(put, end):
    assert read(put(TEXT.replace("\n", end))) == ROWS


def test_quoted_breaks_commas_and_quotes(put):
    path = put('a,b\n1,"one\ntwo ""2"", three"\n3,x\n')
    assert read(path) == [(2, ["1", 'one\ntwo "2", three']), (4, ["3", "x"])]


def test_unicode_line_separators_end_no_line(put):
    assert read(put("a;b\n1;x\u2028y\x0bz\n")) == [(2, ["1", "x\u2028y\x0bz"])]


def test_a_row_with_a_stray_quote_is_told_and_the_next_is_read(put):
    path = put('a;b\n1;"x" y\n2;z\n')
    rows = list(readers.open_path(path))
    assert (rows[0].line, rows[0].problem, rows[0].cells) == (2, "file_quotes", [])
    assert rows[1].cells == ["2", "z"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", ("file_empty", None)),
        ("\n\n", ("file_empty", None)),
        ("a;b\n", ("file_header_only", None)),
        ("a;A\n1;2\n", ("file_header_twice", 1)),
        ("a\n1\n", ("file_no_columns", 1)),
        ("x@y.es;b\n1;2\n", ("file_header_values", 1)),
        ("1;2;3\n4;5;6\n", ("file_header_values", 1)),
        ("a;b\n1;\0\n", ("file_not_text", None)),
        ('a;b\n1;"open\n2;x', ("file_quotes", 2)),
        ('a;b\n1;"open\n' + "2;x\n" * 300, ("file_quotes", 2)),
        ("a;b\n1;" + "x" * 300_000, ("file_line_too_long", 2)),
        (
            ";".join(f"c{n}" for n in range(600)) + "\n1;2\n",
            ("file_too_many_columns", 1),
        ),
        (b"\x1f\x8b\x08gz", ("file_compressed", None)),
        (b"%PDF-1.7 ...", ("file_pdf", None)),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", ("file_xls", None)),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            ("file_protected", None),
        ),
        (b"PK\x03\x04zip", ("file_zip", None)),
    ],
)
def test_what_is_no_list_says_why_and_where(put, content, told):
    assert fault(put(content)) == told


def test_a_wrongly_chosen_encoding_says_the_line(put):
    path = put("a;b\n1;x\n2;Ñ\n".encode("cp1252"))
    assert fault(path, Layout("utf-8-sig", ";")) == ("file_encoding", 1)


def test_cells_too_long_refuse_their_line_only(put):
    path = put(f"a;b\n1;{'x' * 40_000}\n2;y\n")
    rows = list(readers.open_path(path))
    assert [row.problem for row in rows] == ["file_cell_too_long", ""]


def test_memory_does_not_grow_with_the_file(put):
    """Eight times the lines, the same peak: by structure, not by luck."""

    def peak(lines):
        path = put("a;b\n" + f"1;{'x' * 100}\n" * lines)
        tracemalloc.start()
        for _row in readers.open_path(path, Layout("utf-8-sig", ";")):
            pass
        _now, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found

    small, big = peak(5_000), peak(40_000)
    assert big < small * 1.5
    assert big < 4 * 1024 * 1024


def test_one_endless_line_is_given_up_early(put):
    path = put("a;b\n" + "x" * 8_000_000)
    tracemalloc.start()
    with pytest.raises(BadFile):
        list(readers.open_path(path, Layout("utf-8-sig", ";")))
    _now, found = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found < 4 * delimited.LONGEST_LINE + 1024 * 1024


# -- Workbooks -------------------------------------------------------------------------


def book(rows, **sheets):
    found = openpyxl.Workbook()
    for row in rows:
        found.active.append(row)
    for name, more in sheets.items():
        sheet = found.create_sheet(name)
        for row in more:
            sheet.append(row)
    return found


def saved(workbook):
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


HEADER = ["Nº", "Nombre", "Alta", "Ventas", "Clave"]


def test_a_workbook_gives_exact_numbers_and_dates(put):
    rows = [
        HEADER,
        [104000, "Ñandú", date(2023, 7, 21), 1234.5, True],
        ["00104", "x", datetime(2023, 7, 21, 10, 30), "1.234,50", None],
        [],
        [104000.0, None, None, None, False],
    ]
    found = list(readers.open_path(put(saved(book(rows)), "a.xlsx")))
    assert [row.line for row in found] == [2, 3, 5]
    assert found[0].cells == ["104000", "Ñandú", "2023-07-21", "1234.5", "yes"]
    assert [isinstance(cell, Exact) for cell in found[0].cells] == [
        True,
        False,
        True,
        True,
        True,
    ]
    assert found[1].cells == ["00104", "x", "2023-07-21T10:30:00", "1.234,50", ""]
    assert not isinstance(found[1].cells[0], Exact)
    assert found[2].cells == ["104000", "", "", "", "no"]


def test_the_first_visible_sheet_with_lines_is_read(put):
    found = book([], Clientes=[HEADER, [1, "x"]], Otros=[["a", "b"], [2, "y"]])
    found.create_sheet("Oculta", 0).append(["c", "d"])
    found["Oculta"].sheet_state = "hidden"
    path = put(saved(found), "a.xlsx")
    look = readers.look(readers.Path(path))
    assert look.header == HEADER
    assert look.sheets == ["Sheet", "Clientes", "Otros"]
    assert read(path, Layout("xlsx", sheet="Otros")) == [(2, ["2", "y"])]


def test_an_empty_workbook_says_so(put):
    assert fault(put(saved(book([])), "a.xlsx"))[0] == "file_sheet"


def test_a_cell_far_out_does_not_fill_the_memory(put):
    found = book([HEADER, [1, "x"]])
    found.active["XFD1048576"] = 1
    assert fault(put(saved(found), "a.xlsx"))[0] in {
        "file_bomb",
        "file_too_many_columns",
    }


def archive(**entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as found:
        for name, content in entries.items():
            found.writestr(name, content)
    return stream.getvalue()


def test_bombs_are_refused_before_they_are_opened(put, monkeypatch):
    def never(*args, **options):
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(workbooks.subprocess, "Popen", never)
    dense = archive(**{"xl/workbook.xml": "x", "xl/sheet.xml": b"0" * 30_000_000})
    assert fault(put(dense, "a.xlsx"))[0] == "file_bomb"
    many = archive(**{"xl/workbook.xml": "x"}, **{f"e{n}": "x" for n in range(300)})
    assert fault(put(many, "b.xlsx"))[0] == "file_bomb"
    assert fault(put(archive(readme="x"), "c.xlsx"))[0] == "file_compressed"


def test_who_lies_about_its_size_meets_the_limits_of_its_process(put, monkeypatch):
    """The guard outside switched off: the kernel's limits stop it all the same."""
    monkeypatch.setattr(workbooks, "check", lambda path: None)
    found = book([HEADER, [1, "x"]])
    found.active["ALL1048576"] = 1
    assert fault(put(saved(found), "a.xlsx"))[0] == "file_bomb"


def test_external_entities_are_not_read(put, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    plain = saved(book([HEADER, ["&x;", "x"]]))
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/sharedStrings.xml":
                content = (
                    f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "{secret}">]>'
                ).encode() + content.replace(b"&amp;x;", b"&x;")
            new.writestr(name, content)
    path = put(stream.getvalue(), "a.xlsx")
    try:
        told = str(read(path))
    except BadFile as bad:
        told = bad.code
    assert "do not tell" not in told


def test_a_broken_archive_says_so(put):
    whole = saved(book([HEADER, [1, "x"]]))
    assert fault(put(whole[: len(whole) // 2], "a.xlsx"))[0] == "file_zip"
    garbled = archive(**{"xl/workbook.xml": "<not", "[Content_Types].xml": "x"})
    assert fault(put(garbled, "b.xlsx"))[0] == "file_zip"
