PYTHON ?= python3
WORKSPACE ?= demo
PORT ?= 3000
MLFLOW_PORT ?= 5000
unexport PYTHONDONTWRITEBYTECODE
export MLFLOW_DISABLE_TELEMETRY = true
export BENTOML_DO_NOT_TRACK = True

.PHONY: setup demo test bench serve mlflow

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv && PIP_CONSTRAINT=constraints.txt .venv/bin/python -m pip install --quiet --editable '.[dev]'
	.venv/bin/python -m compileall -q src features models training serving && touch $@

demo: setup
	.venv/bin/fenzhen demo $(WORKSPACE) --port $(PORT) --mlflow-port $(MLFLOW_PORT)

test: setup
	.venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports
	.venv/bin/python -m pytest -n 2 --dist loadscope

bench: setup
	.venv/bin/python -m pip install --quiet --constraint constraints.txt '.[bench]' && .venv/bin/python -m tests.benchmarks

serve: setup
	.venv/bin/fenzhen serve --workspace $(WORKSPACE) --port $(PORT)

mlflow: setup
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false .venv/bin/mlflow server --host 127.0.0.1 --port $(MLFLOW_PORT) --workers 1 \
	    --backend-store-uri sqlite:///$(abspath $(WORKSPACE))/.fenzhen/mlflow.db --artifacts-destination $(WORKSPACE)/.fenzhen/mlartifacts
