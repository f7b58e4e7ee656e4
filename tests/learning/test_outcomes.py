"""A case becomes an outcome, whatever it is: scored, too costly, of a child, impossible."""

from dataclasses import replace

import pytest

from legdx.engine import Budget
from legdx.knowledge import FrozenMap
from legdx.learning.outcomes import by_ranking, score_vignettes
from legdx.learning.vignettes import Fact, Gold, Vignette

ROOMY = Budget(seconds=60.0)


def vignette(answers, primary="parkinsons_disease", acceptable=(), clinic=None, **other):
    facts = [Fact("told", "present", "survey", FrozenMap(answers))]
    if clinic:
        facts.append(Fact("found", "present", "clinic", FrozenMap(clinic)))
    plain = {
        "id": "made_up",
        "title": "made up",
        "where": "here",
        "under_18": False,
        "person": FrozenMap({"age": 67, "sex": "male"}),
        "facts": tuple(facts),
        "gold": Gold(primary, (primary,), tuple(acceptable), "high"),
        "urgency": "routine",
        "urgency_reason": "slow",
        "leg_relevance": "direct",
    }
    return Vignette(**(plain | other))


TREMOR = {"tremor": "present", "tremor_at_rest": "present", "slow_movement": "present"}


def one(model, case, **options):
    (outcome,) = score_vignettes(model, [case], options.pop("budget", ROOMY), **options)
    return outcome


def test_a_right_cause_has_its_place_and_its_posterior(leg):
    outcome = one(leg, vignette(TREMOR))
    expected = leg.assess({"age": 67, "sex": "male", **TREMOR}).posterior
    assert outcome.status == "scored"
    assert outcome.rank == list(expected).index("parkinsons_disease") + 1
    assert outcome.probability == expected["parkinsons_disease"]
    assert outcome.first[0] == next(iter(expected.items()))
    assert outcome.given == leg.assess({"age": 67, "sex": "male", **TREMOR}).urgency.level
    assert not outcome.slow


def test_an_acceptable_cause_counts_apart_from_the_primary_one(leg):
    outcome = one(leg, vignette(TREMOR, primary="botulism", acceptable=["parkinsons_disease"]))
    assert (outcome.best, outcome.rank) == ("parkinsons_disease", 1)
    assert outcome.primary_rank > 5
    assert outcome.hit(1)
    assert not outcome.hit(5, "primary")


def test_a_known_diagnosis_has_no_place_among_the_suggestions(leg):
    outcome = one(leg, vignette(TREMOR | {"heart_failure": "present"}))
    assert "heart_failure" not in dict(outcome.first)
    assert outcome.rank == 1


def test_a_person_under_18_is_not_scored(leg):
    outcome = one(leg, vignette(TREMOR, under_18=True))
    assert (outcome.status, outcome.rank, outcome.given) == ("under_18", None, None)


def test_the_survey_facts_alone_leave_out_what_a_clinic_found(leg):
    case = vignette(TREMOR, clinic={"rigidity": "present"})
    told, found = (one(leg, case, facts=which) for which in ("survey", "all"))
    assert found.answers == told.answers + 1
    assert found.probability > told.probability


def test_a_case_past_the_budget_keeps_the_urgency_of_the_rules_and_is_a_miss(leg):
    many = [f.id for f in leg.knowledge.findings.values() if f.role in {"associated", "complaint"}][:40]
    case = vignette(dict.fromkeys(many, "present") | {"weakness": "present"}, urgency="urgent")
    outcome = one(leg, case, budget=Budget(seconds=1e-9))
    assert outcome.status == "too_costly"
    assert outcome.slow
    assert outcome.given in {"urgent", "emergency"}
    assert not outcome.hit(81)


def test_answers_that_cannot_occur_together_are_an_outcome(leg):
    outcome = one(leg, vignette({"pregnancy": "present"}))
    assert outcome.status == "impossible"


def test_a_ranker_gives_a_second_order_and_may_leave_causes_out(leg):
    case = vignette(TREMOR)
    last = one(leg, case, ranker=lambda result: [*list(result.posterior)[1:], "parkinsons_disease"])
    assert last.ranking == len(leg.knowledge.causes)
    assert one(leg, case, ranker=lambda _: []).ranking is None
    assert one(leg, case).ranked is False


@pytest.mark.parametrize(("k", "right"), [(1, False), (3, True)])
def test_a_hit_is_a_place_of_at_most_k(leg, k, right):
    assert replace(one(leg, vignette(TREMOR)), rank=3).hit(k) is right


def test_the_ranking_orders_the_causes_that_explain_the_complaints(leg):
    outcome = one(leg, vignette(TREMOR), ranker=by_ranking)
    explains = leg.assess({"age": 67, "sex": "male", **TREMOR}).ranking.explains
    assert outcome.ranked
    assert explains[outcome.ranking - 1].cause == "parkinsons_disease"
