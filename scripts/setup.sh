#!/bin/sh
# Installs what this machine lacks to build, run and test the credit bank, and says what.
# Silent when nothing is missing.
#
#   scripts/setup.sh run      a C compiler, libpq, a Postgres server, Rust
#   scripts/setup.sh test     the same, cargo-nextest, hledger and beancount, which check exports, and
#                             Node with the identity provider that people sign in at in the tests,
#                             linters of the OpenAPI document, and Pythons with standardwebhooks,
#                             which checks deliveries, and schemathesis, which tries the contract
#   scripts/setup.sh check    the same, and rustfmt and clippy (the default)
set -eu

cd "$(dirname "$0")/.."
goal=${1:-check}
case $goal in
run | test | check) ;;
*) echo "usage: scripts/setup.sh [run|test|check]" >&2; exit 2 ;;
esac

PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
export PATH

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# True if version $1 is at least version $2; both are numbers with dots.
at_least() {
    printf '%s\n%s\n' "$1" "$2" | awk -F. '
        NR == 1 { for (i = 1; i <= 3; i++) a[i] = $i + 0 }
        NR == 2 { for (i = 1; i <= 3; i++) if (a[i] != $i + 0) exit !(a[i] > $i + 0) }'
}

# True if a Postgres server of a version the ledger is tested with is installed. The same places
# are searched as in crates/localpg/src/find.rs.
have_server() {
    for bin in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
        /opt/homebrew/bin /usr/local/bin; do
        if [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] && [ -x "$bin/psql" ]; then
            major=$("$bin/postgres" --version | sed -n 's/.*) \([0-9][0-9]*\).*/\1/p')
            if [ "${major:-0}" -ge 15 ] && [ "$major" -le 18 ]; then return 0; fi
        fi
    done
    return 1
}

# The plain-text accounting tools that check what is exported, as apt and Homebrew both call them.
missing_checkers() {
    have hledger || printf ' hledger'
    have bean-check || printf ' beancount'
}

# Node, as apt and Homebrew call it, and the installer of its packages.
missing_node() {
    if [ "$(uname -s)" = Darwin ]; then
        have npm || printf ' node'
    else
        have node || printf ' nodejs'
        have npm || printf ' npm'
    fi
}

# What a Python with packages of its own is made with; Debian takes it out of Python.
missing_python() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || printf ' python3-venv'
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@" </dev/null
}

# The package would make and start a cluster of its own, which nothing here uses.
install_debian_server() {
    own_cluster=/etc/postgresql-common/createcluster.d/creditbank-setup.conf
    as_root mkdir -p "${own_cluster%/*}"
    echo 'create_main_cluster = false' | as_root tee "$own_cluster" >/dev/null
    package=postgresql
    offered=$(apt-cache policy postgresql | sed -n 's/^ *Candidate: \([0-9][0-9]*\).*/\1/p')
    if [ "${offered:-0}" -lt 15 ]; then
        say "this system offers Postgres ${offered:-none}; adding the archive of postgresql.org"
        apt_install postgresql-common ca-certificates
        as_root /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y </dev/null
        package=postgresql-17
    fi
    installed=0
    apt_install "$package" || installed=$?
    as_root rm -f "$own_cluster"
    return "$installed"
}

setup_debian() {
    missing=
    have cc || missing="$missing build-essential"
    have pkg-config || missing="$missing pkg-config"
    have curl || missing="$missing curl"
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
    if ! have pkg-config || ! pkg-config --exists libpq; then missing="$missing libpq-dev"; fi
    if [ "$goal" != run ]; then
        missing="$missing$(missing_checkers)$(missing_node)$(missing_python)"
    fi
    server=
    have_server || server=postgresql
    if [ -z "$missing$server" ]; then return 0; fi

    if [ "$(id -u)" -ne 0 ] && ! have sudo; then
        fail "missing:$missing $server; there is no sudo, so run as root: apt-get install$missing $server"
    fi
    say "installing with apt:$missing $server"
    as_root apt-get update -q </dev/null
    # shellcheck disable=SC2086 # a list of words
    if [ -n "$missing" ]; then apt_install $missing; fi
    if [ -n "$server" ]; then install_debian_server; fi
}

