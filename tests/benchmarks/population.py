"""What the model says of the public; writes docs/evaluation/population.md.

Two publics are scored: the respondents of NHANES 2017-2018 (an extract of 1,000 adults, without survey weights, who
were asked few of the model's questions), and people drawn from the model itself, who are asked all of them.  The mix
of first causes and of urgency must make sense: an emergency in at most 2 % of the public.  Of the drawn people the
truth is known, so mean posteriors can be held against it.  public.md, beside this page, tells what looked wrong.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from legdx.engine import Budget
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.model import Model, load_model
from legdx.survey import load_mapping, map_answers, read_table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "evaluation" / "population.md"
MAPPING = ROOT / "data" / "mappings" / "nhanes_2017_2018.yaml"
LEVELS = ("emergency", "urgent", "routine", "self_care")
MOST_EMERGENCIES = 0.02
SHOWN = 20
APART = 2.0
"""A mean posterior of the surveyed public so many times above or below the prior is pointed out."""

UNLIKELY = 0.001
"""Causes with a rarer prior are not pointed out: a thousand people say nothing of them."""

STANDARD_ERRORS = 3.0
FEWEST = 5
"""Causes expected in fewer drawn people are not held against the truth."""


@dataclass
class Public:
    """What became of one set of people."""

    name: str
    people: int = 0
    too_costly: int = 0
    impossible: int = 0
    answered: list[int] = field(default_factory=list)
    first: Counter[str] = field(default_factory=Counter)
    first_probability: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    urgency: Counter[str] = field(default_factory=Counter)
    why: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    posterior: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    scored_rows: list[int] = field(default_factory=list)

    @property
    def scored(self) -> int:
        """How many have a result."""
        return len(self.scored_rows)


def score(model: Model, name: str, people: Iterable[Mapping[str, Any]], budget: Budget) -> Public:
    """Score everybody; who is too costly is counted with the urgency of the rules alone."""
    found = Public(name)
    for row, person in enumerate(people):
        found.people += 1
        try:
            result = model._assess(person, budget, parts=False)  # noqa: SLF001 - as a scored table: no groups
        except TooCostlyError as error:
            found.too_costly += 1
            urgency = error.urgency
        except ImpossibleEvidenceError:
            found.impossible += 1
            continue
        else:
            urgency = result.urgency
            found.scored_rows.append(row)
            found.answered.append(result.counts.answered)
            open_causes = [c for c in result.posterior if c not in person]
            found.first[open_causes[0]] += 1
            found.first_probability[open_causes[0]].append(result.posterior[open_causes[0]])
            for cause, probability in result.posterior.items():
                found.posterior[cause].append(probability)
        found.urgency[urgency.level] += 1
        for reason in urgency.reasons:
            if reason.level == urgency.level:
                found.why[urgency.level][f"{reason.kind}: {reason.id}"] += 1
    return found


def drawn_people(model: Model, number: int, seed: int) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """Return what drawn people answer to every question, attributes of absent complaints left out; and the truth."""
    frame = model.simulate(number, seed)
    findings = model.knowledge.findings
    asked = [name for name in model.questionnaire.asked if name not in findings or findings[name].cost == "question"]
    gates = {name: findings[name].gate for name in asked if name in findings and findings[name].gate is not None}
    people = [
        {name: row[name] for name in asked if name not in gates or row[gates[name]] == "present"}
        for row in frame.to_dict("records")
    ]
    truth = {cause: (frame[cause] == "present").to_numpy() for cause in model.knowledge.causes}
    return people, truth


def surveyed_people(model: Model, survey: Path) -> list[dict[str, Any]]:
    """Return the mapped answers of the respondents; a missing one is left out, "don't know" is kept."""
    frame = map_answers(read_table(survey), load_mapping(MAPPING, model), model).answers
    return [
        {name: value for name, value in row.items() if isinstance(value, str) or value == value}  # noqa: PLR0124 - NaN
        for row in frame.to_dict("records")
    ]


def lines_of(model: Model, public: Public) -> list[str]:
    """Return the section of one public."""
    level = {name: public.urgency[name] for name in LEVELS}
    told = sum(level.values())
    emergency = level["emergency"] / told
    verdict = "within" if emergency <= MOST_EMERGENCIES else "MORE than"
    lines = [
        f"## {public.name}",
        "",
        f"People: {public.people}; scored {public.scored}, impossible {public.impossible}, too costly for the budget",
        f"{public.too_costly}, which count below with the urgency of the rules alone.",
        f"Questions answered: {np.mean(public.answered):.0f} on average.",
        "",
        f"Emergencies: {emergency:.1%}, {verdict} the {MOST_EMERGENCIES:.0%} that the public may have.",
        "",
        "| urgency | people | share | most frequent reasons |",
        "| --- | --- | --- | --- |",
        *(
            f"| {name.replace('_', '-')} | {count} | {count / told:.1%} | "
            + ", ".join(f"{why} ({n})" for why, n in public.why[name].most_common(6))
            + " |"
            for name, count in level.items()
        ),
        "",
        "| first cause | people | share | its mean probability where it is first | mean posterior | prior |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for cause, count in public.first.most_common(SHOWN):
        mean = np.mean(public.first_probability[cause])
        lines.append(
            f"| {model.knowledge.label(cause)} | {count} | {count / public.scored:.1%} | {mean:.2f} | "
            f"{np.mean(public.posterior[cause]):.4f} | {model.prior[cause]:.4f} |"
        )
    rest = sum(n for _, n in public.first.most_common()[SHOWN:])
    return [*lines, "", f"{len(public.first)} causes come first for somebody; {rest} people have one not shown.", ""]


def apart_from_prior(model: Model, public: Public) -> list[str]:
    """Return the causes whose mean posterior is far from the prior."""
    rows = []
    for cause, prior in model.prior.items():
        mean = float(np.mean(public.posterior[cause]))
        if max(mean, prior) > UNLIKELY and not 1.0 / APART <= mean / prior <= APART:
            rows.append((mean / prior, cause, mean, prior))
    return [
        f"Causes whose mean posterior is more than {APART:g} times above or below the prior (those over {UNLIKELY:g}):",
        "",
        "| cause | mean posterior | prior | ratio |",
        "| --- | --- | --- | --- |",
        *(f"| {model.knowledge.label(c)} | {m:.4f} | {p:.4f} | {r:.2f} |" for r, c, m, p in sorted(rows, reverse=True)),
        "",
    ]


def against_truth(model: Model, public: Public, truth: Mapping[str, np.ndarray]) -> list[str]:
    """Return how mean posteriors stand against the share of the drawn who have the cause, over those with a result.

    The standard error of that share, if the posteriors are right, is sqrt(sum of p (1 - p)) / n.
    """
    rows = np.asarray(public.scored_rows)
    matrix = np.array([public.posterior[cause] for cause in public.posterior])
    have = np.array([truth[cause][rows] for cause in public.posterior])
    expected, error = matrix.sum(axis=1), np.sqrt((matrix * (1.0 - matrix)).sum(axis=1))
    compared = expected >= FEWEST
    apart = np.abs(have.sum(axis=1) - expected) / error
    names = list(public.posterior)
    outside = [
        f"{model.knowledge.label(names[i])} ({have[i].sum()} have it, {expected[i]:.1f} expected)"
        for i in np.flatnonzero(compared & (apart > STANDARD_ERRORS))
    ]
    first_right = have[matrix.argmax(axis=0), np.arange(len(rows))].mean()
    return [
        f"Number who have a cause against the sum of its posteriors, for causes expected in {FEWEST} people or more:",
        f"{compared.sum() - len(outside)} of {compared.sum()} within {STANDARD_ERRORS:g} standard errors.",
        f"Outside: {', '.join(outside) or 'none'}.",
        "",
        f"The first cause is there in {first_right:.1%} of these people; its mean probability is",
        f"{matrix.max(axis=0).mean():.1%}. Causes that a person has: {have.sum(axis=0).mean():.2f} on average;",
        f"none at all: {(have.sum(axis=0) == 0).mean():.1%}.",
        "",
    ]


def page(model: Model, survey: Path, number: int, seed: int, budget: Budget) -> str:
    """Return the page."""
    command = f"python tests/benchmarks/population.py --people {number} --seed {seed} --seconds {budget.seconds:g}"
    lines = [
        "# What the model says of the public",
        "",
        f"Written by `{command}`;",
        f"model {model.version}, digest {model.digest}.",
        "",
        (__doc__ or "").split("\n\n", 1)[1].strip(),
        "",
    ]
    if survey.is_file():
        public = score(model, "Respondents of NHANES 2017-2018", surveyed_people(model, survey), budget)
        lines += [*lines_of(model, public), *apart_from_prior(model, public)]
    else:
        lines += ["The NHANES extract was not at hand (`--survey`).", ""]
    people, truth = drawn_people(model, number, seed)
    public = score(model, "People drawn from the model", people, budget)
    lines += [*lines_of(model, public), *against_truth(model, public, truth)]
    return "\n".join([*lines, "legdx informs. It is not a medical device and replaces no clinician.", ""])


def main() -> None:
    """Score both publics, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0, help="predicted seconds that one person may cost")
    parser.add_argument("--survey", type=Path, default=ROOT.parent / "shared" / "surveys" / "nhanes_2017_2018_1000.csv")
    parser.add_argument("--output", type=Path, default=PAGE)
    given = parser.parse_args()
    text = page(load_model(), given.survey, given.people, given.seed, Budget(seconds=given.seconds))
    given.output.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
