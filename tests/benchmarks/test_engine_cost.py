import numpy as np
import pytest
from engine_cost import constants, cost_model, steps_of, summary
from engine_rows import GROUPS

from legdx.engine import Status


def predicted(entries, steps):
    entry, step = constants()
    seconds = entry * entries + step * steps
    return np.stack([entries, 24 * entries, seconds, entries / 4, np.full_like(entries, 1e-12)], axis=1)


def drawn(count):
    rng = np.random.default_rng(5)
    entries = np.round(np.exp(rng.uniform(6, 16, count)))
    return entries, rng.integers(50, 400, count).astype(float)


def test_the_steps_of_a_row_come_back_from_its_predicted_seconds():
    entries, steps = drawn(200)
    np.testing.assert_array_equal(steps_of(predicted(entries, steps)), steps)


def test_the_cost_model_finds_the_numbers_that_made_the_times():
    entries, steps = drawn(500)
    taken = 2e-5 + 3e-7 * steps + 4e-9 * entries
    found = cost_model(taken, predicted(entries, steps), np.zeros(500, dtype=np.int32))
    assert found["us_a_row"] == pytest.approx(20, rel=1e-4)
    assert found["ns_a_step"] == pytest.approx(300, rel=1e-4)
    assert found["ns_an_entry"] == pytest.approx(4, rel=1e-4)
    assert found["median_error"] < 1e-6


def test_a_flagged_row_costs_time_and_counts_as_nothing_done():
    entries, steps = drawn(10)
    present = np.arange(10) * 3
    status = np.zeros(10, dtype=np.int32)
    status[-1] = Status.COSTLY
    costs = predicted(entries, steps)
    costs[-1, :4] = np.inf
    found = {
        "seconds": 2.0,
        "two_threads": 1.0,
        "loaded": 1e8,
        "peak": 2e8,
        "groups": np.ones(len(GROUPS)),
        "overhead": 1e-5,
        "single": np.full(10, 1e-3),
        "planning": 0.5,
        "status": status,
        "costs": costs,
    }
    told = summary(present, found)
    assert told["rows_per_second"] == pytest.approx(9 / 2.0)
    assert told["two_threads"]["speed_up"] == pytest.approx(2.0)
    assert told["flagged"]["rows"] == told["flagged"]["costly"] == 1
    assert told["flagged"]["first"][0]["entries"] is None
    assert told["entries"]["max"] is None
    assert told["by_present"]["0"]["rows"] == 1
    assert told["by_present"]["at most 6"]["rows_per_second"] == pytest.approx(3 / 4.0)
