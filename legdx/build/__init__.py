"""From published figures to a solved network: queries, solver, report, artefact."""
