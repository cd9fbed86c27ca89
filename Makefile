# make run · make test · make lint · make bench · make messages · make vendor

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
  $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
PORT ?= 8000
LOCALES ?= es
BIN := .venv/bin
# Wheels only, exactly those that are pinned; Python compiles what it imports, which is a fraction.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-compile \
  --no-deps --only-binary :all: --require-hashes

# What is compiled once is kept, whatever the shell says: each of the many processes of the tests would compile it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-sqlite test-postgresql test-browser cases lint bench messages vendor

run: .venv/run.stamp .env
	@echo "Preparing the database …"
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py compile_catalogs
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@$(BIN)/python manage.py load_demo --if-empty
	@exec $(BIN)/python manage.py serve --port $(PORT)

# Every test on SQLite and on PostgreSQL. TEST_DATABASE_URL names the server, CHROMIUM the browser.
test: .venv/dev.stamp .env
	@$(BIN)/python manage.py compile_catalogs
	@$(BIN)/python -m tests

# ARGS goes to pytest: make test-sqlite ARGS="-k ledger"
test-sqlite test-postgresql: test-%: .venv/dev.stamp
	@$(BIN)/python -m tests $* -- $(ARGS)

test-browser: .venv/dev.stamp
	@$(BIN)/python -m tests -- -m browser $(ARGS)

cases: .venv/dev.stamp
	@$(BIN)/python -m pytest --cases -q

lint: .venv/dev.stamp .env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: .venv/dev.stamp .env
	@$(BIN)/python -m benchmarks $(ARGS)

messages: .venv/dev.stamp .env
	$(BIN)/python manage.py makemessages $(addprefix --locale ,$(LOCALES))

vendor: .venv/run.stamp .env
	npm ci --ignore-scripts
	$(BIN)/python manage.py vendor

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON to its path." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	@echo "Installing what requirements.txt pins …"
	@$(PIP_INSTALL) --requirement requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/bin/python
	@echo "Installing what requirements-dev.txt pins …"
	@$(PIP_INSTALL) --requirement requirements-dev.txt
	@touch $@

# Written once: the secrets of this copy, for plain HTTP on this machine.
.env: | .venv/bin/python
	@umask 077; $(BIN)/python -c 'from secrets import token_urlsafe as t; \
	  print(f"SECRET_KEY={t(50)}\nINSECURE_COOKIES=1\nDEMO_PASSWORD={t(9)}")' > .env.part && mv .env.part .env
