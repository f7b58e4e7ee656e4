"""A phrase is the model's own, else the packaged one, in the language asked for or else in English."""

from __future__ import annotations

import json
from importlib import resources
from types import SimpleNamespace

import pytest

from legdx.explanation.phrases import Phrases

PACKAGED = json.loads((resources.files("legdx.explanation") / "text" / "en.json").read_text(encoding="utf-8"))
KEY = next(iter(PACKAGED))


def phrases(language="en", **text):
    return Phrases(SimpleNamespace(text=text), language)


def test_a_packaged_phrase_is_used_where_the_model_has_none():
    for own in ({}, {"en": {}}, {"en": {"phrase.other": "no"}}):
        assert phrases(**own).template(KEY) == PACKAGED[KEY]


def test_a_models_own_phrase_goes_before_the_packaged_one():
    assert phrases(en={f"phrase.{KEY}": "own"}).template(KEY) == "own"


@pytest.mark.parametrize(("german", "found"), [({f"phrase.{KEY}": "eigen"}, "eigen"), ({}, PACKAGED[KEY])])
def test_another_language_goes_before_english_and_english_before_nothing(german, found):
    assert phrases("zz", zz=german).template(KEY) == found
    assert phrases("zz", zz=german, en={"phrase.mine": "mine"}).template("mine") == "mine"


def test_a_phrase_that_nobody_has_is_its_parts_alone():
    assert phrases().template("there_is_none") is None
    assert phrases().phrase("there_is_none", a="one", b="two") == "one two"
    assert phrases(en={"phrase.pair": "{b} after {a}"}).phrase("pair", a="one", b="two") == "two after one"
