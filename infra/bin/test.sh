#!/usr/bin/env bash
# Sets up what the tests need, builds the functions they deploy, and runs every test. `--all` takes the long way
# where there is one: ten times as many commits are compared between the engines, the simulated shop lives through
# a hundred thousand days, and a real one is killed while people buy.
. "$(dirname "$0")/tools.sh"

if [ "${1:-}" = --all ]; then
    export BHARATMART_TEST_ALL=1
    shift
fi
need rust python-tools postgres redis node-packages
infra/bin/build.sh

# Not the functions' own three lines: a test program of each would be a hundred programs without a test.
tests=(--workspace --all-features --lib --test '*')
say "Building the programs and the tests"
cargo build --workspace --all-features --bins
cargo test "${tests[@]}" --no-run

if [ -n "${BHARATMART_TEST_ALL:-}" ]; then
    say "Living through a hundred thousand simulated days"
    cargo run --release --package bharatmart-simulation --bin simulate -- --seeds 100000
    infra/bin/test-kill.sh
fi

say "Running the tests"
# One PostgreSQL, one Redis and one AWS emulator for all of them, ended with them.
exec target/debug/with-servers cargo test "${tests[@]}" --no-fail-fast "$@"
