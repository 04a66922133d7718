# Gangway: one page of commands. `make help` lists them.
# Everything lives in .venv (Python) and the git-ignored build folder of the front end; nothing is installed globally
# except, where they are missing, uv (for this user) and, for the browser tests, Debian's chromium.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test quick cover prove env ui chromium peers clean

PY := .venv/bin/python
UV := $(shell command -v uv 2>/dev/null || echo "$$HOME/.local/bin/uv")

help: ## This list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: env ui ## Start Gangway here with the demo world; Ctrl-C stops it
	@exec .venv/bin/gangway up --demo

test: env ui chromium peers ## Everything: SQLite, PostgreSQL, browser; some minutes
	@$(PY) -m tests

quick: env ## Lint, types, contracts, rules and what changed; half a minute when warm
	@$(PY) -m tests.quick

cover: env ui chromium peers ## All tests, and which branches they take; twice as long
	@$(PY) -m tests --cover

prove: env ui chromium peers ## The experiments at full size; writes docs/proof.json
	@$(PY) -m tests --prove

env: .venv/.installed

.venv/.installed: requirements/base.txt requirements/dev.txt pyproject.toml hatch_build.py
	@command -v "$(UV)" >/dev/null || python3 -m pip install --quiet --user uv \
		|| python3 -m pip install --quiet --user --break-system-packages uv
	@test -x $(PY) || "$(UV)" venv --quiet --python ">=3.11" .venv
	@"$(UV)" pip install --quiet --python $(PY) --require-hashes -r requirements/dev.txt
	@"$(UV)" pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
	@touch $@

ui: env
	@$(PY) -m gangway.ui.build

# Its shell alone takes half the time of the whole browser, which does as well where the shell cannot be brought.
chromium:
	@command -v chromium-headless-shell >/dev/null || { \
		run=$$([ "$$(id -u)" = 0 ] || { command -v chromium >/dev/null && echo sudo -n; } || echo sudo); \
		get="$$run env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends"; \
		$$run apt-get -qq update && { $$get chromium-headless-shell || command -v chromium || $$get chromium; }; \
	} >/dev/null 2>&1 || command -v chromium >/dev/null \
		|| { echo "Debian's chromium could not be brought: apt-get install chromium-headless-shell"; false; }

PHP := php-cli php-xml php-mbstring
SIMPLESAMLPHP := tests/peers/simplesamlphp/debian

peers: $(SIMPLESAMLPHP)

# Unpacked beside the tests: installing it would bring a web server that begins to serve.
$(SIMPLESAMLPHP):
	@run=$$([ "$$(id -u)" = 0 ] || echo sudo); folder=$$(mktemp -d); \
	{ $$run apt-get -qq update && $$run env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
		--no-install-recommends $(PHP) && cd $$folder && apt-get -qq download simplesamlphp; } >/dev/null 2>&1 \
		&& dpkg-deb --extract $$folder/simplesamlphp_*.deb "$(CURDIR)/$@" \
		|| echo "simplesamlphp could not be brought; its journey will be skipped."; rm -rf $$folder

clean: ## Remove what was built (never your data in .gangway)
	@rm -rf .venv src/gangway/ui/static/dist src/gangway/ui/frontend/node_modules
