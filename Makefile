# Everything a person runs. Each target installs what is missing first (scripts/setup.sh).
#
#   make demo ARGS="--listen 127.0.0.1:9000"    arguments of the demo
#   NEXTEST_PROFILE=ci make test    a profile of .config/nextest.toml
#
# With DATABASE_URL set, demo and test use that server instead of a private one.

# A Rust that was installed a moment ago is not on the path of the calling shell yet.
WITH_RUST := PATH="$${CARGO_HOME:-$$HOME/.cargo}/bin:$$PATH"

# Homebrew links neither the libpq library nor its tools into its usual places.
ifeq ($(shell uname -s),Darwin)
HOMEBREW := $(if $(wildcard /opt/homebrew),/opt/homebrew,/usr/local)
WITH_RUST += PQ_LIB_DIR="$${PQ_LIB_DIR:-$(HOMEBREW)/opt/libpq/lib}"
endif

.PHONY: help demo test bench proof fmt lint
.DEFAULT_GOAL := help

help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Set up, build, and run the credit bank with sample data.
	@sh scripts/setup.sh run
	@$(WITH_RUST) cargo build --release -p creditbank
	@exec "$${CARGO_TARGET_DIR:-target}/release/creditbank" demo $(ARGS)

test: ## Set up and run all tests.
	@sh scripts/setup.sh test
	@$(WITH_RUST) cargo test --workspace --doc --quiet
	@if $(WITH_RUST) cargo nextest --version >/dev/null 2>&1; then \
		$(WITH_RUST) cargo nextest run --workspace; \
	else \
		$(WITH_RUST) cargo test --workspace --lib --bins --tests; \
	fi

bench: ## Measure, each figure beside its limit (ARGS="--quick").
	@sh scripts/setup.sh run
	@$(WITH_RUST) cargo build --release -p creditbank-benches
	@exec "$${CARGO_TARGET_DIR:-target}/release/bench" $(ARGS)

proof: ## Play random stories for half an hour; kill server and Postgres 50 times each.
	@sh scripts/setup.sh test
	@$(WITH_RUST) CREDITBANK_MODEL_CASES=$${CREDITBANK_MODEL_CASES:-3000} \
		cargo test -p creditbank-tests --test it model::
	@$(WITH_RUST) CREDITBANK_KILL_ROUNDS=$${CREDITBANK_KILL_ROUNDS:-50} \
		cargo test -p creditbank --test kills -- --nocapture --test-threads=1

fmt: ## Format the source.
	@sh scripts/setup.sh check
	@$(WITH_RUST) cargo fmt --all

lint: ## Check the format and run clippy.
	@sh scripts/setup.sh check
	@$(WITH_RUST) cargo fmt --all --check
	@$(WITH_RUST) cargo clippy --workspace --all-targets -- -D warnings
