import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("engine_bench.py")
ROOT = SCRIPT.parents[2]

HEADLINE = {
    "rows_per_second_6",
    "rows_per_second_10",
    "rows_per_second_all",
    "p99_ms",
    "flagged",
    "ratio_pyagrum_median",
    "first_batch_s",
    "engine_us_single",
    "assess_ms",
}
PEERS = {
    "pgmpy VariableElimination",
    "pgmpy predict_probability",
    "pyAgrum LazyPropagation",
    "pyAgrum ShaferShenoy",
    "reduced, pyAgrum LazyPropagation",
    "reduced, pyAgrum ShaferShenoy",
    "reduced, pyAgrum ShaferShenoyMRF",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmarks")
    command = [sys.executable, str(SCRIPT), "--quick", "--output", str(folder)]
    done = subprocess.run(
        command, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return json.loads((folder / "latest.json").read_text(encoding="utf-8"))


def test_a_quick_run_writes_every_headline_figure(found):
    assert found.keys() >= HEADLINE
    measured = {key for key in HEADLINE if found[key] is not None}
    assert measured >= HEADLINE - {"first_batch_s", "ratio_pyagrum_median", "rows_per_second_6", "rows_per_second_10"}
    assert {"processor", "cores", "python", "libraries", "kernels"} <= found["machine"].keys()
    assert len(found["model"]["digest"]) == 64


def test_every_pattern_is_measured_and_every_row_counted(found):
    assert found["patterns"].keys() == {"whole", "short", "complaints"}
    assert found["patterns"]["short"]["questions"] == 20
    for one in found["patterns"].values():
        groups = [group["rows"] for name, group in one["by_present"].items() if name[0].isdigit()]
        assert len(groups) == 10
        assert sum(groups) == one["rows"] == one["by_present"]["all"]["rows"]
        assert {"p50", "p90", "p99", "max"} <= one["row_us"].keys()


def test_every_other_program_is_tried_and_agrees_where_it_finished(found):
    peers = found["patterns"]["whole"]["peers"]
    assert peers.keys() == PEERS
    compared = [peer for peer in peers.values() if peer["rows_compared"]]
    assert compared
    assert all(peer["agrees"] and peer["worst_difference"] <= 1e-9 for peer in compared)
    assert all("could not load the model" not in peer["failures"] for peer in peers.values())


def test_the_page_says_that_a_quick_run_means_nothing_and_names_no_path(folder):
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "these figures mean nothing" in text
    assert next(line for line in text.splitlines() if line.startswith("## ")) == "## Targets"
    assert str(ROOT) not in text
    assert str(folder) not in text
    assert " nan " not in text
    assert "None" not in text
