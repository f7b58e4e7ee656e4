"""Tables out: whole surveys scored in bounded memory, no row lost."""

from legdx.batch.frames import score_frame
from legdx.batch.report import ScoreReport
from legdx.batch.run import Scorer
from legdx.batch.score import ScoreOptions, rejects_path, score_file, sidecar_path

__all__ = ["ScoreOptions", "ScoreReport", "Scorer", "rejects_path", "score_file", "score_frame", "sidecar_path"]
