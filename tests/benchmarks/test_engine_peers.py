from typing import ClassVar

import engine_peers
import numpy as np
import pytest
from engine_bench import disagreements
from engine_peers import Limits, Outcome, Own, run_peer, summary

LIMITS = Limits(row_seconds=1.0, total_seconds=100.0)


@pytest.fixture
def started(monkeypatch):
    """Replaces processes by ones that answer what a dict says of a row; returns the rows that each was started with."""
    rows = []

    class Scripted:
        said: ClassVar = {}

        def __init__(self, _peer, _rows, first, _last, _memory):
            rows.append(first)
            self.row = first - 1

        def next(self, _seconds):
            self.row += 1
            if rows[-1] == self.row and not hasattr(self, "ready"):
                self.ready, self.row = True, self.row - 1
                return {"ready": 0.1}
            trouble = self.said.get(self.row)
            if trouble is not None:
                raise trouble
            return {"row": self.row, "seconds": {"inference": 0.5}, "marginals": [0.25]}

        def end(self):
            return None

    monkeypatch.setattr(engine_peers, "Process", Scripted)
    return Scripted, rows


def test_a_program_is_started_again_after_a_row_that_it_did_not_finish(started):
    scripted, rows = started
    scripted.said = {1: TimeoutError(), 3: EOFError()}
    outcome = run_peer("some program", None, 6, LIMITS)
    assert rows == [0, 2, 4]
    assert outcome.failed == {1: "not done in 1 s", 3: "its process ended"}
    assert sorted(outcome.seconds) == [0, 2, 4, 5]


def test_an_unassisted_program_is_stopped_after_three_failures_and_an_assisted_one_is_not(started):
    scripted, _ = started
    scripted.said = dict.fromkeys(range(5), TimeoutError())
    assert sorted(run_peer("some program", None, 9, LIMITS).failed) == [0, 1, 2]
    assert len(run_peer("reduced, some program", None, 9, LIMITS).seconds) == 4


def test_no_more_rows_are_given_when_the_time_is_up(started):
    scripted, rows = started
    scripted.said = {}
    assert run_peer("some program", None, 5, Limits(total_seconds=0.0)) == Outcome()
    assert rows == []


def test_a_wrong_posterior_is_reported_and_one_that_is_no_number_too():
    own = Own(np.array([1e-4, 2e-4]), np.array([7.0, 9.0]), np.array([[0.5], [0.25]]))
    for theirs, worst in ((0.5, 0.0), (0.6, 0.1), (float("nan"), None)):
        outcome = Outcome({0: {"inference": 0.02}}, {0: [theirs]})
        found = summary(outcome, own)
        assert found["ratio_median"] == pytest.approx(200.0)
        assert found["own_median_entries"] == 7.0
        assert found["worst_difference"] == (None if worst is None else pytest.approx(worst))
        wrong = disagreements({"patterns": {"whole": {"peers": {"x": found}}}})
        assert bool(wrong) == (worst != 0.0)
