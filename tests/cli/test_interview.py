"""`legdx interview` asks, keeps the answers, goes on with them, and ends well whatever is typed."""

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from jsonschema import Draft202012Validator

import legdx as package
from tests.cli.conftest import ROOT

SCHEMA = json.loads((ROOT / "legdx" / "schemas" / "case-1.json").read_text())


def test_it_asks_and_ends_with_the_result(legdx):
    done = legdx("interview", stdin=b"67\nm\nn\nq\n")
    assert done.code == 0
    assert "How old are you" in done.out
    assert "Urgency:" in done.out
    assert "not a medical device" in done.out


def test_the_answers_are_kept_as_a_case_that_other_verbs_read(legdx, tmp_path):
    kept = tmp_path / "case.json"
    done = legdx("interview", "--save", kept, stdin=b"67\nm\nn\nd\ns\nr\nq\n")
    assert done.code == 0
    case = json.loads(kept.read_text())
    assert list(Draft202012Validator(SCHEMA).iter_errors(case)) == []
    assert case["answers"]["age"] == 67
    assert sorted(map(str, case["answers"].values())) == sorted(["67", "male", "absent", "unknown", "refused"])
    assert kept.stat().st_mode & 0o077 == 0
    assert legdx("assess", kept).code == 0


def test_it_goes_on_with_a_case_that_was_kept(legdx, tmp_path):
    kept = tmp_path / "case.json"
    legdx("interview", "--save", kept, stdin=b"67\nm\nn\n")
    before = json.loads(kept.read_text())["answers"]
    done = legdx("interview", kept, "--save", kept, stdin=b"n\nq\n")
    assert "Going on after 3 answers" in done.out
    after = json.loads(kept.read_text())["answers"]
    assert (done.code, {name: after[name] for name in before}, len(after)) == (0, before, 4)


def test_as_json_the_result_alone_is_standard_output(legdx):
    done = legdx("interview", "--json", stdin=b"67\nm\nq\n")
    assert done.code == 0
    assert "How old are you" in done.err
    assert done.out == legdx("assess", "-", "--json", stdin=b'{"age": 67, "sex": "male"}').out


def test_a_file_that_is_there_is_not_written_over(legdx, tmp_path):
    kept = tmp_path / "case.json"
    kept.write_text("precious")
    done = legdx("interview", "--save", kept, stdin=b"67\n")
    assert done.code == 1
    assert "is there already" in done.err
    assert kept.read_text() == "precious"


def test_a_place_that_cannot_be_written_is_an_error_with_its_name(legdx, tmp_path):
    done = legdx("interview", "--save", tmp_path / "nowhere" / "case.json", stdin=b"67\n")
    assert done.code == 1
    assert "nowhere" in done.err


@pytest.mark.parametrize("typed", [b"", b"\xff\xfe\x00\n", b"\x1b[A\n[red]\n", b"67", b"x" * 100_000 + b"\n", b"12\n"])
def test_odd_input_and_its_end_lead_to_the_result(legdx, typed):
    done = legdx("interview", stdin=typed)
    assert done.code == 0
    assert "Urgency:" in done.out


def test_a_case_that_cannot_be_read_is_an_error(legdx, tmp_path):
    wrong = tmp_path / "case.json"
    wrong.write_text('{"tremour": "present"}')
    done = legdx("interview", wrong, stdin=b"")
    assert done.code == 1
    assert "did you mean 'tremor'" in done.err


def test_interrupted_at_a_terminal_it_leaves_the_answers_behind(tmp_path):
    kept = tmp_path / "case.json"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "legdx", "interview", "--save", str(kept)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, start_new_session=True)
    os.close(theirs)
    try:
        os.write(ours, b"67\n")
        deadline = time.monotonic() + 60
        while not kept.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 1
        shown = os.read(ours, 100_000).decode()
    finally:
        process.kill()
        os.close(ours)
    assert json.loads(kept.read_text())["answers"] == {"age": 67}
    assert "Traceback" not in shown
    assert "Stopped before the result" in shown


def test_the_verb_is_listed(legdx):
    assert "interview" in legdx("--help").out
    assert package.__version__ in legdx("--version").out
