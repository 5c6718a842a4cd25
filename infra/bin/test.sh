#!/usr/bin/env bash
# Sets up what the tests need, builds the functions they deploy, and runs every test. `--all` adds the long runs: the
# full suites against the deployed stack, the kill test and long simulations.
. "$(dirname "$0")/tools.sh"

if [ "${1:-}" = --all ]; then
    export BHARATMART_TEST_ALL=1
    shift
fi
need rust python-tools postgres redis node-packages
infra/bin/build.sh

say "Building the tests"
cargo test --workspace --all-features --no-run

say "Running the tests"
# One PostgreSQL, one Redis and one AWS emulator for all of them, ended with them.
exec target/debug/with-servers cargo test --workspace --all-features --no-fail-fast "$@"
