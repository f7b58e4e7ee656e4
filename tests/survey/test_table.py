"""Tables of every make come in as text, and no row gets lost."""

import gzip
import math
from contextlib import nullcontext

import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest

from legdx.errors import SurveyError
from legdx.survey import TableFormat, open_table, read_table

PLAIN = "id,name\n1,Ana\n2,Zoë\n"


def write(tmp_path, content, name="survey.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(frame):
    return frame.to_numpy().tolist()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PLAIN.encode(), "utf-8"),
        (PLAIN.encode("utf-8-sig"), "utf-8-sig"),
        (PLAIN.encode("utf-16"), "utf-16"),
        (PLAIN.encode("cp1252"), "cp1252"),
        (PLAIN.replace("\n", "\r\n").encode(), "utf-8"),
    ],
)
def test_every_encoding_gives_the_same_text(tmp_path, content, encoding):
    path = write(tmp_path, content)
    assert open_table(path).dialect.encoding == encoding
    assert rows(read_table(path)) == [["1", "Ana"], ["2", "Zoë"]]


def test_a_guess_at_the_encoding_is_a_warning(tmp_path):
    issues = []
    read_table(write(tmp_path, PLAIN.encode("cp1252")), issues)
    assert [(issue.code, issue.level) for issue in issues] == [("encoding_assumed", "warning")]
    issues.clear()
    read_table(write(tmp_path, PLAIN), issues)
    assert issues == []


def test_bytes_late_in_a_file_decide_on_its_encoding(tmp_path):
    path = write(tmp_path, b"id,name\n" + b"1,Ana\n" * 20_000 + "2,Zoë\n".encode("cp1252"))
    assert read_table(path)["name"].iloc[-1] == "Zoë"


def test_text_in_no_known_encoding_is_refused(tmp_path):
    with pytest.raises(SurveyError, match="is not text in UTF-8"):
        open_table(write(tmp_path, b"id,name\n1,\x81\xff\n"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_cuts_all_rows_alike(tmp_path, delimiter):
    text = f'id{delimiter}remark\n1{delimiter}"a, b; c"\n2{delimiter}d\n'
    assert rows(read_table(write(tmp_path, text))) == [["1", "a, b; c"], ["2", "d"]]


@pytest.mark.parametrize(("line", "delimiter"), [("sep=;", ";"), ("sep=\t", "\t"), ("\ufeffsep=;", ";")])
def test_the_line_of_excel_names_the_delimiter(tmp_path, line, delimiter):
    text = f"{line}\r\nid{delimiter}x\r\n1{delimiter}2\r\n"
    table = open_table(write(tmp_path, text))
    assert table.columns == ("id", "x")
    assert rows(read_table(table.path)) == [["1", "2"]]


def test_one_column_is_a_table(tmp_path):
    assert rows(read_table(write(tmp_path, "age\n5\n\n6\n"))) == [["5"], [""], ["6"]]


def test_gzip_is_known_by_its_content(tmp_path):
    path = write(tmp_path, gzip.compress(PLAIN.encode()), "survey.csv")
    assert len(read_table(path)) == 2


def test_line_ends_and_delimiters_inside_quotes_stay_in_the_cell(tmp_path):
    text = 'id,remark\n1,"two\nlines, one cell"\n2,"a ""quote"""\n'
    assert rows(read_table(write(tmp_path, text))) == [["1", "two\nlines, one cell"], ["2", 'a "quote"']]


def test_nothing_is_turned_into_a_number_or_into_nothing(tmp_path):
    text = "a,b,c,d\n007,1.50,NA,null\n"
    assert rows(read_table(write(tmp_path, text))) == [["007", "1.50", "NA", "null"]]


def test_a_blank_line_is_a_row_but_not_at_the_end(tmp_path):
    text = "a,b\n1,2\n\n,\n3,4\n\n\n"
    assert rows(read_table(write(tmp_path, text))) == [["1", "2"], ["", ""], ["", ""], ["3", "4"]]


def test_a_row_of_another_length_is_blank_and_an_issue(tmp_path):
    issues = []
    frame = read_table(write(tmp_path, "a,b\n1,2\n1,2,3\n4\n5,6,,\n"), issues)
    assert rows(frame) == [["1", "2"], ["", ""], ["", ""], ["5", "6"]]
    assert [(issue.code, issue.where.row, issue.where.line) for issue in issues] == [
        ("row_length", 2, 3),
        ("row_length", 3, 4),
    ]


def test_blank_headers_get_a_name(tmp_path):
    issues = []
    frame = read_table(write(tmp_path, "a, ,,b  c,\n1,2,3,4\n"), issues)
    assert list(frame.columns) == ["a", "column 2", "column 3", "b c"]
    assert [issue.code for issue in issues] == ["column_renamed", "column_renamed"]


def test_repeated_headers_are_refused_until_somebody_says_what_becomes_of_them(tmp_path):
    path = write(tmp_path, "a, a ,b\n1,2,3\n")
    with pytest.raises(SurveyError, match=r"'a' \(columns 1 and 2\)") as caught:
        open_table(path)
    assert "repeated_headers: number" in caught.value.hint
    issues = []
    frame = read_table(path, issues, TableFormat(repeated_headers="number"))
    assert list(frame.columns) == ["a", "a (2)", "b"]
    assert [issue.code for issue in issues] == ["column_renamed"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b" \n \n", "is empty"),
        (b"\xef\xbb\xbf\n,,\n1,2,3\n", "has no header"),
        (b"1,2\n3,4\n", "has no header"),
        (b"  <!DOCTYPE html><html>", "an HTML page"),
        (b"\xef\xbb\xbf<HTML><body>log in", "an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n", "Git LFS pointer"),
        (b"PK\x03\x04rest of a workbook", "Excel workbook"),
        (b"a,b\n1,\x00\n", "is not text"),
    ],
)
def test_what_is_no_table_is_refused_with_a_hint(tmp_path, content, what):
    with pytest.raises(SurveyError, match=what) as caught:
        open_table(write(tmp_path, content))
    assert caught.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(SurveyError, match="there is no file"):
            open_table(path)


