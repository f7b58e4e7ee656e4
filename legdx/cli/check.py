"""`legdx check`: are the knowledge files sound, is the built model theirs, and what does a query cost."""

from __future__ import annotations

from dataclasses import asdict

import typer

from legdx.cli.options import Folder, JsonOption
from legdx.cli.streams import print_json

__all__ = ["run"]

FAILED = 1


def run(folder: Folder = None, json: JsonOption = False) -> None:
    """List everything wrong with the knowledge files, and the predicted cost of standard answer patterns.

    The exit code is 1 when something is wrong, or when the built model does not belong to the files.
    """
    from legdx.cli.checks import check_folder
    from legdx.cli.pages import show_lines, show_table
    from legdx.engine import kernels
    from legdx.model import DISCLAIMER, packaged_folder

    result = check_folder(packaged_folder() if folder is None else folder)
    if json:
        print_json({"disclaimer": DISCLAIMER, "kernels": asdict(kernels()), **result.to_dict()})
    else:
        show_lines(*(str(issue) for issue in result.issues), f"built model: {result.artefact}", str(kernels()))
        show_lines(*(f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in result.counts.items()))
        rows = [
            (
                cost.factors,
                "yes" if cost.age_and_sex else "no",
                str(cost.present),
                f"{cost.median_entries:,.0f}",
                f"{cost.largest_entries:,.0f}",
                f"{cost.largest_seconds:.3f}",
            )
            for cost in result.costs
        ]
        heads = ("factors answered", "age and sex", "findings present", "median entries", "largest", "seconds at most")
        show_table(heads, rows)
        show_lines(DISCLAIMER)
    if not result.is_sound:
        raise typer.Exit(FAILED)


def _shown(value: object) -> str:
    return ", ".join(f"{key} {number}" for key, number in value.items()) if isinstance(value, dict) else str(value)
