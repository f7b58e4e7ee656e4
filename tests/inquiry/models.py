"""A model small enough to enumerate: two causes, gates, levels, rules of every level; and one that is larger."""

from tests.urgency.models import cause, finding, knowledge_of, network_of, rule

FINDINGS = ("ache", "ache_onset", "numb", "droop")


def tiny_knowledge():
    return knowledge_of(
        factors=(),
        causes=(
            cause("bad", ("ache", "ache_onset", "numb", "droop"), urgent_above=0.4),
            cause("mild", ("ache", "ache_onset", "numb")),
        ),
        findings=(
            finding("ache"),
            finding("ache_onset", gate="ache", levels=("slow", "fast")),
            finding("numb"),
            finding("droop"),
            finding("sign", cost="examination"),
        ),
        rules=(
            rule("droop_numb", "emergency", "droop", "numb"),
            rule("fast", "emergency", ("ache_onset", "fast")),
            rule("droop", "urgent", "droop"),
            rule("ache", "routine", "ache"),
        ),
        text={
            "finding.ache.question": "Does it ache?",
            "red_flag.fast": "Fast aches are dangerous.",
            "finding.ache_onset.level.fast": "at once",
        }.items(),
    )


def tiny():
    knowledge = tiny_knowledge()
    return knowledge, network_of(knowledge, low=0.05, high=0.3)
