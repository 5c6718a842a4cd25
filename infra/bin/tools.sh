# shellcheck shell=bash
# Sourced by the scripts beside it: goes to the top of the checkout, puts the project's own tools on PATH, and gives
# them `need`, which sees to it that a tool is there. What it installs goes to .tools or node_modules; a system package
# only when you are root (or in CI, by sudo). Otherwise it names the one command to type.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PWD/.tools/bin:$PWD/.tools/venv/bin:$PATH"

# Versions of what does not come from PyPI (requirements.txt), npm (package-lock.json) or the system.
CARGO_DENY=0.20.2
CARGO_MACHETE=0.9.2
OLDEST_PYTHON=3.10
OLDEST_NODE=20

# What comes next, and how long it took until here.
say() { printf '\n\033[1m== %s\033[0m (after %d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# Settings for a program that is run from here: .env, if there is one.
read_settings() {
    [ -f .env ] || return 0
    say "Reading settings from .env"
    set -a
    # shellcheck disable=SC1091
    . ./.env
    set +a
}

# need rust python-tools postgres …
need() {
    local what
    for what in "$@"; do
        "need_${what//-/_}"
    done
}

need_rust() {
    has cargo || fail "Rust is missing. Install it with: curl -sSf https://sh.rustup.rs | sh"
    local oldest have
    oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    have=$(cargo --version | cut -d' ' -f2)
    at_least "$have" "$oldest" && return
    if ! has rustup; then
        fail "Rust $have is too old, $oldest is needed. Install it with: curl -sSf https://sh.rustup.rs | sh"
    fi
    say "Installing Rust $oldest beside $have"
    rustup toolchain install "$oldest" --profile minimal --component clippy --component rustfmt
    export RUSTUP_TOOLCHAIN=$oldest
}

need_python_tools() {
    cmp -s infra/bin/requirements.txt .tools/venv/requirements.txt && return
    local python
    python=$(newest_python)
    say "Installing the tools of infra/bin/requirements.txt into .tools/venv"
    make_venv "$python"
    .tools/venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement infra/bin/requirements.txt
    # Written last: a run that was cut short starts again.
    cp infra/bin/requirements.txt .tools/venv/requirements.txt
}

newest_python() {
    local python
    for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        if has "$python" && at_least "$("$python" -c 'import platform; print(platform.python_version())')" $OLDEST_PYTHON; then
            echo "$python"
            return
        fi
    done
    system_package python3 "Python $OLDEST_PYTHON or newer" >&2
    echo python3
}

# Debian's python3 comes without ensurepip, so that `venv` fails halfway.
make_venv() {
    rm -rf .tools/venv
    if "$1" -c 'import ensurepip' 2>/dev/null; then
        "$1" -m venv .tools/venv
    elif "$1" -m pip --version >/dev/null 2>&1; then
        "$1" -m venv --without-pip .tools/venv
        "$1" -m pip --python .tools/venv/bin/python install --quiet pip
    else
        system_package python3-venv "Python's venv"
        "$1" -m venv .tools/venv
    fi
}

need_node_packages() {
    has node || system_package nodejs "Node.js $OLDEST_NODE or newer"
    has npm || system_package npm "npm"
    at_least "$(node --version | tr -d v)" $OLDEST_NODE ||
        fail "Node.js $(node --version) is too old, $OLDEST_NODE is needed. Install it from https://nodejs.org"
    cmp -s frontend/package-lock.json frontend/node_modules/.installed-lock.json && return
    say "Installing the packages of frontend/package-lock.json"
    npm ci --prefix frontend --no-audit --no-fund
    cp frontend/package-lock.json frontend/node_modules/.installed-lock.json
}

need_postgres() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return
    has initdb || system_package postgresql "PostgreSQL"
}

need_redis() { has redis-server || system_package redis-server "Redis" redis; }
need_wrk() { has wrk || system_package wrk "wrk, the load generator"; }
need_chromium() { has chromium || has chromium-browser || has google-chrome || system_package chromium "Chromium"; }
need_cargo_deny() { cargo_tool cargo-deny "$CARGO_DENY"; }
need_cargo_machete() { cargo_tool cargo-machete "$CARGO_MACHETE"; }

# A debug build does the same checks in seconds and takes a third of the time to make.
cargo_tool() {
    [ "$(".tools/bin/$1" --version 2>/dev/null | grep -oE '[0-9.]+$')" = "$2" ] && return
    need rust
    say "Building $1 $2 into .tools (two minutes, once)"
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug --locked --force --root .tools "$1@$2"
}

# system_package <apt's name> <what to call it> [brew's name]
system_package() {
    if has apt-get; then
        if [ "$(id -u)" = 0 ]; then
            apt_install "$1"
        elif [ -n "${CI:-}" ] && sudo -n true 2>/dev/null; then
            apt_install "$1" sudo
        else
            fail "$2 is missing. Install it with: sudo apt-get install -y $1"
        fi
    elif has brew; then
        fail "$2 is missing. Install it with: brew install ${3:-$1}"
    else
        fail "$2 is missing. Install your system's package of it (Debian's is called $1)."
    fi
}

apt_install() {
    say "Installing Debian's package $1"
    ${2:-} env DEBIAN_FRONTEND=noninteractive apt-get update -q
    ${2:-} env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$1"
}

# at_least 1.96.0 1.95
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }
