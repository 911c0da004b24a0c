# `make` alone lists what there is. Everything runs from the .venv that is made here.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py

# Commands given here are for this machine; a server sets its own environment (docs/drift/).
KSI_MODE ?= demo
export KSI_MODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install prepare run test check bench backup restore lock

help: ## Visar den här listan
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(BIN)/base.stamp prepare ## Installerar och förbereder databas, innehåll och filer

run: export KSI_MODE := demo
run: install ## Startar portalen på http://localhost:8000 (annan port: PORT=8001)
	@exec $(MANAGE) portal --port "$(PORT)"

test: $(BIN)/dev.stamp ## Kör alla tester: SQLite, PostgreSQL om den svarar, webbläsare
	@sh tests/system_packages.sh
	@$(BIN)/python tests/run.py

check: $(BIN)/dev.stamp ## Granskar kod, mallar, migreringar och inställningar
	@BIN=$(BIN) sh tests/check.sh

bench: $(BIN)/dev.stamp ## Mäter hur snabba sidorna är (ROOM= väljer ett rum)
	@$(BIN)/python -m tests.bench

backup: $(BIN)/base.stamp ## Sparar databas och filer i en fil i var/backups/
	@$(MANAGE) backup

restore: $(BIN)/base.stamp ## Läser tillbaka FILE=…, med JA=1 även över det som finns
	@$(MANAGE) restore "$(FILE)" $(if $(JA),--yes)

lock: $(BIN)/dev.stamp ## Låser om beroendena efter ändring i requirements/*.in
	cd requirements && ../$(BIN)/uv pip compile base.in --generate-hashes --no-header -q -o base.txt
	cd requirements && ../$(BIN)/uv pip compile dev.in -c base.txt --generate-hashes --no-header -q -o dev.txt

prepare: $(BIN)/base.stamp
	@$(MANAGE) prepare

$(BIN)/base.stamp: requirements/base.txt
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Portalen behöver Python 3.11 eller nyare med venv: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installerar det som portalen behöver (görs en gång) …"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/base.txt
	@touch $@

$(BIN)/dev.stamp: requirements/dev.txt $(BIN)/base.stamp
	@echo "Installerar verktyg för test och granskning (görs en gång) …"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@
