"""What is cited exists, is quoted as it stands, speaks of the answer and the cause, and is the best there is."""

from __future__ import annotations

import dataclasses

import pytest

from legdx.explanation.sources import cited_for, short_reference
from legdx.knowledge import Population
from legdx.knowledge.figures import AGE_LIMITS
from legdx.network.structure import AGE, SEX

PEOPLE = (Population(), Population(67, 67, "male"), Population(25, 25, "female"), Population(*AGE_LIMITS, "female"))
QUOTED = ("value", "low", "high", "source", "grade", "printed", "locator")
ABOUT_RISKS = {"given", "relative_risk", "odds_ratio", "hazard_ratio", "rate_ratio"}


def everything_cited(model):
    """Yield (cause, variable, state, person, what is cited) for every answer there can be."""
    for cause in model.knowledge.causes.values():
        for name, variable in model.questionnaire.variables.items():
            for state in (None, *variable.states):
                for person in PEOPLE:
                    yield cause, name, state, person, cited_for(model.knowledge, cause, name, state, person)


def figures_about(model, cause, one):
    """The figures of the knowledge that say what `one` is said to be about, found another way."""
    quantity = one.about.removesuffix("_of_adults")
    if quantity in {"prevalence", "incidence"}:
        assert one.variable in {AGE, SEX}
        return [item.figure for item in cause.prevalence if item.quantity == quantity]
    if one.about in ABOUT_RISKS:
        measure = "probability" if one.about == "given" else one.about
        return [risk.figure for risk in cause.risks if (risk.from_id, risk.measure) == (one.variable, measure)]
    level = (one.level or "").removesuffix("_or_more") or None
    or_more = one.level is not None and one.level != level
    finding = model.knowledge.findings[one.variable]
    if one.about == "background":
        return [item.figure for item in finding.background if (item.level, item.or_more) == (level, or_more)]
    assert one.about == "in_cause"
    return [
        item.figure
        for item in cause.findings
        if (item.finding, item.level, item.or_more) == (one.variable, level, or_more)
    ]


def test_every_cited_figure_is_in_the_knowledge_and_is_quoted_right(tiny, leg):
    for model in (tiny, leg):
        figures = {figure.id: figure for figure in model.knowledge.figures()}
        seen = set()
        for cause, name, _, _, cited in everything_cited(model):
            for one in cited:
                assert one.variable == name
                figure = figures[one.figure]
                assert [getattr(one, key) for key in QUOTED] == [getattr(figure, key) for key in QUOTED]
                assert figure.id in {candidate.id for candidate in figures_about(model, cause, one)}
                assert one.source in model.knowledge.bibliography
                assert one.reference == short_reference(model.knowledge, figure)
                seen.add(one.about)
        assert {"in_cause", "background"} <= seen
        assert {"prevalence", "prevalence_of_adults"} & seen


def test_a_share_among_the_ill_never_stands_without_that_of_the_others_at_the_same_level(tiny, leg):
    for model in (tiny, leg):
        for _, _, _, _, cited in everything_cited(model):
            shares = [one for one in cited if one.about in {"in_cause", "background"}]
            assert [one.about for one in shares] in ([], ["in_cause", "background"])
            assert len({one.level for one in shares}) <= 1


def test_wherever_the_knowledge_ties_an_answer_to_a_cause_something_is_cited(tiny, leg):
    for model in (tiny, leg):
        for cause, name, state, person, cited in everything_cited(model):
            finding = model.knowledge.findings.get(name)
            if finding is not None:
                mine = {(f.level, f.or_more) for f in cause.findings if f.finding == name}
                tied = bool(mine & {(f.level, f.or_more) for f in finding.background})
            elif name in {AGE, SEX}:
                people_counted = [item.figure.population for item in cause.prevalence]
                by_age = [who for who in people_counted if (who.age_low, who.age_high) != AGE_LIMITS]
                tied = bool(by_age if name == AGE else [who for who in people_counted if who.sex])
            else:
                told = [r for r in cause.risks if r.from_id == name]
                tied = any(state in {None, r.state, r.compared_with} for r in told)
            assert bool(cited) == tied, (cause.id, name, state, person)


