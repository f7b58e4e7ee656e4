"""Files that nobody would write: bytes, things that are no survey, and exports with everything in them changed.

Each is made from a number, so that one that breaks something can be made again. `Fuzzed.must_refuse` says what is known
of it beforehand: nothing in it can be the answers of people.
"""

import gzip
import os
import random
import zlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

FIXTURES = Path(__file__).parent / "fixtures"
ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("LEGDX_SHARED") or ROOT.parent / "shared") / "surveys"
ROWS = 12

REAL = {
    "nhanes_2017_2018_1000.csv": "nhanes_2017_2018",
    "uci_early_diabetes.csv": "uci_early_diabetes",
    "excel_sep_line.csv": "uci_early_diabetes",
    "redcap_decimal_comma/data.csv": "redcap_decimal_comma",
    "surveymonkey_two_headers_cp1252.csv": "surveymonkey_star_wars",
}
NO_SURVEYS = (
    b"",
    b"\n\n \r\n",
    b"\xef\xbb\xbf",
    b"<!DOCTYPE html><html><body><table><tr><td>age</td></tr></table></body></html>",
    b"\n  <html lang='en'>please log in",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    b"/annex/objects/SHA256E-s1048576--abc.csv\n",
    b"PK\x03\x04\x14\x00\x06\x00\x08\x00",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"%PDF-1.7\n",
    b'{"resourceType": "Patient", "id": "1"}',
    b'{"resourceType": "QuestionnaireResponse", "item": [}',
    b"PAR1\x00\x01garbage",
    b"$FL2@(#) SPSS DATA FILE nothing more",
    b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!0000",
    b"SQLite format 3\x00",
    b"answer,count,percent\nYes,12,40%\nNo,18,60%\n",
    b",age,bmi\ncount,10,10\nmean,40,22\nstd,3,1\nmin,20,19\nmax,80,40\n",
    b"Variable / Field Name,Form Name,Field Type,Field Label\nage,a,text,Age\n",
    b"1,2,3\n4,5,6\n",
)
HOSTILE = (
    *("=1+1", "@SUM(A1)", "-2+3", "\x0b", "\u202e", "1e999", "-0", "nan", "inf", "0x10", "1_000", "\u0663\u0665"),
    *("9" * 400, "x" * 3_000, '"', '""', "'", ";", ",", "\t", "|", "\\", "\ufeff", "\x00", "\ud800", "\U0001f9b5"),
    *("present", "absent", "unknown", "N/A", "#REF!", "null", "None", "true", "{}", "[]", "sep=;", "1,5", "1.234,5"),
)


@dataclass(frozen=True)
class Fuzzed:
    """A file and the mapping that it is read with; `kind` says how it was made."""

    content: bytes
    mapping: Path
    must_refuse: bool
    kind: str


def sources():
    """The exports that are changed, as (content, mapping); the real ones where they are beside the repository."""
    found = [
        ((folder / "data.csv").read_bytes(), folder / "mapping.yaml")
        for folder in sorted(FIXTURES.iterdir())
        if (folder / "mapping.yaml").is_file()
    ]
    for name, mapping in REAL.items():
        if (SHARED / name).is_file():
            lines = (SHARED / name).read_bytes().splitlines(keepends=True)[: ROWS + 2]
            found.append((b"".join(lines), ROOT / "data" / "mappings" / f"{mapping}.yaml"))
    return found


def fuzzed(number, exports):
    """Return the file of this number."""
    dice = random.Random(number)  # noqa: S311 - for tests
    content, mapping = dice.choice(exports)
    what = dice.random()
    if what < 0.1:
        bytes_of = dice.choice((range(256), range(32, 127), b'age,;"\n\r\t1x'))
        junk = bytes(dice.choice(bytes_of) for _ in range(dice.choice((1, 10, 300, 5_000))))
        return Fuzzed(junk, mapping, not _names_a_column(junk, mapping), "bytes")
    if what < 0.2:
        base = dice.choice(NO_SURVEYS)
        tail = b"" if dice.random() < 0.5 else bytes(dice.randrange(32, 127) for _ in range(dice.randrange(40)))
        packed = dice.random()
        if base.startswith((b"PK", b"\xd0", b"%PDF", b"PAR1", b"$FL2", b"HEADER", b"<!DOC", b"version", b"SQLite")):
            base += tail
        base = gzip.compress(base) if packed < 0.1 else base
        return Fuzzed(base, mapping, must_refuse=True, kind="no survey")
    for _ in range(dice.choice((1, 1, 2, 5))):
        content = dice.choice((_bytes, _cells, _lines, _coding, _structure))(dice, content)
    refuse = not _names_a_column(_unpacked(content), mapping)
    return Fuzzed(content, mapping, refuse, "changed export")


