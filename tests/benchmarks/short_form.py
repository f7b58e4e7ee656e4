"""The best questions for a survey, and what is lost by asking no others.  Writes docs/short_form.md.

Questions are chosen greedily on simulated people from the model's public: each step takes the question with the highest
mean exact information about the causes, given what each person answered to the questions before it. Age and sex are
taken as answered. The loss is measured on other simulated people, against all questions that need no examination and
no test. Expected information is the sum over causes of what is known of each, so that a common mild cause counts like a
rare serious one: the list is best for telling causes apart, not for finding emergencies, which is why it is also
measured together with all red-flag questions.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

from legdx.inquiry import Loss, ShortForm, ShortFormSettings, short_form
from legdx.model import Model, load_model

PAGE = Path(__file__).parents[2] / "docs" / "short_form.md"


def row(loss: Loss, whole: Loss) -> str:
    """One form as a row of the table."""
    name = f"{loss.questions}" + (" and all red flags" if loss.red_flags else "")
    if loss is whole:
        name = "the whole questionnaire"
    return (
        f"| {name} | {loss.asked} | {loss.bits:.2f} ± {loss.bits_error:.2f} | {loss.bits / whole.bits:.0%} | "
        f"{loss.same_first_cause:.0%} | {loss.same_first_cause_ill:.0%} | {loss.same_level:.0%} | "
        f"{loss.lower_level:.0%} | {loss.higher_level:.0%} | {loss.missed} of {loss.emergencies} |"
    )


def page(model: Model, form: ShortForm, settings: ShortFormSettings, command: str, seconds: float) -> str:
    """Return the page."""
    knowledge = model.knowledge
    today = dt.datetime.now(tz=dt.UTC).date()
    versions = f"Python {platform.python_version()}, NumPy {version('numpy')}, {os.cpu_count()} cores"
    measured = form.people - form.left_out
    lines = [
        "# A short form for surveys",
        "",
        (
            f"Written by `{command}` on {today} in {seconds / 60:.0f} minutes; model {model.version}, digest "
            f"{model.digest[:12]}; {versions}."
        ),
        "",
        (__doc__ or "").split("\n\n", 1)[1].strip(),
        "",
        (
            f"Chosen on {settings.people} people (seed {form.seeds[0]}), measured on {measured} others (seed "
            f"{form.seeds[1]}), of whom {form.ill} have a complaint. {form.left_out} of {form.people} were left "
            f"out, because an exact answer would take over {settings.budget.seconds:g} s: they are people with "
            "many present answers, so that the table is about somewhat milder cases than the public has."
        ),
        "",
        (
            "| form | questions | information (bits) | share | same first cause | of people with a complaint | "
            "same urgency | lower | higher | emergencies missed |"
        ),
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        row(form.whole, form.whole),
        *(row(loss, form.whole) for loss in form.losses),
        "",
        (
            "± is one standard error over people. The first cause is the most probable one, whether it explains "
            "a complaint or not; in healthy people it changes easily, for all are improbable. Urgency is higher with a "
            "short form where questions that would allow self-care are not asked, and lower where alarming answers are."
        ),
        "",
        "## Red flags that the questions leave out",
        "",
        (
            f"No choice of {len(form.chosen)} keeps them all: emergency rules speak of more questions than that. "
            f"{len(form.red_flags_left_out)} are not among the {len(form.chosen)} below. A survey without them cannot "
            "say that nothing is urgent:"
        ),
        "",
        ", ".join(f"`{name}`" for name in form.red_flags_left_out) + ".",
        "",
        "## The questions",
        "",
        (
            f"The first ten are the form of ten, and so on. Information is the mean at the question's place, over the "
            f"{settings.people} people; at each place the {settings.looked_at} questions that a quick guess put first "
            "were worked out exactly."
        ),
        "",
        "| | question | information (bits) | people left out | what is asked |",
        "| --- | --- | --- | --- | --- |",
    ]
    for place, one in enumerate(form.chosen, start=1):
        text = knowledge.text_of(f"{knowledge.kind_of(one.name)}.{one.name}.question") or ""
        lines.append(f"| {place} | `{one.name}` | {one.bits:.3f} ± {one.error:.3f} | {one.left_out} | {text} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Choose, measure, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--measured-on", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 20, 30])
    parser.add_argument("--model", default=None)
    parser.add_argument("--output", default=str(PAGE))
    given = parser.parse_args()
    model = load_model() if given.model is None else load_model(given.model)
    settings = ShortFormSettings(people=given.people, measured_on=given.measured_on, seed=given.seed)
    began = time.perf_counter()
    form = short_form(model.knowledge, model.network, max(given.sizes), settings, given.sizes)
    command = (
        f"python tests/benchmarks/short_form.py --people {given.people} --measured-on {given.measured_on} "
        f"--seed {given.seed} --sizes {' '.join(map(str, given.sizes))}"
    )
    text = page(model, form, settings, command, time.perf_counter() - began)
    Path(given.output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