def test_the_level_that_was_answered_is_cited_where_there_is_a_figure_for_it(tiny):
    cause = tiny.knowledge.causes["low_potassium"]
    own = next(f for f in cause.findings if f.finding == "potassium_low")
    exact = dataclasses.replace(
        own, level="moderate", or_more=False, figure=dataclasses.replace(own.figure, id="exact", value=0.3)
    )
    with_both = dataclasses.replace(cause, findings=(*cause.findings, exact))
    levels = {
        state: [one.level for one in cited_for(tiny.knowledge, with_both, "potassium_low", state, Population())]
        for state in ("none", "mild", "moderate")
    }
    assert levels == {"none": ["mild_or_more"] * 2, "mild": ["mild_or_more"] * 2, "moderate": ["moderate"] * 2}


@pytest.mark.parametrize(
    ("age", "sex", "changes"),
    [
        (65, None, ({"population": Population(65, 100)}, {"population": Population(66, 100)})),
        (65, None, ({"population": Population(30, 65)}, {"population": Population(30, 64)})),
        (50, "male", ({"population": Population(18, 100, "male")}, {"population": Population(40, 60, "female")})),
        (50, None, ({"role": "solve", "grade": "C"}, {"role": "check", "grade": "A"})),
        (50, None, ({"grade": "A"}, {"grade": "C", "population": Population(49, 51)})),
    ],
)
def test_of_several_figures_of_a_finding_one_that_solves_then_fits_then_is_graded_best_is_cited(
    tiny, age, sex, changes
):
    cause = tiny.knowledge.causes["low_potassium"]
    name = next(f.finding for f in cause.findings if cited_for(tiny.knowledge, cause, f.finding, None, Population()))
    first = next(f for f in cause.findings if f.finding == name)
    figures = [dataclasses.replace(first.figure, **{"id": word, **c}) for word, c in zip("ab", changes, strict=True)]
    items = tuple(dataclasses.replace(first, figure=figure) for figure in figures)
    for order in (items, items[::-1]):
        person = Population(age, age, sex)
        cited = cited_for(tiny.knowledge, dataclasses.replace(cause, findings=order), name, None, person)
        assert [one.figure for one in cited if one.about == "in_cause"] == ["a"]


def test_a_risk_of_another_state_than_the_one_answered_is_not_cited(tiny):
    cause = tiny.knowledge.causes["low_potassium"]
    cited = {
        state: [one.figure for one in cited_for(tiny.knowledge, cause, "smoking", state, Population())]
        for state in ("never", "former", "current", None)
    }
    one = ["low_potassium.risks.smoking.current.1"]
    assert cited == {"never": one, "former": [], "current": one, None: one}


def chosen(tiny, *changes, person, variable=AGE):
    """Return which of several figures of one prevalence is cited for the person; each is made by its changes."""
    cause = tiny.knowledge.causes["parkinsons_disease"]
    (item,) = cause.prevalence
    items = tuple(
        dataclasses.replace(item, figure=dataclasses.replace(item.figure, **{"id": str(n), **change}))
        for n, change in enumerate(changes)
    )
    (one,) = cited_for(tiny.knowledge, dataclasses.replace(cause, prevalence=items), variable, None, person)
    return int(one.figure)


MEN, WOMEN, OLD, SEVENTIES = (
    {"population": Population(60, 120, "male")},
    {"population": Population(60, 120, "female")},
    {"population": Population(60, 120)},
    {"population": Population(70, 79)},
)
ALL = {"population": Population(), "grade": "A"}
MAN_OF_72 = Population(72, 72, "male")


