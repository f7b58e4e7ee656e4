"""Which heavy libraries each way in loads; every way runs in an interpreter of its own."""

import json
import subprocess
import sys

import pytest

WAYS = {
    "import legdx": "import legdx",
    "assess": """
        import legdx
        legdx.load_model().assess({"age": 67, "sex": "male", "tremor": "present", "weakness": "absent"})
        """,
    "score_table": """
        import legdx, pandas
        people = pandas.DataFrame({"age": [67], "sex": ["male"], "tremor": ["present"], "weakness": ["absent"]})
        legdx.load_model().score_table(people)
        """,
}

UNNEEDED = {
    "import legdx": {
        "jsonschema",
        "matplotlib",
        "narwhals",
        "networkx",
        "pandas",
        "pgmpy",
        "pyarrow",
        "rich",
        "scipy",
        "sklearn",
        "torch",
        "typer",
        "yaml",
    },
    "assess": {"matplotlib", "networkx", "pandas", "pgmpy", "pyarrow", "scipy", "sklearn", "torch", "typer"},
    "score_table": {"matplotlib", "networkx", "pgmpy", "scipy.optimize", "sklearn", "torch", "typer"},
}


def modules_after(code):
    """The names of all modules, packages and submodules, that a new interpreter holds after running the code."""
    lines = [line.strip() for line in code.strip().splitlines()]
    script = "\n".join([*lines, "import json, sys", "print(json.dumps(sorted(sys.modules)))"])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("way", WAYS)
def test_no_heavy_library_is_loaded_that_the_way_does_not_need(way):
    loaded = modules_after(WAYS[way])
    assert "legdx" in loaded
    assert sorted(loaded & UNNEEDED[way]) == []


def test_a_library_that_is_loaded_is_seen():
    # Without this, a broken probe would pass every test above.
    assert {"pandas", "pyarrow"} <= modules_after("import pandas, pyarrow")
