"""A model never changes, goes anywhere (files, threads, processes), and says the same as every other way of asking."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import legdx
from legdx import ImpossibleEvidenceError, StaleArtefactError, UnknownNameError, load_model
from legdx.engine import posterior
from legdx.model import Model, packaged_folder
from legdx.network.records import arrays_of

ROUNDING = 1e-12
AGREEMENT = 1e-9
"""How far two ways of asking may differ; both sides do some thousand operations on numbers in [0, 1]."""

CASES = (
    {"age": 67, "sex": "male", "tremor": "present", "slow_movement": "present"},
    {"weakness": "present", "weakness_onset": "days", "diuretic_use": "present"},
    {"age": 30, "sex": "female", "weakness": "absent", "brisk_reflexes": "unknown"},
    {},
)


# ---------------------------------------------------------------------------------------- it never changes


@pytest.mark.parametrize("name", ["artefact", "network", "knowledge", "digest", "prior", "anything"])
def test_no_attribute_of_a_model_can_be_set_or_deleted(tiny, name):
    with pytest.raises(AttributeError):
        setattr(tiny, name, None)
    with pytest.raises(AttributeError):
        delattr(tiny, name)


def test_no_number_of_a_model_can_be_changed(tiny):
    for network in (tiny.network, tiny.drawn):
        for node in network.nodes:
            for array in arrays_of(node):
                with pytest.raises(ValueError, match="read-only"):
                    array[...] = 0.5


def test_no_knowledge_of_a_model_can_be_changed(tiny):
    for members in (tiny.knowledge.causes, tiny.knowledge.findings, tiny.knowledge.text, tiny.prior):
        with pytest.raises(TypeError):
            members["new"] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny.knowledge.causes["dehydration"].course = "chronic"


def numbers_of(model):
    return [array.copy() for node in model.network.nodes for array in arrays_of(node)]


def test_asking_leaves_a_model_as_it_was(tiny):
    before, first = numbers_of(tiny), tiny.assess(CASES[0])
    for case in CASES:
        result = tiny.assess(case)
        result.explain("low_potassium")
        result.intervals()
    tiny.score_table(pd.DataFrame([CASES[0]]))
    tiny.simulate(10)
    for one, other in zip(before, numbers_of(tiny), strict=True):
        np.testing.assert_array_equal(one, other)
    assert tiny.assess(CASES[0]) == first


# ---------------------------------------------------------------------------------------- it can be loaded


def test_a_model_is_loaded_from_its_file_and_from_its_folder(tiny, tiny_folder, tmp_path):
    (alone,) = tiny_folder.glob("*.npz")
    moved = shutil.copy(alone, tmp_path / "other_name.npz")
    for place in (tiny_folder, str(tiny_folder), alone, moved, tmp_path):
        model = load_model(place)
        assert model == tiny
        assert hash(model) == hash(tiny)
        assert model.assess(CASES[0]) == tiny.assess(CASES[0])
    assert (tiny.id, tiny.version) == ("tiny", "0.1.0")


def test_the_packaged_model_is_the_one_loaded_by_default(leg, tiny):
    assert load_model() == leg
    assert load_model(packaged_folder()) == leg
    assert leg != tiny
    assert leg.id == "leg"
    assert leg.digest != tiny.digest


@pytest.mark.parametrize("place", ["nowhere", "nowhere.npz", "empty", "notes.txt"])
def test_where_no_model_is_the_error_says_so(tmp_path, place):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no model\n", encoding="utf-8")
    with pytest.raises(StaleArtefactError) as caught:
        load_model(tmp_path / place)
    assert "legdx build" in caught.value.hint


def test_an_installed_wheel_finds_its_model_inside_the_package(leg, tmp_path):
    """The layout of a wheel: the package with ``_models`` in it, no ``models`` beside it, run from another folder."""
    site = tmp_path / "site"
    shutil.copytree(Path(legdx.__file__).parent, site / "legdx", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(packaged_folder(), site / "legdx" / "_models" / "leg")
    code = "import legdx, json; print(json.dumps([legdx.__file__, legdx.load_model().digest]))"
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    file, digest = json.loads(found.stdout)
    assert Path(file).is_relative_to(site)
    assert digest == leg.digest


def test_an_installation_without_its_model_says_so():
    with pytest.raises(StaleArtefactError) as caught:
        packaged_folder("arm")
    assert "install" in caught.value.hint


# ---------------------------------------------------------------------------------------- threads and processes


def test_a_pickled_model_says_the_same(tiny):
    copied = pickle.loads(pickle.dumps(tiny))  # noqa: S301 - our own bytes
    assert copied == tiny
    for case in CASES:
        one, other = tiny.assess(case), copied.assess(case)
        assert one == other
        assert one.intervals() == other.intervals()
        assert one.explain("low_potassium") == other.explain("low_potassium")


def test_a_pickle_holds_the_artefact_alone(tiny):
    fresh = Model(tiny.artefact)
    before = len(pickle.dumps(fresh))
    _ = fresh.drawn, fresh.questionnaire, fresh.prior
    assert len(pickle.dumps(fresh)) == before


def test_a_spawned_process_says_the_same(tiny):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.map(tiny.assess, CASES)
    assert found == [tiny.assess(case) for case in CASES]


def test_errors_come_back_from_a_spawned_process_whole(tiny):
    with (
        multiprocessing.get_context("spawn").Pool(1) as pool,
        pytest.raises(legdx.CaseError, match="tremour") as caught,
    ):
        pool.apply(tiny.assess, ({"tremour": "present"},))
    assert "'tremor'" in caught.value.issues[0].hint


def test_threads_that_share_a_fresh_model_get_the_same_numbers(tiny_folder, tiny):
    expected = [tiny.assess(case) for case in CASES]
    intervals = [result.intervals() for result in expected]
    for _ in range(3):
        fresh = load_model(tiny_folder)
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(fresh.assess, CASES * 8))
            assert found == expected * 8
            assert list(pool.map(lambda result: result.intervals(), found)) == intervals * 8


# ---------------------------------------------------------------------------------------- every way says the same


def hard_cases(model, number, seed):
    """People drawn from the model of whom some questions are answered: none, few, many, all; causes are not."""
    people = model.simulate(number, seed).drop(columns=list(model.knowledge.causes))
    rng = np.random.default_rng(seed)
    hidden = rng.random(people.shape) < rng.choice([0.0, 0.3, 0.7, 0.95, 1.0], size=(number, 1))
    return people.astype(object).mask(hidden, None)


def told(row):
    return {name: value for name, value in row.items() if isinstance(value, str)}


def test_assess_and_score_table_find_the_same_posteriors(leg):
    people = hard_cases(leg, 16, seed=1)
    scored = leg.score_table(people)
    assert set(scored["status"]) <= {"scored", "too_costly"}
    assert (scored["status"] == "scored").sum() >= len(people) // 2
    for (_, row), (_, line) in zip(people.iterrows(), scored.iterrows(), strict=True):
        if line["status"] == "too_costly":
            with pytest.raises(legdx.TooCostlyError):
                leg.assess(told(row))
            continue
        posterior = leg.assess(told(row)).posterior
        assert {cause: line[f"posterior_{cause}"] for cause in posterior} == pytest.approx(
            dict(posterior), rel=AGREEMENT, abs=1e-15
        )


FEW_ANSWERS = (
    {},
    {"tsh_low": "present", "sex": "female"},
    {"b12_low": "present", "vegetarian_or_vegan_diet": "present", "reduced_vibration_sense": "absent"},
    {"leg_ultrasound_clot": "present", "recent_surgery": "present", "age": "age_60_69"},
)


@pytest.mark.parametrize("answers", FEW_ANSWERS)
def test_variable_elimination_in_pgmpy_finds_the_same_posteriors(leg, answers):
    """On this network pgmpy finishes where few causes are tied together; small networks are held against it in full."""
    from pgmpy.inference import VariableElimination

    inference = VariableElimination(leg.to_pgmpy())
    ours = leg.assess({name: 65 if name == "age" else value for name, value in answers.items()})
    for cause in ("hyperthyroidism", "vitamin_b12_deficiency", "deep_vein_thrombosis"):
        theirs = inference.query([cause], evidence=answers, show_progress=False)
        assert theirs.get_value(**{cause: "present"}) == pytest.approx(ours.posterior[cause], rel=AGREEMENT)


def test_pgmpy_knows_every_variable_of_the_model_by_its_name(tiny):
    exported = tiny.to_pgmpy()
    assert exported.check_model()
    for variable in tiny.network.variables:
        assert tuple(exported.get_cpds(variable.name).state_names[variable.name]) == variable.states


# ---------------------------------------------------------------------------------------- people drawn from it


def test_drawn_people_have_the_exact_frequencies_of_every_answer(tiny):
    """Bernstein: |count - n p| is over sqrt(2 n p (1 - p) t) + t / 3 once in exp(t) / 2 times; t = 20, a fixed seed."""
    number, t = 100_000, 20.0
    people = tiny.simulate(number, seed=3)
    network = tiny.network
    exact = posterior(network, {}, range(len(network.variables))).marginals
    assert list(people.columns) == list(tiny.questionnaire.variables)
    for name in people.columns:
        variable = network.variables[network.index[name]]
        counts = people[name].value_counts()
        assert set(counts.index) <= set(variable.states)
        for state, p in zip(variable.states, exact[network.index[name]][0], strict=True):
            assert abs(counts.get(state, 0) - number * p) <= np.sqrt(2 * number * p * (1 - p) * t) + t / 3


def test_drawn_people_have_the_posterior_of_a_cause_among_those_who_answer_alike(tiny):
    people = tiny.simulate(100_000, seed=4)
    alike = people[(people["weakness"] == "present") & (people["potassium_low"] == "none")]
    p = tiny.assess({"weakness": "present", "potassium_low": "none"}).posterior["dehydration"]
    number, t = len(alike), 20.0
    assert number > 1000
    count = (alike["dehydration"] == "present").sum()
    assert abs(count - number * p) <= np.sqrt(2 * number * p * (1 - p) * t) + t / 3


def test_the_same_seed_draws_the_same_people(tiny):
    pd.testing.assert_frame_equal(tiny.simulate(500, seed=5), tiny.simulate(500, seed=5))
    assert not tiny.simulate(500, seed=5).equals(tiny.simulate(500, seed=6))
    assert tiny.simulate(0).shape == (0, len(tiny.questionnaire.variables))


def test_drawn_people_can_be_scored(leg):
    people = leg.simulate(30, seed=7)
    assert set(leg.score_table(people, outputs=["status"])["status"]) == {"scored"}


# ---------------------------------------------------------------------------------------- explaining


def test_a_model_explains_what_its_assessment_explains(tiny):
    for case in CASES:
        for cause in tiny.knowledge.causes:
            assert tiny.explain(case, cause) == tiny.assess(case).explain(cause)


@pytest.mark.parametrize("cause", ["parkinson", "tremor", "electrolyte_imbalance", "", None, 5])
def test_what_is_no_cause_cannot_be_explained(tiny, cause):
    with pytest.raises(UnknownNameError) as caught:
        tiny.explain({"tremor": "present"}, cause)
    assert caught.value.kind == "cause"


def test_impossible_answers_cannot_be_explained_not_even_for_a_known_diagnosis(tiny):
    impossible = {"sex": "male", "pregnancy": "present"}
    for answers in (impossible, {**impossible, "dehydration": "present"}):
        with pytest.raises(ImpossibleEvidenceError):
            tiny.explain(answers, "dehydration")
