"""Records go to plain JSON types and back unchanged, cannot be changed, and need neither YAML nor schemas."""

import copy
import dataclasses
import json
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import legdx.knowledge
from legdx.errors import FormatError
from legdx.knowledge import Figure, FrozenMap, Knowledge, Population, load_knowledge
from legdx.knowledge.plain import from_plain, to_plain


@pytest.fixture
def knowledge(model):
    return load_knowledge(model.path)


def test_knowledge_survives_the_way_through_json(knowledge):
    text = json.dumps(knowledge.to_dict())
    again = Knowledge.from_dict(json.loads(text))
    assert again == knowledge
    assert json.dumps(again.to_dict()) == text
    assert [list(again.causes), list(again.text["en"])] == [list(knowledge.causes), list(knowledge.text["en"])]


def test_knowledge_survives_pickling_and_copying(knowledge):
    assert pickle.loads(pickle.dumps(knowledge)) == knowledge  # noqa: S301 - our own bytes
    assert copy.deepcopy(knowledge) == knowledge


def test_reading_does_not_change_the_plain_form(knowledge):
    plain = knowledge.to_dict()
    before = copy.deepcopy(plain)
    Knowledge.from_dict(plain)
    assert plain == before


def test_what_equals_its_default_is_left_out_of_the_plain_form(knowledge):
    plain = to_plain(knowledge.causes["dehydration"].findings[0])
    assert plain.keys() == {"figure", "finding"}
    assert plain["figure"].keys() == {
        "id",
        "value",
        "low",
        "high",
        "unit",
        "interval",
        "source",
        "grade",
        "opened",
        "file",
        "line",
        "note",
    }


def test_numbers_stay_numbers_of_their_kind(knowledge):
    figure = (
        Knowledge.from_dict(json.loads(json.dumps(knowledge.to_dict()))).causes["low_potassium"].prevalence[0].duration
    )
    assert (type(figure.value), type(figure.line)) == (float, int)


@pytest.mark.parametrize(
    "damage",
    [
        lambda plain: plain.pop("model"),
        lambda plain: plain.update(extra=1),
        lambda plain: plain.update(causes=3),
        lambda plain: plain["causes"]["dehydration"].update(findings=[1]),
        lambda plain: plain["causes"]["dehydration"].pop("course"),
        lambda plain: plain["model"]["population"][0]["share"].pop("value"),
    ],
)
def test_another_shape_is_refused_with_a_hint(knowledge, damage):
    plain = knowledge.to_dict()
    damage(plain)
    with pytest.raises(FormatError) as caught:
        Knowledge.from_dict(plain)
    assert "to_dict()" in caught.value.hint


def test_records_cannot_be_changed_and_have_a_hash(knowledge):
    with pytest.raises(dataclasses.FrozenInstanceError):
        knowledge.digest = "x"
    with pytest.raises(dataclasses.FrozenInstanceError):
        knowledge.causes["dehydration"].findings[0].figure.value = 0.5
    with pytest.raises(TypeError):
        knowledge.causes["dehydration"] = None
    assert isinstance(hash(knowledge), int)


def test_every_record_is_frozen_has_slots_and_holds_only_what_json_can_hold(knowledge):
    kinds = [value for value in vars(legdx.knowledge).values() if dataclasses.is_dataclass(value)]
    assert len(kinds) == 25
    for kind in kinds:
        assert kind.__dataclass_params__.frozen
        assert not hasattr(kind, "__dict__") or "__slots__" in vars(kind)
    json.dumps(knowledge.to_dict(), allow_nan=False)


def test_the_public_names_are_those_listed_and_all_are_there():
    assert legdx.knowledge.__all__ == sorted(legdx.knowledge.__all__)
    assert all(hasattr(legdx.knowledge, name) for name in legdx.knowledge.__all__)


def test_reading_plain_knowledge_imports_neither_yaml_nor_schemas(knowledge):
    script = (
        "import json, sys; from legdx.knowledge import Knowledge, knowledge_digest; "
        "Knowledge.from_dict(json.load(sys.stdin)); "
        "print(sorted({'yaml', 'jsonschema', 'referencing', 'numpy'} & set(sys.modules)))"
    )
    text = json.dumps(knowledge.to_dict())
    done = subprocess.run([sys.executable, "-c", script], input=text, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


words = st.text(max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
figures = st.builds(
    Figure,
    id=words,
    value=numbers,
    low=numbers,
    high=numbers,
    unit=st.sampled_from(["probability", "ratio", "per_person_year", "days"]),
    interval=words,
    source=words,
    grade=st.sampled_from("ABCD"),
    opened=st.booleans(),
    file=words,
    line=st.integers(1, 10**6),
    locator=st.none() | words,
    printed=st.none() | words,
    note=st.none() | words,
    population=st.builds(
        Population, st.integers(18, 60), st.integers(60, 120), st.sampled_from([None, "female", "male"])
    ),
    role=st.sampled_from(["solve", "check"]),
)


@given(figures)
def test_any_figure_survives_the_way_through_json(figure):
    assert from_plain(Figure, json.loads(json.dumps(to_plain(figure)))) == figure


@given(st.dictionaries(words, st.integers()))
def test_a_frozen_map_is_a_dictionary_that_cannot_change(content):
    frozen = FrozenMap(content)
    assert dict(frozen) == content == frozen
    assert list(frozen) == list(content)
    assert len(frozen) == len(content)
    assert pickle.loads(pickle.dumps(frozen)) == frozen  # noqa: S301 - our own bytes
    assert hash(frozen) == hash(FrozenMap(reversed(content.items())))
    assert "nothing else" not in frozen
    content["nothing else"] = 1
    assert "nothing else" not in frozen
    assert repr(frozen).startswith("FrozenMap({")
    with pytest.raises(AttributeError, match="immutable"):
        frozen.content = {}
    with pytest.raises(AttributeError, match="immutable"):
        del frozen.content
