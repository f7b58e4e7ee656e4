"""From published figures to a solved network: queries, solver, report, artefact.

Reading a built model (`legdx.build.artefact`) needs NumPy alone; solving imports SciPy when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from legdx.build.artefact import Artefact, artefact_path, pack_drawn, read_artefact, write_artefact
from legdx.errors import StaleArtefactError

if TYPE_CHECKING:
    from legdx.build.report import BuildReport

__all__ = ["Artefact", "artefact_path", "build", "pack_drawn", "read_artefact", "write_artefact"]


def build(
    folder: str | Path,
    *,
    draws: int | None = None,
    output: str | Path | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> tuple[Path, BuildReport]:
    """Validate a knowledge folder, solve it, and write the built model.

    Where the model that stands there was solved for the same figures (only texts or sources changed), its numbers are
    kept.

    Args:
        folder: knowledge files.
        draws: networks to draw and re-solve; default what the model file says.
        output: where the built model goes; default beside the knowledge files.
        progress: called with each variable's name, its place and the number of variables.

    Returns:
        The path written and the report.

    Raises:
        KnowledgeError: the knowledge files break a rule; nothing is written.

    """
    from legdx.build.drawing import uncertainty_of
    from legdx.build.held_out import ranges_of
    from legdx.build.pipeline import all_targets, build_network, solver_digest
    from legdx.build.report import BuildReport, build_report
    from legdx.knowledge import load_knowledge
    from legdx.network.structure import network_shape

    knowledge = load_knowledge(folder)
    number = knowledge.model.draws_number if draws is None else draws
    path = artefact_path(Path(folder), knowledge.model.id) if output is None else Path(output)
    solved_for = solver_digest(knowledge, number)
    known = _solved_before(path, solved_for)
    if known is not None:
        report = BuildReport.from_json(known.report)
        drawn = known.drawn()
        if drawn is not None and report.held_out_expected() is None:  # written before these were worked out
            shapes = network_shape(knowledge)
            targets = all_targets(knowledge, shapes)
            known_of = uncertainty_of(shapes, targets, draws=number, seed=knowledge.model.draws_seed)
            every = [t for mine in targets.values() for t in mine]
            report = report.with_ranges(ranges_of(drawn, every, known_of.between))
        write_artefact(path, knowledge, known.network, known.packed, report.to_json(), solved_for)
        return path, report
    built = build_network(knowledge, draws=number, progress=progress)
    report = build_report(knowledge, built)
    write_artefact(path, knowledge, built.network, pack_drawn(built.drawn), report.to_json(), solved_for)
    return path, report


def _solved_before(path: Path, solved_for: str) -> Artefact | None:
    """Return the built model that stands there already, if it answers the same questions."""
    try:
        known = read_artefact(path, stale=True)
    except StaleArtefactError:
        return None
    return known if known.solved_for == solved_for else None
