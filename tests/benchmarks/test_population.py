import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("population.py")
ROOT = SCRIPT.parents[2]


def test_a_small_run_writes_a_whole_page(tmp_path):
    page, survey = tmp_path / "population.md", tmp_path / "none.csv"
    command = [sys.executable, SCRIPT, "--people", "4", "--seed", "3", "--survey", survey, "--output", page]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([str(part) for part in command], check=True, env=environment, capture_output=True, timeout=300)
    text = page.read_text(encoding="utf-8")
    assert "The NHANES extract was not at hand" in text
    assert "## People drawn from the model" in text
    assert "People: 4; scored" in text
    assert "nan" not in text
    assert str(ROOT) not in text