def _names_a_column(content, mapping):
    """Whether some word of the mapping, and so perhaps a column of it, is anywhere in the file."""
    words = set(mapping.read_text(encoding="utf-8").replace('"', " ").replace(",", " ").split())
    texts = [content.decode(encoding, errors="ignore") for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1252")]
    texts += [content.decode("utf-32-le", errors="ignore")]
    return any(word.strip("{}[]:") in text for word in words if len(word.strip("{}[]:")) > 0 for text in texts)


def _unpacked(content):
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.decompress(content)
        if content.startswith(b"\x28\xb5\x2f\xfd"):
            return pa.input_stream(pa.BufferReader(content), compression="zstd").read()
    except (OSError, EOFError, ValueError, zlib.error):
        pass
    return content


def _bytes(dice, content):
    data = bytearray(content)
    for _ in range(dice.choice((1, 3, 30))):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0:
                data[place:place] = bytes([dice.randrange(256)])
            case 1:
                del data[place : place + dice.choice((1, 5, 100))]
            case 2 if place < len(data):
                data[place] = dice.randrange(256)
            case _:
                data[place:place] = dice.choice(
                    (b'"', b"\n", b"\r", b"\x00", b",", b";", b'\n"', b"\xff\xfe", b"\xed\xa0")
                )
    return bytes(data)


def _cells(dice, content):
    mark = dice.choice((b",", b";", b"\n"))
    cells = content.split(mark)
    for _ in range(dice.choice((1, 4, 20))):
        cells[dice.randrange(len(cells))] = dice.choice(HOSTILE).encode("utf-8", "surrogatepass")
    return mark.join(cells)


def _lines(dice, content):
    lines = content.splitlines(keepends=True) or [b""]
    match dice.randrange(6):
        case 0:
            dice.shuffle(lines)
        case 1:
            lines = lines[dice.randrange(len(lines)) :]
        case 2:
            lines += lines[-1:] * 50
        case 3:
            lines.insert(
                dice.randrange(len(lines)), dice.choice((b",,,,\n", b"\n", b"\n\n\n", b"Total,1,2\n", lines[0]))
            )
        case 4:
            lines = lines[: dice.randrange(len(lines)) + 1]
        case _:
            lines = [dice.choice((b"sep=;\n", b"sep=,\n", b"sep=\n", b"sep=x\n")), *lines]
    return b"".join(lines)


def _coding(dice, content):  # noqa: PLR0911 - one return a kind of packing or letters
    match dice.randrange(8):
        case 0:
            return gzip.compress(content)
        case 1:
            return pa.compress(content, codec="zstd", asbytes=True)
        case 2:
            packed = gzip.compress(content)
            return packed[: dice.randrange(len(packed))]
        case 3:
            return content.decode("utf-8", errors="replace").encode(dice.choice(("utf-16", "utf-32", "utf-16-le")))
        case 4:
            return b"\xef\xbb\xbf" + content
        case 5:
            return content.replace(b"\r\n", b"\n").replace(b"\n", dice.choice((b"\r", b"\r\n", b"\n\r", b"\x85")))
        case 6:
            return content.replace(b",", dice.choice((b";", b"\t", b"|", b":", b" ")))
        case _:
            return content.decode("utf-8", errors="replace").encode("cp1252", errors="replace")


def _structure(dice, content):
    head, end, rest = content.partition(b"\n")
    names = head.split(b",")
    match dice.randrange(5):
        case 0:
            dice.shuffle(names)
        case 1:
            names.append(dice.choice(names))
        case 2:
            names[dice.randrange(len(names))] = b""
        case 3:
            return b"\n".join(b",".join(reversed(line.split(b","))) for line in content.split(b"\n"))
        case _:
            return content.replace(b'"', dice.choice((b"", b"'", b'""', b"\xe2\x80\x9c")))
    return b",".join(names) + end + rest
