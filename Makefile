# `make` alone lists what there is.  Needs Python 3.11 or newer with pip, and make; everything else goes into .venv.

PYTHON ?= python3
VENV ?= .venv

PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
LEGDX := $(VENV)/bin/legdx

# What an installation depends on: the requirements, the version, and what is compiled.
SOURCES := pyproject.toml legdx/__init__.py hatch_build.py $(wildcard legdx/engine/kernels/*)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# ------------------------------------------------------------------------------------------- environment
# Three stamps, each made once: what the package needs, what the tests need, what the checks need.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("legdx needs Python 3.11 or newer: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Making an environment in $(VENV)"
	@# Some distributions keep ensurepip in a package of its own; pip can then fill an empty environment.
	@$(PYTHON) -m venv --clear $(VENV) 2>/dev/null || { \
	  $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --quiet --python $(PY) install pip; }
	@touch $@

$(VENV)/.for-use: $(VENV)/.made $(SOURCES)
	@echo "Installing legdx and what it needs (a minute or two, the first time)"
	@$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/.for-tests: $(VENV)/.made $(SOURCES)
	@echo "Installing legdx and what its tests need (a minute or two, the first time)"
	@$(PIP) install --quiet --editable '.[test]'
	@touch $(VENV)/.for-use $@

$(VENV)/.for-checks: $(VENV)/.made $(SOURCES)
	@echo "Installing legdx and what its checks need (a minute or two, the first time)"
	@$(PIP) install --quiet --editable '.[test,dev]'
	@touch $(VENV)/.for-use $(VENV)/.for-tests $@

# --------------------------------------------------------------------------------------------------- use

.PHONY: demo
demo: $(VENV)/.for-use  ## Score the example survey; show the top of the result and one explanation
	@mkdir -p build
	@# The example holds rows that must be refused: exit code 3, done with rejected rows.
	$(LEGDX) score data/example_survey.csv --mapping data/mappings/example_survey.yaml -o build/demo.csv || [ $$? -eq 3 ]
	@echo
	@echo "The top of build/demo.csv:"
	@$(PY) -c 'import pandas; print(pandas.read_csv("build/demo.csv", nrows=3).T.head(16).to_string())'
	@echo
	$(LEGDX) explain data/example_case.json

.PHONY: build-model
build-model: $(VENV)/.for-use  ## Solve the knowledge files into models/leg/leg.npz
	$(LEGDX) build --report docs/build_report.md
	$(LEGDX) build --report docs/build_report.csv

# ------------------------------------------------------------------------------------------------ checks

.PHONY: test
test: $(VENV)/.for-tests  ## Run the tests and the notebooks
	$(PY) -m pytest -n auto

.PHONY: verify
verify: $(VENV)/.for-tests  ## Prove at length (hours): enumeration, pyAgrum, twin against kernels, calibration, fuzzed surveys
	$(PY) -m tests.verify.against_enumeration
	$(PY) -m tests.verify.forced_slices
	$(PY) -m tests.verify.against_pyagrum
	$(PY) -m tests.verify.twin_against_kernels
	$(PY) -m tests.verify.calibration
	$(PY) -m tests.verify.prove_fuzzed_surveys

.PHONY: test-lowest
test-lowest: $(VENV)/.made  ## Run the tests of engine and model with the oldest releases that pyproject.toml allows
	.ci/test-lowest $(PY)

.PHONY: doctest
doctest: $(VENV)/.for-tests  ## Run the examples in README and in the docstrings
	$(PY) -m pytest --doctest-modules --doctest-glob=README.md README.md legdx

.PHONY: notebooks
notebooks: $(VENV)/.for-tests  ## Execute the notebooks alone
	$(PY) -m pytest notebooks

.PHONY: check-model
check-model: $(VENV)/.for-use  ## Is the artefact that of these knowledge files? What does a query cost?
	$(LEGDX) check

.PHONY: lint
lint: $(VENV)/.for-checks  ## Format and rules (ruff)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

.PHONY: types
types: $(VENV)/.for-checks  ## Types (mypy, strict)
	$(PY) -m mypy

.PHONY: layers
layers: $(VENV)/.for-checks  ## Directions of import (import-linter)
	$(VENV)/bin/lint-imports

.PHONY: wheel-check
wheel-check: $(VENV)/.for-checks  ## Build the wheel and use it in an empty environment, read-only and without HOME
	.ci/wheel-check $(PY)

.PHONY: startup
startup: $(VENV)/.for-use  ## Measure import time and the first answer of a new process; writes docs/startup.md
	$(PY) tests/benchmarks/startup.py

.PHONY: bench
bench: $(VENV)/.for-tests  ## Measure the engine beside pgmpy and pyAgrum, some two hours; writes docs/benchmarks
	$(PY) tests/benchmarks/engine_bench.py

.PHONY: influence
influence: $(VENV)/.for-use  ## Measure which numbers move the posteriors, and what they rest on; writes docs/influence.md
	$(PY) tests/benchmarks/influence.py

.PHONY: influence-on-cases
influence-on-cases: $(VENV)/.for-use  ## Measure which numbers move the published cases; writes docs/influence_on_cases.md
	$(PY) -m tests.benchmarks.influence_on_cases

.PHONY: evaluate
evaluate: $(VENV)/.for-use  ## Score the published cases with the model as it is; writes docs/evaluation/
	@mkdir -p build
	$(LEGDX) evaluate --vignettes data/vignettes.jsonl --seconds 60 --output docs/evaluation > build/evaluation.md

.PHONY: pages
pages: $(VENV)/.for-use  ## Write docs/model_card.md, and docs/model/: a page a cause, a page a finding
	$(LEGDX) report --output docs/model --card docs/model_card.md \
	  --evaluation $(firstword $(wildcard docs/evaluation/last.json) docs/evaluation/first.json)

.PHONY: population
population: $(VENV)/.for-use  ## Score the public, surveyed and drawn; writes docs/evaluation/population.md
	$(PY) tests/benchmarks/population.py

.PHONY: thin-places
thin-places: $(VENV)/.for-use  ## Name the findings whose rate in others rests on weak sources; writes docs/evaluation/thin_places.md
	$(PY) tests/benchmarks/thin_places.py

.PHONY: short-form
short-form: $(VENV)/.for-use  ## Choose the best 10, 20 and 30 questions for a survey; writes docs/short_form.md
	OMP_NUM_THREADS=1 $(PY) tests/benchmarks/short_form.py

.PHONY: next-questions
next-questions: $(VENV)/.for-use  ## Measure how long it takes to choose the next questions; writes docs/next_questions.md
	OMP_NUM_THREADS=1 $(PY) tests/benchmarks/next_questions.py

.PHONY: explain-time
explain-time: $(VENV)/.for-use  ## Measure how long explanations take, one case and tables; writes docs/explain_time.md
	OMP_NUM_THREADS=1 $(PY) tests/benchmarks/explain_time.py

.PHONY: explanations
explanations: $(VENV)/.for-tests  ## Explain twelve people over different causes; writes docs/explanations.md
	$(PY) tests/benchmarks/explanations.py

.PHONY: width
width: $(VENV)/.for-use  ## Measure the cost of exact inference at the planned size; writes docs/width.md
	$(PY) tests/benchmarks/width.py

# ------------------------------------------------------------------------------------------------- house

.PHONY: format
format: $(VENV)/.for-checks  ## Put the code into its format
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

.PHONY: clean
clean:  ## Remove everything that these commands made, the environment too
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find legdx tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
