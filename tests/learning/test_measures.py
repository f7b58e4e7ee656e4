"""Shares, intervals and confusions, against numbers worked out by hand."""

import pytest
from scipy import stats

from legdx.learning.measures import confusion, rate, section
from legdx.learning.outcomes import Outcome


def outcome(rank, given="routine", wanted="routine", status="scored", **other):
    plain = {"id": "x", "facts": "all", "confidence": "high", "leg_relevance": "direct", "primary_rank": rank}
    return Outcome(status=status, rank=rank, given=given, wanted=wanted, **(plain | other))


def test_the_interval_of_a_share_is_close_to_that_of_the_binomial():
    found = rate([True] * 30 + [False] * 20)
    exact = stats.binom(50, 0.6)
    assert (found.hits, found.of, found.share) == (30, 50, 0.6)
    assert found.low == pytest.approx(exact.ppf(0.025) / 50, abs=0.021)  # a resampled share moves in steps of 1/50
    assert found.high == pytest.approx(exact.ppf(0.975) / 50, abs=0.021)


def test_the_interval_is_the_same_every_time():
    assert rate([True, False, True]) == rate([True, False, True])


def test_where_all_cases_agree_the_interval_still_has_a_width():
    found = rate([True] * 10)
    assert (found.share, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 10))  # Clopper and Pearson


def test_of_no_cases_there_is_no_share():
    assert rate([]).share is None


def test_a_case_without_a_result_is_a_miss_and_is_left_out_of_the_second_count():
    found = section("all", [outcome(1), outcome(2), outcome(None, status="too_costly", given="urgent")])
    assert (found.cases, found.scored) == (3, 2)
    assert [found.top["posterior"][k].hits for k in (1, 3, 5)] == [1, 2, 2]
    assert found.top["posterior"][3].of == 3
    assert found.top_scored["posterior"][3].of == 2
    assert "ranking" not in found.top


def test_people_under_18_are_in_no_count():
    found = section("all", [outcome(1), outcome(None, status="under_18", given=None)])
    assert found.cases == 1


def test_urgency_is_counted_below_above_and_at_its_two_borders():
    found = section(
        "all",
        [
            outcome(1, "routine", "emergency"),
            outcome(1, "urgent", "emergency"),
            outcome(1, "urgent", "routine"),
            outcome(1, "routine", "self_care"),
            outcome(1, "urgent", "urgent"),
        ],
    )
    assert (found.under_triaged.hits, found.over_triaged.hits) == (2, 2)
    assert (found.emergency_below_urgent.hits, found.emergency_below_urgent.of) == (1, 2)
    assert (found.calm_at_urgent_or_above.hits, found.calm_at_urgent_or_above.of) == (1, 2)


def test_the_confusion_has_every_scored_case_once():
    table = confusion([outcome(1, "urgent", "emergency"), outcome(1, None, "routine"), outcome(1, status="under_18")])
    assert table["emergency"]["urgent"] == 1
    assert table["routine"]["none"] == 1
    assert sum(sum(row.values()) for row in table.values()) == 2
