"""Which causes explain tremor, twitching or weakness of the legs: an exact Bayesian network, with reasons.

>>> import legdx
>>> model = legdx.load_model()
>>> result = model.assess({"age": 67, "sex": "male", "tremor_at_rest": "present", "slow_movement": "present"})
>>> next(iter(result.posterior))
'parkinsons_disease'

legdx informs.  It is not a medical device and replaces no clinician.
"""

from __future__ import annotations

import importlib
import typing

if typing.TYPE_CHECKING:
    from legdx.assessment import Assessment
    from legdx.case import Case
    from legdx.errors import (
        CaseError,
        FormatError,
        ImpossibleEvidenceError,
        Issue,
        KnowledgeError,
        LegdxError,
        MappingError,
        StaleArtefactError,
        SurveyError,
        TooCostlyError,
        UnderAgeError,
        UnknownNameError,
        UnknownValueError,
        Where,
    )
    from legdx.model import Model, load_model

__version__ = "0.2.0"

__all__ = [
    "Assessment",
    "Case",
    "CaseError",
    "FormatError",
    "ImpossibleEvidenceError",
    "Issue",
    "KnowledgeError",
    "LegdxError",
    "MappingError",
    "Model",
    "StaleArtefactError",
    "SurveyError",
    "TooCostlyError",
    "UnderAgeError",
    "UnknownNameError",
    "UnknownValueError",
    "Where",
    "__version__",
    "load_model",
]

_ELSEWHERE = {"Assessment": "assessment", "Case": "case", "Model": "model", "load_model": "model"}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `import legdx` itself is quick."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(f"{__name__}.{_ELSEWHERE.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
