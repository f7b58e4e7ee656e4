import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("width.py")
ROOT = SCRIPT.parents[2]


def test_a_quick_run_writes_a_whole_page(tmp_path):
    page = tmp_path / "width.md"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(SCRIPT), "--quick", "--output", str(page)]
    subprocess.run(command, check=True, env=environment, capture_output=True, timeout=300)
    text = page.read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings[:3] == ["# What exact inference costs at the planned size", "## The networks", "## What this says"]
    assert text.count("| clustered |") > 10
    assert "nan " not in text
    assert str(ROOT) not in text
