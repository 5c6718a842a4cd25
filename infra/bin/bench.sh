#!/usr/bin/env bash
# Measures cold starts, sizes and requests a second on this machine, prints them and writes docs/performance.md. Takes
# about five minutes once everything is built. Nothing else should run meanwhile.
. "$(dirname "$0")/tools.sh"

need rust python-tools postgres redis wrk
infra/bin/build.sh

say "Building the local cloud and the bench"
cargo build --release --package bharatmart-local --bin bharatmart-local
cargo build --package bharatmart-load --bin bench

say "Measuring"
exec target/debug/bench
