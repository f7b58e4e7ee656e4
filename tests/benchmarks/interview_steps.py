"""How long an interview keeps a person waiting between two questions.

    python tests/benchmarks/interview_steps.py [--people 6] [--questions 40]

People are drawn from the model with at least one complaint, and answer every question truthfully as drawn; an offer of
the result is turned down.  Prints the slowest steps, wall clock and processor time of one thread.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from legdx.cli.sitting import script_of
from legdx.inquiry.dialogue import begin, reply
from legdx.model import load_model
from legdx.network.sampling import simulate


def main() -> None:
    """Print the steps of each interview."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--questions", type=int, default=40)
    options = parser.parse_args()
    model = load_model()
    network, script = model.network, script_of(model)
    people = simulate(network, 2000, np.random.default_rng(11))
    complaints = [network.index[f.id] for f in model.knowledge.findings.values() if f.role == "complaint"]
    ages = model.questionnaire.variables["age"].states
    some = [row for row in people if (row[complaints] > 0).sum() >= 2][: options.people]
    for number, row in enumerate(some, start=1):
        steps: list[tuple[float, float, int]] = []
        offers: list[int] = []
        turn = begin(script, {})
        while turn.state.phase != "over" and len(turn.state.history) < options.questions:
            asked = turn.state.asked
            if turn.state.phase == "offering":
                offers.append(len(turn.state.history))
                text = "more"
            elif asked == "age":
                band = ages[int(row[network.index["age"]])]
                text = band.split("_")[1]
            else:
                text = network.variables[network.index[asked]].states[int(row[network.index[asked]])]
            before = len(turn.state.history)
            began, busy = time.perf_counter(), time.process_time()
            turn = reply(script, turn.state, text)
            steps.append((time.perf_counter() - began, time.process_time() - busy, before + 1))
            if len(turn.state.history) == before and text != "more":
                turn = reply(script, turn.state, "d")
        slowest = sorted(steps, reverse=True)[:3]
        told = ", ".join(f"{wall:.1f} s ({own:.1f} s of processor) after answer {at}" for wall, own, at in slowest)
        median = float(np.median([own for _, own, _ in steps]))
        print(f"person {number}: {len(steps)} steps, median {median:.2f} s; slowest {told}; offered after {offers}")


if __name__ == "__main__":
    main()
