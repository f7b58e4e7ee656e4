"""Refuse an assessment (JSON file) without a posterior, with a number that is none, or with other ones than another."""

import json
import sys
from pathlib import Path

TOLERANCE = 1e-12


def main(path: str, other: str | None = None) -> str | int:
    """Return 0, or the sentence that says what is wrong; ``other`` is an assessment with the same posterior."""
    posterior = json.loads(Path(path).read_text(encoding="utf-8"))["posterior"]
    if not posterior:
        return "the posterior is empty"
    wrong = {cause: p for cause, p in posterior.items() if not 0 <= p <= 1}
    if wrong:
        return f"not probabilities: {wrong}"
    if other is not None:
        expected = json.loads(Path(other).read_text(encoding="utf-8"))["posterior"]
        differ = [c for c in posterior.keys() | expected.keys() if abs(posterior[c] - expected[c]) > TOLERANCE]
        if differ:
            return f"not the same posterior of {sorted(differ)}"
    first = max(posterior, key=posterior.__getitem__)
    print(f"  {len(posterior)} causes, first {first}: {posterior[first]:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
