"""No file crashes the reader, takes longer than five seconds, or is scored although it is no survey."""

from pathlib import Path

import pytest

from legdx.batch import ScoreOptions, score_file
from legdx.errors import LegdxError
from legdx.survey import open_table
from legdx.survey.draft import draft_mapping
from tests.batch.fake_model import FakeModel
from tests.survey.fuzz import fuzzed, sources

FILES = 500
HANG_SECONDS = 5


def outcome(file, folder, model, number):
    """Score one file: the report, or None where it was refused; anything but a refusal goes through."""
    source = Path(folder) / f"survey_{number}.csv"
    output = Path(folder) / "out.csv"
    source.write_bytes(file.content)
    output.unlink(missing_ok=True)
    try:
        if number % 10 == 0:
            draft_mapping(open_table(source), model)
        mapping = None if number % 7 == 0 else file.mapping  # the model's own questionnaire needs none
        options = ScoreOptions(policy="strict" if number % 2 else "lenient", outputs=("counts", "flags"))
        report = score_file(source, mapping, model, output, block_rows=7, options=options)
    except LegdxError:
        report = None
    finally:
        source.unlink()
    assert output.exists() == (report is not None)
    return report


def check(file, report, number):
    about = f"file {number} ({file.kind})"
    if report is None:
        return
    assert not file.must_refuse, f"{about} was scored, and is no survey"
    left = report.rejected + report.blank + report.not_selected
    assert report.rows_in == report.rows_out + left, f"{about}: rows were lost"


@pytest.fixture(scope="module")
def exports():
    return sources()


def test_five_hundred_fuzzed_files_are_read_or_refused(leg, exports, tmp_path):
    model = FakeModel(leg.knowledge)
    refused = 0
    for number in range(FILES):
        file = fuzzed(number, exports)
        report = outcome(file, tmp_path, model, number)
        check(file, report, number)
        refused += report is None
    assert FILES // 4 < refused < FILES  # some are surveys still, many are not


def test_the_exports_themselves_are_scored(leg, exports, tmp_path):
    model = FakeModel(leg.knowledge)
    for number, (content, mapping) in zip(range(1, 1_000, 7), exports, strict=False):
        file = type(fuzzed(0, exports))(content, mapping, must_refuse=False, kind="export")
        assert outcome(file, tmp_path, model, number) is not None, mapping
