"""`legdx assess`: the causes of one person's complaints."""

from __future__ import annotations

from legdx.cli.options import Case, JsonOption, ModelOption
from legdx.cli.streams import print_json, read_case

__all__ = ["run"]


def run(case: Case, json: JsonOption = False, model: ModelOption = None) -> None:
    """Say how likely each cause is for one person, and how urgent it is to be seen.

    CASE.json holds the answers, for example {"age": 67, "sex": "male", "tremor": "present"}.
    """
    from legdx.model import load_model

    given = read_case(case)
    loaded = load_model(model)
    result = loaded.assess(given)
    if json:
        print_json(result.to_dict())
        return
    from legdx.cli.pages import show_assessment

    show_assessment(result, loaded.knowledge)