def test_a_quote_that_is_not_closed_ends_reading_instead_of_losing_rows(tmp_path):
    path = write(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n')
    with pytest.raises(SurveyError, match="record from line 3"):
        read_table(path)


def test_blocks_are_the_table_cut_in_pieces(tmp_path):
    path = write(tmp_path, "a,b\n" + "".join(f"{i},{i * i}\n" for i in range(10)))
    whole = read_table(path)
    for size in (1, 3, 10, 100):
        blocks = list(open_table(path).blocks(size))
        assert len(blocks) == math.ceil(10 / size)
        assert pd.concat([block.frame for block in blocks]).equals(whole)
        assert [block.frame.index[0] for block in blocks] == list(range(0, 10, size))


def test_a_table_without_rows_is_one_empty_block(tmp_path):
    (block,) = open_table(write(tmp_path, "a,b\n")).blocks(5)
    assert block.frame.shape == (0, 2)


def test_a_block_has_at_least_one_row(tmp_path):
    with pytest.raises(ValueError, match="at least one row"):
        next(open_table(write(tmp_path, PLAIN)).blocks(0))


def test_parquet_comes_in_as_text_too(tmp_path):
    path = tmp_path / "survey.parquet"
    pd.DataFrame(
        {"i": [1, 2], "f": [2.0, None], "s": ["x", None], "b": [True, False], "d": pd.to_datetime(["2026-01-02", None])}
    ).to_parquet(path)
    assert open_table(path).columns == ("i", "f", "s", "b", "d")
    assert rows(read_table(path)) == [["1", "2.0", "x", "true", "2026-01-02 00:00:00"], ["2", "", "", "false", ""]]


def test_a_damaged_parquet_file_is_refused(tmp_path):
    with pytest.raises(SurveyError, match="damaged Parquet"):
        open_table(write(tmp_path, b"PAR1 and nothing more", "survey.parquet"))


# ---------------------------------------------------------------------------------------- other containers and kinds


def test_zstandard_is_known_by_its_content_and_may_have_several_frames(tmp_path):
    packed = b"".join(pa.compress(part.encode(), codec="zstd", asbytes=True) for part in (PLAIN, "3,Yue\n"))
    assert rows(read_table(write(tmp_path, packed, "survey.csv"))) == [["1", "Ana"], ["2", "Zoë"], ["3", "Yue"]]


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_packed_file_that_is_cut_short_is_refused(tmp_path, codec):
    text = "id,name\n" + "".join(f"{i},{i * 7919 % 1000}\n" for i in range(5_000))
    packed = gzip.compress(text.encode()) if codec == "gzip" else pa.compress(text.encode(), codec, asbytes=True)
    with pytest.raises(SurveyError, match=r"damaged|is empty|has no header"):
        read_table(write(tmp_path, packed[: len(packed) // 2]))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_every_line_end_ends_a_row(tmp_path, end):
    path = write(tmp_path, PLAIN.replace("\n", end))
    assert rows(read_table(path)) == [["1", "Ana"], ["2", "Zoë"]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_text_that_breaks_off_inside_a_letter_is_refused(tmp_path, encoding):
    with pytest.raises(SurveyError, match="is no text in"):
        open_table(write(tmp_path, PLAIN.encode(encoding)[:-1]))


def test_an_encoding_that_is_named_is_used(tmp_path):
    path = write(tmp_path, PLAIN.encode("mac-roman"))
    assert read_table(path, wanted=TableFormat(encoding="mac-roman"))["name"].tolist() == ["Ana", "Zoë"]
    for name in ("klingon", "hex", "rot13", "a\0b"):
        with pytest.raises(SurveyError, match="is no encoding of text"):
            open_table(path, TableFormat(encoding=name))


def test_a_mark_at_the_start_is_no_letter_of_the_first_header(tmp_path):
    path = write(tmp_path, PLAIN.encode("utf-8-sig"))
    assert open_table(path, TableFormat(encoding="utf-8")).columns == ("id", "name")


@pytest.mark.parametrize("line", ["sep=x", 'sep="', "sep='", "sep=;;"])
def test_a_first_line_that_only_looks_like_excels_is_a_header(tmp_path, line):
    with pytest.raises(SurveyError, match=r"record from line 1|has no header") if line == 'sep="' else nullcontext():
        assert len(open_table(write(tmp_path, f"{line}\n1\n2\n")).columns) >= 1


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas_do_not_look_like_delimiters(tmp_path, delimiter):
    text = f"id{delimiter}a{delimiter}b\n1{delimiter}1,5{delimiter}2,5\n2{delimiter}3,5{delimiter}4,5\n"
    assert open_table(write(tmp_path, text)).dialect.delimiter == delimiter


def test_a_delimiter_that_is_named_is_used(tmp_path):
    path = write(tmp_path, "a;b,c\n1;2,3\n")
    assert open_table(path, TableFormat(delimiter=";")).columns == ("a", "b,c")
    assert open_table(path, TableFormat(delimiter=",")).columns == ("a;b", "c")


def test_a_number_of_header_rows_that_is_named_wins(tmp_path):
    path = write(tmp_path, "a,b\nHow old?,Weak?\n40,yes\n")
    assert len(read_table(path)) == 2
    table = open_table(path, TableFormat(header_rows=2))
    assert (table.columns, table.texts, table.header_rows) == (("a", "b"), ("How old?", "Weak?"), 2)
    assert rows(read_table(path, wanted=TableFormat(header_rows=2))) == [["40", "yes"]]


def test_blank_rows_are_counted(tmp_path):
    (block,) = open_table(write(tmp_path, "a,b\n1,2\n,\n\n3,4\n , \n")).blocks()
    assert block.blank == (1, 2, 4)


def frame():
    return pd.DataFrame({"Q1": [1.0, 2.0, 99.0, None], "name": ["Ana", "", "Zoë", None]})


def test_spss_keeps_its_codes_of_missing_answers_its_questions_and_its_words(tmp_path):
    path = tmp_path / "survey.sav"
    pyreadstat.write_sav(
        frame(),
        str(path),
        column_labels={"Q1": "Are your legs weak?"},
        variable_value_labels={"Q1": {1: "Yes", 2: "No", 99: "Refused"}},
        missing_ranges={"Q1": [99]},
    )
    table = open_table(path)
    assert rows(read_table(path)) == [["1.0", "Ana"], ["2.0", ""], ["99.0", "Zoë"], ["", ""]]
    assert table.texts[0] == "Are your legs weak?"
    assert table.codes["Q1"]["99.0"] == "Refused"
    assert [len(block.frame) for block in table.blocks(3)] == [3, 1]


def test_sas_transport_is_read(tmp_path):
    path = tmp_path / "survey.xpt"
    pyreadstat.write_xport(frame(), str(path), column_labels=["Are your legs weak?", ""])
    assert rows(read_table(path)) == [["1.0", "Ana"], ["2.0", ""], ["99.0", "Zoë"], ["", ""]]
    assert open_table(path).texts[0] == "Are your legs weak?"


@pytest.mark.parametrize("start", [b"$FL2@(#) SPSS", b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"])
def test_damaged_spss_and_sas_files_are_refused(tmp_path, start):
    with pytest.raises(SurveyError, match="is a damaged"):
        open_table(write(tmp_path, start + b"\0" * 100))


# ---------------------------------------------------------------------------------------- tables that are no survey


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("answer,count,percent\nYes,12,40%\nNo,18,60%\n", "'count' counts people"),
        ("sex,tremor,n\nmale,yes,12\nmale,no,30\n", "'n' counts people"),
        ("variable,all\nTremor,12 (40.0%)\nWeakness,18 (60.0%)\n", "counts with percentages"),
        (",age,bmi\ncount,10,10\nmean,40,22\nstd,3,1\nmin,20,19\n", "a row each"),
        ("answer,who\nYes,a\nNo,b\nTotal,c\n", "its last row is 'Total'"),
    ],
)
def test_a_summary_is_refused(tmp_path, text, what):
    with pytest.raises(SurveyError, match=what):
        open_table(write(tmp_path, text))


def test_a_column_that_the_mapping_names_may_be_called_count(tmp_path):
    path = write(tmp_path, "id,count\n1,3\n2,4\n")
    assert open_table(path, known=frozenset({"id", "count"})).columns == ("id", "count")


def test_a_data_dictionary_is_refused_as_one(tmp_path):
    header = '"Variable / Field Name","Form Name","Field Type","Field Label"\nage,a,text,Age\n'
    with pytest.raises(SurveyError, match="a REDCap data dictionary"):
        open_table(write(tmp_path, header))


@pytest.mark.parametrize("text", ['{"a": 1}', "[1, 2]"])
def test_json_that_is_no_response_is_refused(tmp_path, text):
    with pytest.raises(SurveyError, match="is JSON"):
        open_table(write(tmp_path, text))


def test_a_bundle_of_something_else_is_refused(tmp_path):
    text = (
        '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}], "x": "QuestionnaireResponse"}'
    )
    with pytest.raises(SurveyError, match="something else"):
        open_table(write(tmp_path, text))


def test_many_columns_of_one_name_take_no_long_time_and_too_many_are_refused(tmp_path):
    wanted = TableFormat(repeated_headers="number")
    path = write(tmp_path, ",".join(["a"] * 15_000) + "\n" + ",".join(["1"] * 15_000) + "\n")
    assert open_table(path, wanted).columns[-1] == "a (15000)"
    with pytest.raises(SurveyError, match="a first row of 30,000 cells"):
        open_table(write(tmp_path, ",".join(["a"] * 30_000) + "\n"), wanted)
