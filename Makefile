# make run    sets up .venv and starts the service on this computer
# make test   sets up .venv with the test tools and checks everything
# make bench  measures how fast it is, beside presidio-analyzer and a spaCy CNN (some minutes; writes to the user's cache alone)
# make lock   pins the newest versions that pyproject.toml allows (for maintainers; needs uv)
#
# Works with GNU make 3.81 on, which is what macOS has. Nothing is installed again while the lock and pyproject.toml are unchanged.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV ?= uv
LOCK := $(UV) pip compile pyproject.toml - --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --upgrade --quiet
RUN_ARGS ?=

.PHONY: run test check browser bench lock clean
.NOTPARALLEL:

run: $(VENV)/installed
	$(BIN)/clausewise serve $(RUN_ARGS)

test: $(VENV)/installed-test browser check

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

# The first Python that runs and is new enough; a name on the PATH alone proves nothing where pyenv is at work.
$(VENV)/made:
	@for python in python3.13 python3.12 python3.11 python3; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Setting up $(VENV) with $$($$python --version) …"; $$python -m venv $(VENV) && touch $@; exit; \
	  fi; \
	done; \
	echo 'Clausewise needs Python 3.11 or newer with its venv module. Please install it and try again.' >&2; exit 1

# Each package must have the hash that the lock gives; the project itself then needs nothing but what is there.
define install
@$(PIP) install --require-hashes --requirement $(1)
@$(PIP) install --no-deps --no-build-isolation --editable .
@touch $@
endef

$(VENV)/installed: $(VENV)/made requirements.lock pyproject.toml
	@echo 'Installing what Clausewise needs …'
	$(call install,requirements.lock)

$(VENV)/installed-test: $(VENV)/made requirements-test.lock pyproject.toml
	@echo 'Installing what Clausewise and its tests need …'
	$(call install,requirements-test.lock)
	@touch $(VENV)/installed

# Some tests drive the pages with a browser that is on this computer.
browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do \
	  command -v "$$name" >/dev/null 2>&1 && exit 0; \
	done; \
	if ! command -v apt-get >/dev/null 2>&1; then become=; \
	elif [ "$$(id -u)" = 0 ]; then become=env; \
	elif sudo -n true 2>/dev/null; then become='sudo -n env'; \
	else become=; fi; \
	if [ -z "$$become" ]; then \
	  echo 'No Chromium or Chrome was found. The tests of the pages will fail until one is installed.' >&2; exit 0; \
	fi; \
	echo 'Installing Chromium for the tests of the pages …'; \
	$$become apt-get update -qq && $$become DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null

bench: $(VENV)/installed
	@$(BIN)/python -m benchmarks

# setuptools builds the project itself; it is pinned with the rest, as nothing may be fetched without a hash. The lock for training has none
# and leaves out what PyTorch's builds for graphics cards bring along: each kind of computer has a build of its own.
lock:
	@echo 'setuptools>=80' | $(LOCK) --output-file requirements.lock
	@echo 'setuptools>=80' | $(LOCK) --constraint requirements.lock --extra test --output-file requirements-test.lock
	@echo 'setuptools>=80' | $(LOCK) --constraint requirements.lock --extra train --no-generate-hashes --no-annotate | grep -vE '^(cuda|nvidia|triton)' >requirements-train.lock

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
