"""What pyproject.toml promises and what the code does are the same."""

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import legdx

PACKAGE = Path(legdx.__file__).parent

# The name to import, where it is not the name to install.
INSTALLED_AS = {"sklearn": "scikit-learn", "yaml": "pyyaml"}


def imported_libraries():
    """Top-level names of everything that the package imports anywhere, other than itself and Python's own."""
    names = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"legdx"}


def required(extra=None):
    """Names of the distributions that an installation brings, with an extra or without."""
    names = set()
    for line in metadata.requires("legdx"):
        name = re.match(r"[A-Za-z0-9._-]+", line).group().lower().replace("_", "-")
        marker = line.partition(";")[2]
        if "extra" not in marker or (extra is not None and re.search(rf"""extra == ['"]{extra}['"]""", marker)):
            names.add(name)
    return names


def test_every_library_that_the_package_imports_is_installed_with_it_or_with_an_extra():
    wanted = {INSTALLED_AS.get(name, name).lower() for name in imported_libraries()}
    extras = {"openpyxl": "xlsform", "pyreadstat": "spss"}
    assert sorted(wanted - required() - set(extras)) == []
    assert all(name in required(extra) for name, extra in extras.items())


def test_the_usual_libraries_of_an_analyst_are_installed_by_default():
    assert {"numpy", "pandas", "scikit-learn", "pgmpy", "pyarrow", "narwhals", "rich"} <= required()


def test_the_installed_version_is_the_one_in_the_code():
    assert metadata.version("legdx") == legdx.__version__


def test_the_command_is_installed_and_can_be_called():
    (command,) = metadata.entry_points(group="console_scripts", name="legdx")
    assert callable(command.load())


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()
