"""What one person said: answers by variable, read strictly, with every kind of missing answer kept apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from numbers import Real
from typing import Any, Literal

import numpy as np

from legdx.engine import Evidence
from legdx.errors import MINIMUM_AGE, CaseError, Issue, UnderAgeError, UnknownNameError, Where, did_you_mean
from legdx.knowledge import Finding, FrozenMap, Knowledge, Measured
from legdx.network.records import Array, Network, Variable
from legdx.network.structure import AGE

__all__ = ["CASE_SCHEMA_VERSION", "MISSING", "Answer", "Case", "Questionnaire"]

CASE_SCHEMA_VERSION = "1.0"
OLDEST = 120
_EXACT = 2**53

Missing = Literal["unknown", "refused", "not_asked", "not_applicable"]
MISSING: tuple[Missing, ...] = ("unknown", "refused", "not_asked", "not_applicable")
"""Don't know, refused, not asked (or blank), does not apply: four different things, and none of them is "absent"."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the likelihood of each state of the variable, or the kind of its being missing.

    ``given`` is what was said, as plain JSON; ``likelihood`` is None when nothing was learned.
    """

    given: Any
    likelihood: FrozenMap[float] | None = None
    missing: Missing | None = None

    @property
    def state(self) -> str | None:
        """The state, where the answer leaves only one."""
        if self.likelihood is None:
            return None
        possible = [state for state, weight in self.likelihood.items() if weight > 0.0]
        return possible[0] if len(possible) == 1 else None


@dataclass(frozen=True, slots=True)
class Case:
    """The answers of one person, checked against one model's questionnaire; make it with ``Model.case``.

    ``answers`` runs over variables; a laboratory value stands under each finding that it settles.  ``given`` is what
    was said, under the names that were used.
    """

    answers: FrozenMap[Answer]
    given: FrozenMap[Any]

    def evidence(self, network: Network) -> Evidence:
        """Return the likelihoods of all answers that say something, by variable index."""
        result: dict[int, Array] = {}
        for name, answer in self.answers.items():
            if answer.likelihood is not None:
                if name not in network.index:
                    raise UnknownNameError(name, network.index, kind="variable")
                i = network.index[name]
                result[i] = np.array([answer.likelihood.get(s, 0.0) for s in network.variables[i].states])
        return result

    def count(self, missing: Missing) -> int:
        """Return how many answers are missing in this way; ``not_asked`` counts only what was named as such."""
        return sum(answer.missing == missing for answer in self.answers.values())

    @property
    def answered(self) -> tuple[str, ...]:
        """The variables of which something was learned, in the order given."""
        return tuple(name for name, answer in self.answers.items() if answer.likelihood is not None)

    @property
    def unsure(self) -> frozenset[str]:
        """The variables answered "don't know"."""
        return frozenset(name for name, answer in self.answers.items() if answer.missing == "unknown")

    def without(self, names: Iterable[str]) -> Case:
        """Return the case with these answers taken out."""
        gone = set(names)
        return Case(FrozenMap({n: a for n, a in self.answers.items() if n not in gone}), self.given)

    def to_dict(self) -> dict[str, Any]:
        """Return the case as JSON under the schema ``case-1.json``."""
        return {"schema_version": CASE_SCHEMA_VERSION, "answers": dict(self.given)}


@dataclass(frozen=True)
class Questionnaire:
    """What can be answered in one model, and how answers are read."""

    knowledge: Knowledge = field(repr=False)
    network: Network = field(repr=False)

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Every variable that can be answered: factors, findings, and causes as known diagnoses."""
        kinds = {"factor", "finding", "cause"}
        return {v.name: v for v in self.network.variables if v.kind in kinds}

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The variables that a questionnaire asks: all but causes and test results."""
        tests = {f.id for f in self.knowledge.findings.values() if f.role == "test"}
        return tuple(n for n, v in self.variables.items() if v.kind != "cause" and n not in tests)

    @cached_property
    def analytes(self) -> Mapping[str, tuple[tuple[str, Measured], ...]]:
        """Laboratory analyte -> the findings that its value settles."""
        found: dict[str, list[tuple[str, Measured]]] = {}
        for finding in self.knowledge.findings.values():
            if finding.measured is not None:
                found.setdefault(finding.measured.analyte, []).append((finding.id, finding.measured))
        return {analyte: tuple(members) for analyte, members in found.items()}

    def read(self, given: Mapping[str, Any]) -> Case:
        """Check and read one person's answers.

        Args:
            given: variable (or analyte, or an older name of either) -> answer; or a dictionary written by
                ``Case.to_dict``.

        Raises:
            CaseError: unknown names, values that a variable cannot take, laboratory values without their unit: all of
                them, each with the nearest known ones.
            UnderAgeError: the person is under 18.

        """
        if not hasattr(given, "items"):
            message = f"a case is a mapping from variables to answers, not a {type(given).__name__}"
            raise CaseError(message, hint='write {"age": 67, "tremor": "present"}')
        if "answers" in given and isinstance(given["answers"], Mapping):
            given = self._unwrapped(given)
        answers: dict[str, Answer] = {}
        said: dict[str, Any] = {}
        issues: list[Issue] = []
        for name, value in given.items():
            for variable, result in self._read_one(str(name), value):
                if isinstance(result, Issue):
                    issues.append(result)
                    continue
                said[str(name)] = result.given
                if variable not in answers or answers[variable].missing == "not_asked":
                    answers[variable] = result
                elif result.missing != "not_asked":
                    note = f"{variable} is answered twice"
                    issues.append(_issue("answered_twice", str(name), note, "give one answer"))
        issues = list(dict.fromkeys(issues))
        under_age = [issue for issue in issues if issue.code == "under_age"]
        if under_age:
            raise UnderAgeError(issues=under_age)
        if issues:
            message = f"the case has {len(issues)} answer(s) that cannot be read"
            raise CaseError(message, issues)
        return Case(FrozenMap(answers), FrozenMap(said))

    def _unwrapped(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        version = str(given.get("schema_version", CASE_SCHEMA_VERSION))
        if version.split(".", maxsplit=1)[0] != CASE_SCHEMA_VERSION.split(".", maxsplit=1)[0]:
            message = f"the case has schema version {version}, this version of legdx reads {CASE_SCHEMA_VERSION}"
            raise CaseError(message, [_issue("schema_version", "schema_version", message, None)])
        extra = sorted(set(given) - {"schema_version", "answers"})
        if extra:
            note = f"unknown key(s) beside answers: {', '.join(extra)}"
            raise CaseError(note, [_issue("unknown_key", extra[0], note, "put answers inside 'answers'")])
        answers: Mapping[str, Any] = given["answers"]
        return answers

    def _read_one(self, name: str, value: Any) -> Iterator[tuple[str, Answer | Issue]]:  # noqa: ANN401
        name = self.knowledge.renames.get(name, name)
        if name in self.analytes:
            yield from self._read_analyte(name, value)
            return
        variable = self.variables.get(name)
        if variable is None:
            known = (*self.variables, *self.analytes)
            yield name, _issue("unknown_name", name, f"unknown variable {name!r}", did_you_mean(name, known))
            return
        finding = self.knowledge.findings.get(name)
        if finding is not None and finding.measured is not None and isinstance(value, Mapping) and "value" in value:
            yield name, self._read_measured(finding, value)
            return
        yield name, self._read_answer(variable, value)

    def _read_answer(self, variable: Variable, value: Any) -> Answer | Issue:  # noqa: ANN401
        missing = _missing_kind(value)
        if missing is not None:
            return Answer(missing, missing=missing)
        if isinstance(value, Mapping):
            return _read_likelihood(variable, value)
        if variable.name == AGE:
            return self._read_age(variable, value)
        if isinstance(value, bool | np.bool_) and variable.states == ("absent", "present"):
            value = "present" if value else "absent"
        if isinstance(value, str) and value in variable.states:
            return Answer(str(value), FrozenMap({str(value): 1.0}))
        note = f"{value!r} is not a value of {variable.name}"
        hint = did_you_mean(str(value), (*variable.states, *MISSING))
        return _issue("unknown_value", variable.name, note, hint)

    def _read_age(self, variable: Variable, value: Any) -> Answer | Issue:  # noqa: ANN401
        if isinstance(value, str) and value in variable.states:
            return Answer(str(value), FrozenMap({str(value): 1.0}))
        years = _number(value)
        if years is None or not 0.0 <= years <= OLDEST:
            note = f"{value!r} is not an age in years"
            return _issue("unknown_value", AGE, note, f"use a number from {MINIMUM_AGE} to {OLDEST}, or 'unknown'")
        if years < MINIMUM_AGE:
            note = f"the model is for people of {MINIMUM_AGE} years and over"
            return _issue("under_age", AGE, note, "a child with these complaints should be seen by a doctor")
        band = sum(years >= low for low in self.knowledge.model.age_bands) - 1
        return Answer(_plain(years), FrozenMap({variable.states[band]: 1.0}))

    def _read_analyte(self, analyte: str, value: Any) -> Iterator[tuple[str, Answer | Issue]]:  # noqa: ANN401
        missing = _missing_kind(value)
        for name, _ in self.analytes[analyte]:
            if missing is not None:
                yield name, Answer(missing, missing=missing)
            elif isinstance(value, Mapping):
                yield name, self._read_measured(self.knowledge.findings[name], value)
            else:
                hint = f'write {{"value": number, "unit": "{self.analytes[analyte][0][1].unit}"}}'
                yield name, _issue("unit_missing", analyte, f"{analyte} needs a value and its unit", hint)
                return

    def _read_measured(self, finding: Finding, value: Mapping[str, Any]) -> Answer | Issue:
        measured = finding.measured
        if measured is None:
            message = f"{finding.id} is not measured"
            raise TypeError(message)
        number, unit = _number(value.get("value")), value.get("unit")
        low, high = measured.plausible or (0.0, math.inf)
        if number is not None and unit == measured.unit and not low <= number <= high:
            note = f"{_plain(number)} {measured.unit} is no plausible value of {measured.analyte}"
            return _issue(
                "implausible", measured.analyte, note, f"values run from {low:g} to {high:g}; look at the decimal point"
            )
        if number is None or set(value) != {"value", "unit"} or unit != measured.unit:
            note = f"{dict(value)!r} is not a value of {measured.analyte}"
            return _issue(
                "unknown_value", measured.analyte, note, f'write {{"value": number, "unit": "{measured.unit}"}}'
            )
        said = {"value": _plain(number), "unit": measured.unit}
        states = self.network.variables[self.network.index[finding.id]].states
        for cut in measured.cuts:
            below = cut.below is not None and number < cut.below
            above = cut.above is not None and number > cut.above
            if below or above:
                return Answer(said, FrozenMap({cut.level: 1.0}))
        return Answer(said, FrozenMap({states[0]: 1.0}))


def _read_likelihood(variable: Variable, value: Mapping[str, Any]) -> Answer | Issue:
    hint = 'write {"likelihood": {"present": 0.8, "absent": 0.2}}'
    weights = value.get("likelihood")
    if set(value) != {"likelihood"} or not isinstance(weights, Mapping) or not weights:
        return _issue("unknown_value", variable.name, f"{dict(value)!r} is not a soft answer", hint)
    unknown = sorted(str(state) for state in weights if state not in variable.states)
    if unknown:
        note = f"{unknown[0]!r} is not a value of {variable.name}"
        return _issue("unknown_value", variable.name, note, did_you_mean(unknown[0], variable.states))
    numbers = {str(state): _number(weight) for state, weight in weights.items()}
    sound = {state: w for state, w in numbers.items() if w is not None and w >= 0.0}
    if len(sound) < len(numbers) or not any(sound.values()):
        note = f"the likelihoods of {variable.name} must be numbers of at least 0, one of them above 0"
        return _issue("unknown_value", variable.name, note, hint)
    return Answer({"likelihood": {state: _plain(w) for state, w in sound.items()}}, FrozenMap(sound))


def _missing_kind(value: Any) -> Missing | None:  # noqa: ANN401
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:  # the latter are what pandas puts for nothing
        return "not_asked"
    if isinstance(value, float | np.floating | Decimal) and math.isnan(value):
        return "not_asked"
    if isinstance(value, str):
        if not value.strip():
            return "not_asked"
        return next((kind for kind in MISSING if kind == value), None)
    return None


def _number(value: Any) -> float | None:  # noqa: ANN401
    """Return a number or the text of one as a finite float, else None; Python's "6_7" is no number of a person."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal | str):
        return None
    if isinstance(value, str) and "_" in value:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _plain(number: float) -> int | float:
    """Write 67.0 as 67."""
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _issue(code: str, name: str, note: str, hint: str | None) -> Issue:
    return Issue(code, "error", Where(path=name), note, hint)
