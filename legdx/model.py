"""What callers hold: a model, immutable and safe to share between threads and processes."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from legdx import __version__
from legdx.assessment import Assessment, Counts, Stamp
from legdx.build.artefact import Artefact, artefact_path, read_artefact
from legdx.case import Case, Questionnaire
from legdx.engine import Budget, Evidence, Status, pack, prepare, run_distinct_rows, run_rows
from legdx.errors import ImpossibleEvidenceError, LegdxError, StaleArtefactError, TooCostlyError
from legdx.explanation import Explanation, Reasons, Spread, spread_of
from legdx.explanation.many import ManyReasons, reasons_of_many
from legdx.explanation.records import Level
from legdx.knowledge import FrozenMap, Knowledge
from legdx.network.records import Array, Network
from legdx.table import score_table
from legdx.urgency import assess_urgency

if TYPE_CHECKING:
    import pandas as pd
    from pgmpy.models import DiscreteBayesianNetwork

    from legdx.inquiry import NextQuestions, Settings, ShortForm, ShortFormSettings

__all__ = ["Model", "load_model", "packaged_folder"]

DISCLAIMER = "legdx informs. It is not a medical device and replaces no clinician."
ABSENT = np.array([1.0, 0.0])
CHEAP = Budget(seconds=1e-3)
"""Up to which one pass for everything is quicker than one for each group and syndrome."""


@dataclass(frozen=True)
class Model:
    """A built model: knowledge and solved network, and all that can be asked of them.

    Load it with ``load_model``.  It never changes; it can be used from many threads and pickled to other processes.
    """

    artefact: Artefact = field(repr=False)

    @property
    def id(self) -> str:
        """The model's name, such as "leg"."""
        return self.knowledge.model.id

    @property
    def version(self) -> str:
        """The model's semantic version."""
        return self.knowledge.model.version

    @property
    def digest(self) -> str:
        """SHA-256 of the built model's content, in hexadecimal."""
        return self.artefact.digest

    @property
    def knowledge(self) -> Knowledge:
        """What the model believes and why."""
        return self.artefact.knowledge

    @property
    def network(self) -> Network:
        """The solved network."""
        return self.artefact.network

    @cached_property
    def drawn(self) -> Network | None:
        """The networks drawn from the figures' own uncertainty, side by side; None when none were built."""
        return self.artefact.drawn()

    @cached_property
    def spread(self) -> Spread | None:
        """The 90 % range of every number over the drawn networks; None when none were built."""
        return None if self.drawn is None else spread_of(self.drawn)

    def answer_prior(self, variable: int) -> Array:
        """Return P(state) of a variable of the network, by index, without any answer."""
        if variable not in self._answer_priors:
            self._answer_priors[variable] = prepare(self.network, {}, (variable,)).posterior().marginals[variable][0]
        return self._answer_priors[variable]

    @cached_property
    def _answer_priors(self) -> dict[int, Array]:
        return {}

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """What can be answered, and how answers are read."""
        return Questionnaire(self.knowledge, self.network)

    @cached_property
    def prior(self) -> FrozenMap[float]:
        """Cause -> P(active) in the model's population, without any answer."""
        causes = self.network.of_kind("cause")
        found = prepare(self.network, {}, causes).posterior().marginals
        return FrozenMap({self.network.variables[i].name: float(found[i][0, 1]) for i in causes})

    def case(self, given: Mapping[str, Any] | Case) -> Case:
        """Check and read one person's answers; raises CaseError (see ``Questionnaire.read``)."""
        return given if isinstance(given, Case) else self.questionnaire.read(given)

    def assess(self, given: Mapping[str, Any] | Case, *, budget: Budget | None = None) -> Assessment:
        """Return exact posteriors of every cause, the urgency and the reasons for one person.

        Args:
            given: answers by variable: "present", "absent", a level, an age in years, a laboratory value with its
                unit, a soft answer, or "unknown", "refused", "not_asked", "not_applicable".
            budget: what the exact answer may cost; default 1 s and 2 GB.

        Raises:
            CaseError: unknown names or values, all at once; UnderAgeError for a person under 18.
            ImpossibleEvidenceError: the answers cannot occur together.
            TooCostlyError: the exact answer would cost more than the budget.

        >>> import legdx
        >>> answers = {"age": 67, "sex": "male", "tremor_at_rest": "present", "slow_movement": "present"}
        >>> result = legdx.load_model().assess(answers)
        >>> next(iter(result.posterior))
        'parkinsons_disease'

        """
        return self._assess(given, budget, parts=True)

    def _assess(
        self,
        given: Mapping[str, Any] | Case,
        budget: Budget | None,
        *,
        parts: bool,
        known: tuple[float, Mapping[int, float]] | None = None,
    ) -> Assessment:
        """Assess with groups and syndromes, or without: a scored table shows neither.

        ``known`` is what ``_posteriors`` would find.
        """
        case = self.case(given)
        evidence = case.evidence(self.network)
        try:
            return self._assessed(case, evidence, known or self._posteriors(evidence, budget, parts=parts))
        except (
            TooCostlyError,
            ImpossibleEvidenceError,
        ) as error:  # neither cost nor contradiction may hide an emergency
            with contextlib.suppress(ImpossibleEvidenceError):
                error.urgency = assess_urgency(self.knowledge, self.network, evidence, case.unsure, None)
            if error.urgency is not None and error.urgency.level in {"emergency", "urgent"}:
                rules = ", ".join(reason.id for reason in error.urgency.reasons if reason.level == error.urgency.level)
                error.message += f"; by the rules alone the urgency is {error.urgency.level} ({rules})"
            raise

    def _assess_rows(self, rows: Sequence[Mapping[str, Any]], budget: Budget | None) -> list[Assessment | LegdxError]:
        """Assess many cases, their posteriors in one call of the engine; an error stands where one cannot be."""
        found: dict[int, Assessment | LegdxError] = {}
        cases: dict[int, Case] = {}
        for place, given in enumerate(rows):
            try:
                cases[place] = self.case(given)
            except LegdxError as error:
                found[place] = error
        evidence = {place: case.evidence(self.network) for place, case in cases.items()}
        asked = self.network.of_kind("cause", "background")
        run = run_distinct_rows(self.network, pack(*evidence.values()), asked, budget=budget)
        present = run.marginals[:, 0, 1::2].tolist()
        logs = run.log_evidence[:, 0].tolist()
        for at, (place, case) in enumerate(cases.items()):
            known = (logs[at], dict(zip(asked, present[at], strict=True))) if run.status[at] == Status.DONE else None
            try:
                found[place] = self._assess(case, budget, parts=False, known=known)
            except LegdxError as error:
                found[place] = error
        return [found[place] for place in range(len(rows))]

    def _assessed(self, case: Case, evidence: Evidence, known: tuple[float, Mapping[int, float]]) -> Assessment:
        log_evidence, found = known
        by_kind: dict[str, dict[str, float]] = {"cause": {}, "group": {}, "syndrome": {}, "background": {}}
        for i, probability in found.items():
            variable = self.network.variables[i]
            by_kind[variable.kind][variable.name] = probability
        posterior = FrozenMap(dict(sorted(by_kind["cause"].items(), key=lambda item: -item[1])))
        return Assessment(
            stamp=Stamp(self.id, self.version, self.digest, __version__),
            case=FrozenMap(case.to_dict()),
            counts=self._counts(case),
            prior=self.prior,
            posterior=posterior,
            groups=FrozenMap(by_kind["group"]),
            syndromes=FrozenMap(by_kind["syndrome"]),
            background=FrozenMap({n.removeprefix("other_"): p for n, p in by_kind["background"].items()}),
            log_evidence=log_evidence,
            urgency=assess_urgency(self.knowledge, self.network, evidence, case.unsure, posterior),
            disclaimer=self.knowledge.text_of("phrase.disclaimer") or DISCLAIMER,
            reasons=Reasons(self, evidence, _said(case), case.unsure, posterior),
            asking=partial(self.next_questions, case),
        )

    def _posteriors(self, evidence: Evidence, budget: Budget | None, *, parts: bool) -> tuple[float, dict[int, float]]:
        """Return log P(evidence) and P(present) of every cause and background, with ``parts`` of groups and syndromes.

        In one pass where that is cheap.  Groups and syndromes tie their causes together when they are asked for; where
        that would be wide, each is taken from P(evidence and absent), which ties nothing.
        """
        network = self.network
        tied, loose = network.of_kind("group", "syndrome"), network.of_kind("cause", "background")
        rows = pack(evidence)
        asked = (*loose, *tied)
        allowed = budget or Budget()
        cheap = Budget(min(CHEAP.seconds, allowed.seconds), min(CHEAP.memory, allowed.memory))
        run = run_rows(network, rows, asked, budget=cheap) if parts else None
        if run is None or run.status[0] != Status.DONE:
            asked = loose
            run = run_rows(network, rows, asked, budget=budget)
        if run.status[0] == Status.DONE:
            total = float(run.log_evidence[0, 0])
            result = dict(zip(asked, run.marginals[0, 0, 1::2].tolist(), strict=True))
        else:
            found = prepare(network, evidence, loose, budget=budget).posterior()  # raises an error that says why
            total = float(found.log_evidence[0])
            result = {i: float(m[0, 1]) for i, m in found.marginals.items()}
        for i in (i for i in tied if parts and i not in result):
            try:
                without = float(prepare(network, {**evidence, i: ABSENT}, budget=budget).log_evidence()[0])
            except ImpossibleEvidenceError:
                without = -np.inf
            result[i] = max(0.0, -float(np.expm1(min(0.0, without - total))))
        return total, result

    def explain(
        self, given: Mapping[str, Any] | Case, cause: str, language: str = "en", level: Level = "all"
    ) -> Explanation:
        """Return why a cause is as likely as it is; raises UnknownNameError and what ``assess`` raises.

        At level "line" and "paragraph" nothing but the weights of evidence is worked out, which is quicker than
        ``assess``; at "all" everything is (see ``Assessment.explain``).
        """
        case = self.case(given)
        if level == "all":
            return self.assess(case).explain(cause, language, level)
        return Reasons(self, case.evidence(self.network), _said(case), case.unsure, {}).explain(cause, language, level)

    def next_questions(
        self,
        given: Mapping[str, Any] | Case,
        k: int = 5,
        *,
        settings: Settings | None = None,
        leave_out: Collection[str] = (),
        among: Collection[str] | None = None,
        language: str = "en",
    ) -> NextQuestions:
        """Return the k questions most worth asking next, and whether to go on at all; see ``legdx.inquiry``.

        Args:
            given: the answers so far.
            k: how many, at least 1.
            settings: costs, limits, budget.
            leave_out: questions that are not to be asked, whatever they would bring.
            among: the only questions to be considered; None for all.
            language: of labels, questions and sentences.

        Raises:
            CaseError, UnderAgeError, ImpossibleEvidenceError: as ``assess`` does.

        """
        from legdx.inquiry import Said, Settings, next_questions

        case = self.case(given)
        closed = {name for name, answer in case.answers.items() if answer.missing != "not_asked"}
        return next_questions(
            self.knowledge,
            self.network,
            Said(case.evidence(self.network), closed | set(leave_out), case.unsure),
            k,
            among=among,
            settings=settings or Settings(),
            language=language,
        )

    def short_form(self, k: int, settings: ShortFormSettings | None = None) -> ShortForm:
        """Return the k best questions for a survey of the model's population, and what asking no others loses.

        They are chosen on simulated people by expected information; see ``legdx.inquiry.short_form``.  This takes
        minutes.  Age and sex are taken as asked, and not counted.

        Raises:
            ValueError: ``k`` is under 1.

        """
        from legdx.inquiry import short_form

        return short_form(self.knowledge, self.network, k, settings)

    def score_table(
        self,
        frame: Any,  # noqa: ANN401
        outputs: Sequence[str] | None = None,
        *,
        keep: Sequence[str] = (),
        budget: Budget | None = None,
    ) -> Any:  # noqa: ANN401
        """Score a dataframe of canonical answers, one row a person, and return the same kind of dataframe.

        A row that cannot be scored says so in ``status`` and ``reason`` and has nulls; see ``legdx.table``.
        """
        return score_table(
            frame,
            assess=lambda rows: self._assess_rows(rows, budget),
            variables=(*self.questionnaire.variables, *self.questionnaire.analytes, *self.knowledge.renames),
            causes=tuple(self.knowledge.causes),
            keep=keep,
            outputs=outputs,
        )

    def reasons_of_many(self, cases: Iterable[Mapping[str, Any] | Case], budget: Budget | None = None) -> ManyReasons:
        """Return what explains many people's complaints, their urgency, and the weight of each of their answers.

        Args:
            cases: each person's answers, as for ``assess``.
            budget: what one run of the engine for one person may cost; default 1 s and 2 GB.

        Raises:
            CaseError: of the first case that cannot be read; UnderAgeError for a person under 18.

        """
        read = [self.case(given) for given in cases]
        evidence = [case.evidence(self.network) for case in read]
        return reasons_of_many(self, evidence, [case.unsure for case in read], budget)

    def to_pgmpy(self) -> DiscreteBayesianNetwork:
        """Return the network for pgmpy, noisy-MAX divorced into small tables."""
        from legdx.network.pgmpy_export import to_pgmpy

        return to_pgmpy(self.network)

    def simulate(self, number: int, seed: int = 0) -> pd.DataFrame:
        """Draw people from the model: a row a person, a column for every variable that can be answered."""
        import pandas as pd

        from legdx.network.sampling import simulate

        states = simulate(self.network, number, np.random.default_rng(seed))
        columns = {}
        for name, variable in self.questionnaire.variables.items():
            names = np.array(variable.states, dtype=object)
            columns[name] = names[states[:, self.network.index[name]]]
        return pd.DataFrame(columns)

    def _counts(self, case: Case) -> Counts:
        asked = dict.fromkeys((*self.questionnaire.asked, *case.answers))
        missing = {name: case.answers[name].missing if name in case.answers else "not_asked" for name in asked}
        found = list(missing.values())
        return Counts(
            answered=found.count(None),
            unknown=found.count("unknown"),
            refused=found.count("refused"),
            not_asked=found.count("not_asked"),
            not_applicable=found.count("not_applicable"),
        )

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the artefact alone; the rest is made again when asked for."""
        return {"artefact": self.artefact}


def _said(case: Case) -> dict[str, Any]:
    return {name: answer.given for name, answer in case.answers.items()}


def load_model(path: str | Path | None = None) -> Model:
    """Load a built model; solves nothing.

    Args:
        path: a built model (``.npz``), or a knowledge folder that holds one; default the packaged "leg" model.

    Raises:
        StaleArtefactError: there is no built model, it is damaged, or it does not belong to the knowledge beside it.

    """
    place = packaged_folder() if path is None else Path(path)
    if place.is_dir():
        found = sorted(place.glob("*.npz"))
        place = found[0] if len(found) == 1 else artefact_path(place, place.name)
    return Model(read_artefact(place))


def packaged_folder(name: str = "leg") -> Path:
    """Return the folder of a model that comes with legdx, in a wheel or in a source tree."""
    here = Path(__file__).resolve().parent
    for folder in (here / "_models" / name, here.parent / "models" / name):
        if folder.is_dir():
            return folder
    message = f"the packaged model {name!r} is missing from this installation"
    raise StaleArtefactError(message, hint="install legdx again")
