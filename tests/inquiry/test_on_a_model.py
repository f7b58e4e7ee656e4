"""The methods of a model and of a result that lead here."""

import pytest

import legdx
from legdx.inquiry import Settings, ShortFormSettings

ANSWERS = {"age": 67, "sex": "male", "weakness": "present", "tremor": "absent", "numbness_or_tingling": "unknown"}


@pytest.fixture(scope="module")
def result(leg):
    return leg.assess(ANSWERS)


def test_a_result_asks_its_model_for_the_next_questions(leg, result):
    found = result.next_questions(3)
    assert found == leg.next_questions(ANSWERS, 3)
    assert len(found) == 3
    assert found.level == result.urgency.level
    assert found.first_cause == next(iter(result.posterior))


def test_a_sudden_start_is_the_first_thing_to_ask_of_weakness(result):
    first = result.next_questions(1)[0]
    assert (first.name, first.red_flag) == ("weakness_onset", "completes_emergency")
    assert first.rises > 0.0


def test_what_was_answered_or_left_out_is_not_asked(leg):
    settings = Settings(candidates=5)
    found = leg.next_questions(ANSWERS, 1, leave_out=("weakness_onset",), settings=settings)
    names = {one.name for one in (*found.questions, *found.not_evaluated)}
    assert not {"weakness_onset", *ANSWERS} & names
    assert not {
        name
        for name in names
        if leg.knowledge.kind_of(name) == "finding" and leg.knowledge.findings[name].gate == "tremor"
    }
    assert "weakness_severe" in names


def test_what_the_answers_leave_only_one_answer_to_is_not_asked(leg):
    found = leg.next_questions({"age": 67, "sex": "male"}, among=("pregnancy",))
    assert (found.questions, found.not_evaluated, found.next_name) == ((), (), None)
    assert leg.next_questions({"age": 30, "sex": "female"}, among=("pregnancy",)).next_name == "pregnancy"


def test_a_question_that_was_not_asked_stays_open(leg):
    case = {**ANSWERS, "weakness_onset": "not_asked"}
    assert leg.next_questions(case, 1)[0].name == "weakness_onset"


def test_a_result_from_a_file_has_no_model_to_ask(result):
    with pytest.raises(legdx.LegdxError, match="no model at hand"):
        legdx.Assessment.from_dict(result.to_dict()).next_questions()


def test_a_model_makes_a_short_form(tiny):
    form = tiny.short_form(1, ShortFormSettings(people=3, measured_on=3))
    assert len(form.questions) == 1
    assert form.questions[0] in tiny.questionnaire.variables
