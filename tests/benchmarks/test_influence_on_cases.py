"""What moves a case: the slopes are those that a small nudge of each number gives."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from legdx.engine import logit_gradient, observe, prepare
from tests.benchmarks import influence
from tests.benchmarks.influence import nudged
from tests.benchmarks.influence_on_cases import CASES, ROOT, numbers_of_person, people_of, slope
from tests.network.hand_made import hand_made_network

SMALL = 1e-5


def test_the_slope_of_every_number_is_that_of_a_small_nudge(monkeypatch):
    monkeypatch.setattr(influence, "STEP", SMALL)
    network = hand_made_network()
    evidence = dict([observe(network, "age", 1), observe(network, "weakness", 1), observe(network, "reflexes", 2)])
    causes = network.of_kind("cause")
    numbers = numbers_of_person(network, evidence)
    assert len(numbers) > 20
    marginals = prepare(network, evidence, causes).posterior(nudged(network, list(numbers))).marginals
    moving = set()
    for cause in causes:
        gradient = logit_gradient(network, evidence, cause)
        log_odds = np.log(marginals[cause][:, 1] / marginals[cause][:, 0])
        for number, moved in zip(numbers, (log_odds[1:] - log_odds[0]) / SMALL, strict=True):
            # A forward difference: its error is of the size of the step, and of rounding over the step.
            assert slope(network, number, gradient) == pytest.approx(moved, abs=1e-4), number
            moving |= {number} if abs(moved) > 0.01 else set()
    assert len(moving) > 10


def test_a_person_of_unknown_sex_is_both():
    network = hand_made_network()
    known = dict([observe(network, "age", 2), observe(network, "sex", 1)])
    assert [tuple(person[:2]) for person in people_of(network, known)] == [(2, 1)]
    assert [tuple(person[:2]) for person in people_of(network, dict([observe(network, "age", 2)]))] == [(2, 0), (2, 1)]


def test_a_small_run_writes_a_whole_page(tmp_path):
    page, cases = tmp_path / "page.md", tmp_path / "cases.jsonl"
    cases.write_text("".join(CASES.read_text(encoding="utf-8").splitlines(keepends=True)[:3]), encoding="utf-8")
    command = [sys.executable, "-m", "tests.benchmarks.influence_on_cases", "--cases", cases, "--output", page]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=environment, timeout=300)
    text = page.read_text(encoding="utf-8")
    assert "Cases: 3 of 3 adults" in text
    assert sum(line.count("|") == 4 and "." in line.split("|")[1] for line in text.splitlines()) == 50
    assert "nan" not in text
    assert Path(__file__).name not in text
