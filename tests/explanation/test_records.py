"""An explanation's short forms, and its way into JSON and back."""

from __future__ import annotations

import json
import math

import pytest

from legdx.errors import FormatError
from legdx.explanation.records import (
    ENDLESS,
    Cited,
    Explanation,
    Part,
    Row,
    Statement,
    Unavailable,
    Value,
    from_json,
    to_json,
)

CITED = Cited(
    figure="f", variable="numb", level=None, about="in_cause", value=0.4, low=0.3, high=0.5, source="s",
    reference="S 2020", grade="A", printed=None, locator="table 1",
)  # fmt: skip
ROW = Row(
    answers=("numb", "numb_onset"), given="numb", weight_decibans=math.inf, share_decibans=-math.inf,
    direction="for", strength="decisive", parts=(Part("numb_onset", 2.0),), cited=(CITED,),
)  # fmt: skip
STATEMENTS = tuple(
    Statement(kind=kind, text=f"{kind}.", values=(Value("posterior", 0.2, "probability"),))
    for kind in ("line", "start", "missing", "for", "against", "rest", "surprise", "figures", "explains", "paths")
)
FOUND = Explanation(
    cause="a", label="A", level="all", prior=0.1, background=0.1, posterior=0.2, prior_decibans=-9.5,
    background_decibans=-math.inf, posterior_decibans=-6.0, rows=(ROW,), statements=STATEMENTS, interval=(0.1, 0.3),
    unavailable=(Unavailable("tornado", "too_costly"),),
)  # fmt: skip


def test_an_explanation_survives_json_with_what_is_infinite_as_the_largest_number():
    plain = FOUND.to_dict()
    assert plain["rows"][0]["weight_decibans"] == ENDLESS
    assert plain["rows"][0]["share_decibans"] == plain["background_decibans"] == -ENDLESS
    assert plain["rows"][0]["answers"] == ["numb", "numb_onset"]
    assert plain["posterior_decibans"] == -6.0
    assert plain["schema_version"] == "1.0"
    assert Explanation.from_dict(json.loads(json.dumps(plain, allow_nan=False))) == FOUND


@pytest.mark.parametrize("version", ["2.0", None])
def test_another_schema_version_is_refused(version):
    with pytest.raises(FormatError, match=r"schema version 1\.0"):
        Explanation.from_dict(FOUND.to_dict() | {"schema_version": version})


def test_the_line_is_the_first_statement_and_the_paragraph_those_that_belong_to_it():
    assert FOUND.line == FOUND.summary == "line."
    assert FOUND.paragraph == "line. start. for. against. rest. surprise. figures. explains."
    assert FOUND.sentences == tuple(one.text for one in STATEMENTS)


def test_an_explanation_without_statements_has_an_empty_line():
    bare = Explanation.from_dict(FOUND.to_dict() | {"statements": []})
    assert (bare.line, bare.paragraph) == ("", "")


def test_a_row_without_a_split_has_no_step():
    assert ROW.step_decibans == -math.inf
    bare = Row(answers=("numb",), given="numb", weight_decibans=1.0, direction="for", strength="weak")
    assert math.isnan(bare.step_decibans)


def test_numbers_words_and_mappings_keep_their_values_in_json():
    plain = {"a": [1, 2.5, "x", None, True, math.inf], "b": {"c": -math.inf}}
    written = to_json(plain)
    assert written == {"a": [1, 2.5, "x", None, True, ENDLESS], "b": {"c": -ENDLESS}}
    assert from_json(written) == plain
    assert from_json([1, 2.5]) == [1, 2.5]
