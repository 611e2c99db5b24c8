# Needs git, make and Python >= 3.11 with pip; everything else goes into .venv, once.
#   make decascore   the table of the default study: results/decascore.csv
#   make test        the test suite

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: decascore test environment clean-environment

decascore: $(READY)
	$(VENV)/bin/snakemake --cores all results/decascore.csv

test: $(READY)
	$(VENV)/bin/python -m pytest

environment: $(READY)

# Made anew when the pins change; pyproject.toml decides only what the command `mqan` is.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mqan needs Python 3.11 or newer, $(PYTHON) is %d.%d: name another with make PYTHON=..." % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --requirement requirements.lock
	$(VENV)/bin/python -m pip install --no-deps --editable .
	touch $@

clean-environment:
	rm -rf $(VENV)
