"""From answers and posteriors to one level with its reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from legdx.engine import Evidence
from legdx.knowledge import Knowledge, RedFlag
from legdx.network.records import Network
from legdx.urgency.alarms import MOST_ALARMS, Alarms, alarms_of, highest_posteriors
from legdx.urgency.answers import Answers
from legdx.urgency.records import LEVELS, Level, RaisedBy, Reason, Urgency, height
from legdx.urgency.rule_book import RuleBook, rule_book

__all__ = ["assess_urgency"]

MANY_ALARMS = "many_alarming_answers"
UNCLEAR_ALARMS = "unclear_alarming_answers"
NOT_ASKED = "red_flags_not_asked"


def assess_urgency(
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    unsure: Collection[str],
    posterior: Mapping[str, float] | None,
    *,
    language: str = "en",
    level_only: bool = False,
) -> Urgency:
    """Return how urgent it is that a person is seen, and why.

    The level is the highest of these, and never falls when an alarming answer is given or becomes more alarming:

    - a rule all of whose literals are met (see `legdx.urgency.answers`): its level; emergency comes from rules only.
      A literal that holds `unless_denied` is met without an answer, and the reason says so in `assumed`;
    - a cause with `seriousness.urgent_above` at or above it: urgent.  What counts is the higher of `posterior` and the
      posterior over less alarming answers (see `legdx.urgency.alarms`);
    - the same at or above `model.self_care_below`, or a question of an emergency rule that the answers do not rule
      out: routine.  Findings that take an examination or a test are no questions; a positive one counts.

    Args:
        knowledge: the model's knowledge, with the rules.
        network: the solved network; of several draws, the first is used.
        evidence: variable index -> likelihood of each state.
        unsure: ids of variables answered "don't know"; such an alarm never counts for less than "absent".
        posterior: cause -> P(active | evidence), of every cause with `urgent_above`; None where it could not be had:
            then the rules speak alone, and the level is routine at least.
        language: of the reasons' texts.
        level_only: leave out what would raise it and the text on what was not asked, which takes half of the time.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.

    """
    book = rule_book(knowledge, network)
    answers = Answers.read(network, evidence, unsure)
    standing = book.standing(answers)
    reasons = [_rule_reason(knowledge, answers, rule, language) for rule in standing.fired]
    settled_by_rule = any(height(rule.level) >= height("urgent") for rule in standing.fired)
    if posterior is not None:
        reasons += _posterior_reasons(knowledge, book, answers, posterior, language, raw_only=settled_by_rule)
    open_places = standing.not_ruled_out
    not_asked = tuple(p.literal.finding for p in open_places if not answers.holds_at(p.index, p.at))
    level = _highest(reasons)
    if open_places and level in {"routine", "self_care"}:
        if not_asked or level == "self_care":
            findings = not_asked or tuple(place.literal.finding for place in open_places)
            text = "" if level_only else "; ".join(book.label(finding, language) for finding in findings)
            reasons.append(Reason(id=NOT_ASKED, kind="not_asked", level="routine", findings=findings, text=text))
        level = "routine"
    if posterior is None and level == "self_care":
        level = "routine"
    reasons.sort(key=lambda reason: LEVELS.index(reason.level))
    raised_by = tuple(
        RaisedBy(id=rule.id, level=rule.level, finding=literal.finding, at_least=literal.at_least)
        for rule, literal in (() if level_only else standing.completed_by(height(level)))
    )
    return Urgency(level=level, reasons=tuple(reasons), raised_by=raised_by, not_asked=not_asked)


def _highest(reasons: list[Reason]) -> Level:
    return max((reason.level for reason in reasons), key=height, default="self_care")


def _rule_reason(knowledge: Knowledge, answers: Answers, rule: RedFlag, language: str) -> Reason:
    told = {one.finding: not one.unless_denied or answers.holds(one) for one in rule.literals}
    return Reason(
        id=rule.id,
        kind="rule",
        level=rule.level,
        findings=tuple(finding for finding, is_told in told.items() if is_told),
        assumed=tuple(finding for finding, is_told in told.items() if not is_told),
        source=rule.source,
        locator=rule.locator,
        text=knowledge.text_of(f"red_flag.{rule.id}", language) or rule.id.replace("_", " "),
        claims=rule.claims,
    )


def _posterior_reasons(
    knowledge: Knowledge,
    book: RuleBook,
    answers: Answers,
    posterior: Mapping[str, float],
    language: str,
    *,
    raw_only: bool,
) -> Iterator[Reason]:
    """Yield a reason for each serious cause that is probable enough, and one for too many alarms.

    With `raw_only` the level is settled by a rule, so that only the posteriors as they are get a reason.
    """
    limits = book.limits
    found = {cause: posterior[cause] for cause in limits}
    alarms = alarms_of(book, answers)
    if not raw_only and (alarms.present or alarms.unsure):
        open_causes = [cause for cause, limit in limits.items() if found[cause] < limit]
        highest = None if alarms.too_many else highest_posteriors(answers, alarms, open_causes)
        if highest is None:
            yield _by_alarms(book, answers, alarms, language)
        for cause, probability in (highest or {}).items():
            found[cause] = max(found[cause], probability)
    low = knowledge.model.self_care_below
    for cause, limit in sorted(limits.items(), key=lambda item: -found[item[0]]):
        level: Level = "urgent" if found[cause] >= limit else "routine"
        threshold = limit if level == "urgent" else low
        if threshold is None or found[cause] < threshold or (raw_only and level == "routine"):
            continue
        yield Reason(
            id=cause,
            kind="posterior",
            level=level,
            findings=_present_findings(knowledge, answers, cause),
            text=book.label(cause, language),
            claims=knowledge.causes[cause].claims,
            probability=found[cause],
            threshold=threshold,
        )


def _by_alarms(book: RuleBook, answers: Answers, alarms: Alarms, language: str) -> Reason:
    """Return the reason that rests on no cause: too many alarms, or too many that could be there for a clear answer."""
    rests_on = alarms.present if alarms.too_many else sorted((*alarms.present, *alarms.unsure))
    names = tuple(answers.network.variables[i].name for i in rests_on)
    shown = tuple(answers.network.variables[i].name for i in alarms.present) or names
    return Reason(
        id=MANY_ALARMS if alarms.too_many else UNCLEAR_ALARMS,
        kind="posterior",
        level="urgent",
        findings=names,
        text="; ".join(book.label(name, language) for name in shown),
        threshold=float(MOST_ALARMS) if alarms.too_many else None,
    )


def _present_findings(knowledge: Knowledge, answers: Answers, cause: str) -> tuple[str, ...]:
    """Return the findings that the cause can raise and that are certainly there."""
    raised = dict.fromkeys(f.finding for f in knowledge.causes[cause].findings if f.effect == "raises")
    index = answers.network.index
    return tuple(f for f in raised if index[f] in answers.settled and answers.settled[index[f]][0] == 0.0)
