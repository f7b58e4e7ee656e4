"""What a model is worth on real cases: published vignettes read, scored, counted."""

from legdx.learning.evaluation import Evaluation, evaluate
from legdx.learning.outcomes import Outcome, Ranker, by_ranking, score_vignettes
from legdx.learning.vignettes import Vignette, read_vignettes

__all__ = ["Evaluation", "Outcome", "Ranker", "Vignette", "by_ranking", "evaluate", "read_vignettes", "score_vignettes"]
