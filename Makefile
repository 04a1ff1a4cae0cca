# The commands of this project; README.md says what each is for.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup setup-test run demo test lint bench lock client

setup:
	@$(PYTHON) scripts/setup.py run

setup-test:
	@$(PYTHON) scripts/setup.py test

run: setup
	@exec $(BIN)/hotline run

demo: setup
	@$(BIN)/python -m lab.demo

test: setup-test lint
	$(BIN)/pytest

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/hotline flow check
	@$(PYTHON) scripts/setup.py npm run check
	@$(PYTHON) scripts/setup.py npm test

bench: setup-test
	@$(BIN)/python -m bench

# The web app's client anew, from our own description of the API.
client: setup
	$(BIN)/hotline openapi > web/openapi.json
	@$(PYTHON) scripts/setup.py npm run client

# Both lock files anew, with hashes and without addresses.
lock:
	@$(PYTHON) -m venv var/.lock && var/.lock/bin/pip install --quiet uv
	var/.lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --upgrade pyproject.toml -o requirements.lock
	var/.lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --upgrade --group dev pyproject.toml -o requirements-dev.lock