setup_macos() {
    have cc || fail "missing: the command line tools; run: xcode-select --install"
    formulae=
    have_server || formulae="postgresql@17"
    [ -d /opt/homebrew/opt/libpq ] || [ -d /usr/local/opt/libpq ] || formulae="$formulae libpq"
    if [ "$goal" != run ]; then
        formulae="$formulae$(missing_checkers)$(missing_node)"
        have python3 || formulae="$formulae python"
    fi
    if [ -z "$formulae" ]; then return 0; fi
    have brew || fail "missing: $formulae; install Homebrew first, see https://brew.sh"
    say "installing with Homebrew: $formulae"
    # shellcheck disable=SC2086 # a list of words
    brew install $formulae </dev/null
}

check_other_system() {
    missing=
    have cc || missing="$missing a C compiler,"
    have pg_config || missing="$missing libpq with its headers,"
    have_server || missing="$missing a Postgres server of version 15 to 18,"
    if [ "$goal" != run ]; then
        have hledger || missing="$missing hledger,"
        have bean-check || missing="$missing beancount (bean-check),"
        [ -z "$(missing_python)" ] || missing="$missing Python 3 with venv,"
        have npm || missing="$missing Node with npm,"
    fi
    if [ -n "$missing" ]; then
        fail "this system has neither apt nor Homebrew; please install:${missing%,}"
    fi
}

rust_is_recent() {
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9.]*\).*/\1/p')
    [ -n "$found" ] && at_least "$found" "$wanted"
}

setup_rust() {
    if rust_is_recent; then return 0; fi
    if have rustup; then
        say "updating Rust: found ${found:-no toolchain}, $wanted or later is needed"
        rustup toolchain install stable --profile minimal </dev/null
        rust_is_recent || fail "the chosen toolchain is too old; run: rustup default stable"
    else
        say "installing Rust with rustup: found ${found:-none}, $wanted or later is needed"
        # An older Rust from the system's packages may stay; ours comes first on the path.
        RUSTUP_INIT_SKIP_PATH_CHECK=yes
        export RUSTUP_INIT_SKIP_PATH_CHECK
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y --profile minimal --no-modify-path
        rust_is_recent || fail "Rust $wanted was not found after its installation"
    fi
}

setup_nextest() {
    if cargo nextest --version >/dev/null 2>&1; then return 0; fi
    say "installing cargo-nextest (it is compiled, which takes some minutes)"
    cargo install --locked cargo-nextest </dev/null ||
        say "cargo-nextest could not be installed; the tests will run with cargo test"
}

# Into folder $1 what its package-lock.json names, byte for byte; no script of any package is run.
setup_npm() {
    if [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ]; then return 0; fi
    say "installing with npm: $2"
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund </dev/null >/dev/null)
}

# What the tests of the contract run against a server of theirs.
setup_schemathesis() {
    checker=target/schemathesis
    if "$checker/bin/python" -m pip freeze 2>/dev/null |
        cmp -s - tests/contract/requirements.txt; then return 0; fi
    say "installing with pip: schemathesis, into $checker"
    python3 -m venv --clear "$checker"
    "$checker/bin/python" -m pip install -q --disable-pip-version-check --no-deps \
        -r tests/contract/requirements.txt
}

# The receiver of crates/creditbank/tests/kills/webhooks.rs runs in it.
setup_receiver() {
    receiver=target/receiver
    if "$receiver/bin/python" -c 'import standardwebhooks' 2>/dev/null; then return 0; fi
    say "installing with pip: standardwebhooks, into $receiver"
    python3 -m venv "$receiver"
    "$receiver/bin/python" -m pip install -q --disable-pip-version-check standardwebhooks==1.1.0
}

setup_lints() {
    missing=
    cargo fmt --version >/dev/null 2>&1 || missing="rustfmt"
    cargo clippy --version >/dev/null 2>&1 || missing="$missing clippy"
    if [ -z "$missing" ]; then return 0; fi
    have rustup || fail "missing: $missing; install it from where cargo came from"
    say "installing with rustup: $missing"
    # shellcheck disable=SC2086 # a list of words
    rustup component add $missing </dev/null
}

if [ "$(uname -s)" = Darwin ]; then
    setup_macos
elif have apt-get; then
    setup_debian
else
    check_other_system
fi
setup_rust
if [ "$goal" != run ]; then
    setup_nextest
    setup_receiver
    setup_npm tests/oidc "the identity provider of the tests"
    setup_npm tests/contract "linters of the OpenAPI document"
    setup_schemathesis
fi
if [ "$goal" = check ]; then setup_lints; fi
