.DEFAULT_GOAL := help
.PHONY: help check test demo lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## everything CI runs: style, types, all tests with coverage
	@.ci/run

test: ## the quick part while working: no database, no coverage
	@./gw test --fast

demo: ## the whole story once, on a throw-away database
	@./gw demo --once

lock: ## write requirements/*.txt anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --quiet --output-file requirements/runtime.txt
	uv pip compile pyproject.toml --upgrade --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --quiet --output-file requirements/dev.txt
	echo uv | uv pip compile - --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --quiet --output-file requirements/uv.txt
