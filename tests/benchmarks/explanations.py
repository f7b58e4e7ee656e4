"""Write docs/explanations.md: twelve people over different causes, each explained as a result is.

    python tests/benchmarks/explanations.py

The people are the textbook pictures of tests/known_cases and variations of them; nothing on the page is written by
hand but the headings.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import legdx  # noqa: E402
from legdx.explanation.records import PARAGRAPH  # noqa: E402
from tests.known_cases.test_typical_cases import PICTURES  # noqa: E402

PAGE = ROOT / "docs" / "explanations.md"
SHOWN = (
    "parkinsons_disease",
    "essential_tremor",
    "restless_legs_syndrome",
    "peripheral_neuropathy",
    "guillain_barre_syndrome",
    "amyotrophic_lateral_sclerosis",
    "dehydration",
    "low_potassium",
    "cauda_equina_syndrome",
    "acute_limb_ischaemia",
    "hyperthyroidism",
    "vitamin_b12_deficiency",
)

HEAD = """# Twelve explanations

Written by `make explanations`; nothing below is edited by hand. Each is what `result.explain(cause, level="all")` says
of the cause that explains the complaints best, after what was answered. legdx informs. It is not a medical device and
replaces no clinician.
"""


def section(model: legdx.Model, name: str) -> str:
    """Return one person's part of the page."""
    result = model.assess(PICTURES[name])
    ranking = result.ranking
    first = ranking.first or next(iter(result.posterior))
    found = result.explain(first)
    answers = ", ".join(
        f"{key}: {value['value'] if isinstance(value, dict) else value}" for key, value in PICTURES[name].items()
    )
    lines = [
        f"## {model.knowledge.label(name)}, textbook picture",
        f"Answers: {answers}.",
        f"Urgency: **{result.urgency.level.replace('_', ' ')}**.",
        f"> {found.paragraph}",
        *(f"- {one.text}" for one in found.statements if one.kind not in PARAGRAPH),
    ]
    others = [one for one in ranking.explains if one.cause != first]
    if others:
        contrast = result.contrast(first, others[0].cause)
        best = contrast.rows[0]
        said = {row.answers: row.given for row in found.rows}
        told = f"- Beside {model.knowledge.label(others[0].cause)} ({100 * contrast.second_probability:.0f} %): "
        if best.difference_decibans >= 1.0:
            first_weight, second_weight = (round(x, 1) + 0.0 for x in (best.first_decibans, best.second_decibans))
            pair = f"{first_weight:+.1f} against {second_weight:+.1f} decibans"
            told += f"{said[best.answers]} speaks most for the one rather than the other ({pair})."
        else:
            told += "no answer speaks more for the one than the other; both may be there."
        lines.append(told)
    head, body = lines[:4], lines[4:]
    return "\n\n".join(head) + "\n\n" + "\n".join(body)


def main() -> None:
    """Write the page."""
    model = legdx.load_model()
    parts = [section(model, name) for name in SHOWN]
    PAGE.write_text("\n\n".join([HEAD.strip(), *parts]) + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
