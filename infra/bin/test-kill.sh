#!/usr/bin/env bash
# Kills the shop's processes, PostgreSQL and Redis at random moments while people buy, and looks whether all that was
# promised is true afterwards. Takes about five minutes once everything is built. KILL_SEED repeats a run's dice.
. "$(dirname "$0")/tools.sh"

need rust postgres redis

say "Building the local cloud and the test"
cargo build --package bharatmart-local --package bharatmart-kill --all-features --bins

say "Buying and killing"
exec target/debug/kill-test ${KILL_SEED:+"$KILL_SEED"}