@pytest.mark.parametrize(
    ("changes", "person", "expected"),
    [
        ([WOMEN, MEN], MAN_OF_72, 1),
        ([MEN, WOMEN], MAN_OF_72, 0),
        ([SEVENTIES, OLD], Population(85, 85), 1),
        ([OLD, SEVENTIES], MAN_OF_72, 1),
        ([{**OLD, "grade": "A"}, {**SEVENTIES, "grade": "B"}], MAN_OF_72, 1),
        ([{**OLD, "grade": "B"}, {**OLD, "grade": "A"}], MAN_OF_72, 1),
        ([{**SEVENTIES, "grade": "D"}, {**WOMEN, "grade": "A"}], MAN_OF_72, 0),
        ([{**SEVENTIES, "role": "check"}, {**WOMEN, "grade": "D"}], MAN_OF_72, 1),
        ([MEN, OLD], Population(), 1),
        ([ALL, SEVENTIES], MAN_OF_72, 1),
        ([OLD, ALL], MAN_OF_72, 0),
    ],
)
def test_of_an_age_the_best_figure_is_one_that_solves_then_fits_then_is_narrow_then_has_the_best_grade(
    tiny, changes, person, expected
):
    assert chosen(tiny, *changes, person=person) == expected


def test_of_a_sex_only_a_figure_about_a_sex_is_cited(tiny):
    assert chosen(tiny, OLD, MEN, person=MAN_OF_72, variable=SEX) == 1
    assert chosen(tiny, MEN, OLD, person=MAN_OF_72, variable=SEX) == 0
    cause = tiny.knowledge.causes["parkinsons_disease"]
    (item,) = cause.prevalence
    for variable, who in ((SEX, Population(70, 79)), (AGE, Population()), (AGE, Population(*AGE_LIMITS, "male"))):
        figure = dataclasses.replace(item.figure, population=who)
        general = dataclasses.replace(cause, prevalence=(dataclasses.replace(item, figure=figure),))
        assert cited_for(tiny.knowledge, general, variable, None, MAN_OF_72) == ()


def test_each_measure_of_a_risk_is_cited_once(tiny):
    cause = tiny.knowledge.causes["low_potassium"]
    risk = next(r for r in cause.risks if r.from_id == "diuretic_use")
    hazard = dataclasses.replace(risk, measure="hazard_ratio", figure=dataclasses.replace(risk.figure, id="hazard"))
    worse = dataclasses.replace(risk, figure=dataclasses.replace(risk.figure, id="worse", grade="C"))
    more = dataclasses.replace(cause, risks=(worse, hazard, *cause.risks))
    cited = cited_for(tiny.knowledge, more, "diuretic_use", "present", Population())
    assert [(one.about, one.figure) for one in cited] == [("hazard_ratio", "hazard"), ("odds_ratio", risk.figure.id)]


@pytest.mark.parametrize(
    ("authors", "year", "title", "expected"),
    [
        ("Doe J, Roe R", 2020, "A cohort of legs", "Doe J 2020"),
        ("Doe J et al.", 2020, "A cohort of legs", "Doe J 2020"),
        ("Doe J", None, "A cohort of legs", "Doe J"),
        (None, 2020, "A cohort of legs", "A cohort of legs 2020"),
        ("", 1999, "Legs: a cohort of the old", "Legs 1999"),
        (None, 1999, "Legs (second part)", "Legs 1999"),
        ("the authors are not named", 1999, "Legs", "Legs 1999"),
        ("Not shown in the copy read", 1999, "Legs", "Legs 1999"),
        (None, 2001, "word " * 30, f"{'word ' * 12}... 2001"),
    ],
)
def test_a_source_is_named_in_a_few_words(tiny, authors, year, title, expected):
    knowledge = tiny.knowledge
    entry = dataclasses.replace(knowledge.bibliography["cohort_2020"], authors=authors, year=year, title=title)
    changed = dataclasses.replace(knowledge, bibliography=type(knowledge.bibliography)({"cohort_2020": entry}))
    figure = next(figure for figure in knowledge.figures() if figure.source == "cohort_2020")
    assert short_reference(changed, figure) == expected
