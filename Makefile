# `make help` lists the commands. Every other one sets up first, which takes no time when nothing changed.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$(PATH)
export SOLCX_BINARY_PATH := $(CURDIR)/.tools/solcx

# $(call need,VARIABLE,example): stop with a message when VARIABLE was not given.
need = @[ -n "$($1)" ] || { echo "make $@ needs $1, for example: make $@ $2" >&2; exit 2; }

.PHONY: help setup demo story test test-browser bench evaluate federate deploy console check clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## install what the lock files name; every other command does it by itself
	@scripts/setup.sh

demo: setup ## chain, contracts, oracle and API with a story played on them, until Ctrl-C
	@python -m scripts.demo

story: setup ## the same story on a fresh stack, step by step; the exit status tells
	@python -m scripts.story

test: check ## every check and every test
	@scripts/test.sh

test-browser: setup ## the stories in a real browser alone
	@scripts/test.sh browser

bench: setup ## one benchmark: make bench NAME=gas (push, score, indexer, ingest, bundle, lighthouse, chaos; COUNT=n where it repeats)
	$(call need,NAME,NAME=gas)
	@python -m benchmarks "$(NAME)" $(if $(COUNT),--count "$(COUNT)")

evaluate: setup ## score a labelled file: make evaluate SPEC=polish_1year DATA=file
	$(call need,SPEC,SPEC=polish_1year DATA=file)
	$(call need,DATA,SPEC=polish_1year DATA=file)
	@python -m backend.scoring evaluate --spec "$(SPEC)" --data "$(DATA)"

federate: setup ## train one scorecard between three institutions that keep their rows to themselves
	@python -m backend.federation demo

deploy: setup ## deploy or verify the suite: make deploy NETWORK=ethereum:sepolia:node ACCOUNT=alias
	$(call need,NETWORK,NETWORK=ethereum:sepolia:node ACCOUNT=alias)
	@ape run deploy --network "$(NETWORK)" $(if $(ACCOUNT),--account "$(ACCOUNT)")

console: setup ## Ape console with the deployed suite by name (NETWORK=..., default the demo's chain)
	@ape console --network "$(or $(NETWORK),ethereum:heqi:node)"

check: setup ## lint, format and types
	@ruff check .
	@ruff format --check .
	@mypy
	@npm run --silent check --prefix frontend

clean: ## remove builds, caches and the demo's chain and databases; installed packages stay
	@rm -rf .build .mypy_cache .ruff_cache .hypothesis var
	@find backend benchmarks scripts tests -name __pycache__ -o -name .pytest_cache 2>/dev/null | xargs rm -rf
