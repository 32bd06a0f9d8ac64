# One command each. `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
NAME ?= send
TEMPLATES := find templates -name '*.html' -print0

.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint format bench messages lock reset

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Build .venv with everything a developer needs
	@$(PYTHON) requirements/install.py dev

demo: ## Start everything with demo data (PORT=8000); Ctrl-C stops it
	@$(PYTHON) requirements/install.py demo
	@exec $(BIN)/python manage.py demo

up: ## Start everything for real: see docs/operators.md
	@$(PYTHON) requirements/install.py demo
	@exec $(BIN)/python manage.py up

test: ## Run every test (ARGS="-k name" for some)
	@$(PYTHON) requirements/install.py dev
	@$(BIN)/python -m pytest -n auto $(ARGS)

lint: ## Check style, types, layers, templates and migrations
	@$(PYTHON) requirements/install.py dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TEMPLATES) | xargs -0r $(BIN)/djade --target-version 5.2 --check
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest -q tests/house

format: ## Let the tools repair what they can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(TEMPLATES) | xargs -0r $(BIN)/djade --target-version 5.2

bench: ## Measure: make bench NAME=send
	@$(PYTHON) requirements/install.py bench
	@$(BIN)/python -m benchmarks $(NAME) $(ARGS)

messages: ## Collect the texts to translate (needs GNU gettext)
	$(BIN)/python manage.py makemessages --locale es --no-wrap --ignore .venv

lock: ## Write requirements/*.txt anew from pyproject.toml (needs uv)
	@PATH=$(CURDIR)/$(BIN):$$PATH sh requirements/lock.sh

reset: ## Remove the data of the bundled servers
	@$(BIN)/python manage.py reset
