"""Tables out: whole survey files scored in bounded memory, no row lost."""

from legdx.batch.report import ScoreReport
from legdx.batch.score import Scorer, rejects_path, score_file, sidecar_path

__all__ = ["ScoreReport", "Scorer", "rejects_path", "score_file", "sidecar_path"]
