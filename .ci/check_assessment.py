"""Refuse an assessment (JSON file) without a posterior for every cause, or with a number that is none."""

import json
import sys
from pathlib import Path


def main(path: str) -> str | int:
    """Return 0, or the sentence that says what is wrong."""
    posterior = json.loads(Path(path).read_text(encoding="utf-8"))["posterior"]
    if not posterior:
        return "the posterior is empty"
    wrong = {cause: p for cause, p in posterior.items() if not 0 <= p <= 1}
    if wrong:
        return f"not probabilities: {wrong}"
    first = max(posterior, key=posterior.__getitem__)
    print(f"  {len(posterior)} causes, first {first}: {posterior[first]:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
