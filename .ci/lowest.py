"""Print the lower bound of every dependency and of every test tool in pyproject.toml as a pip constraint."""

import re
import sys
import tomllib
from pathlib import Path


def main(path: str) -> str | int:
    """Return 0, or the sentence that says which requirement has no lower bound."""
    project = tomllib.loads(Path(path).read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for requirement in [*project["dependencies"], *extras["polars"], *extras["test"]]:
        if requirement.startswith("legdx["):
            continue
        bound = re.match(r"([A-Za-z0-9._-]+)>=([0-9.]+)", requirement)
        if bound is None:
            return f"no lower bound: {requirement}"
        print(f"{bound[1]}=={bound[2]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
