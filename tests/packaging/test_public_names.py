"""What is public is listed here; a name that comes or goes shows up as a change of this file."""

import legdx
from legdx import errors

PUBLIC = (
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
)


def test_public_names_are_exactly_the_listed_ones():
    assert tuple(sorted(legdx.__all__)) == tuple(sorted(PUBLIC))


def test_every_public_name_is_there_and_is_found_by_completion():
    for name in PUBLIC:
        assert getattr(legdx, name) is not None
        assert name in dir(legdx)


def test_a_name_that_is_not_public_is_an_attribute_error():
    assert not hasattr(legdx, "no_such_name")


def test_every_error_is_public_and_has_the_one_base_class():
    kinds = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception) and not name.startswith("_")
    }
    assert kinds <= set(PUBLIC)
    assert all(issubclass(getattr(legdx, name), legdx.LegdxError) for name in kinds)
