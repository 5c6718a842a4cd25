#!/usr/bin/env bash
# Measures cold starts, sizes and requests a second on this machine, prints them and writes docs/performance.md. Takes
# about five minutes once everything is built. Nothing else should run meanwhile. `bench.sh scale` measures search over a
# million products instead: about eight minutes, and 4 GB of disk.
. "$(dirname "$0")/tools.sh"

if [ "${1:-}" = scale ]; then
    need rust
    say "Building the bench"
    cargo build --release --package bharatmart-load --bin bench
    say "Building and asking an index of ten thousand products, and one of a million"
    exec target/release/bench scale
fi

need rust python-tools postgres redis wrk
infra/bin/build.sh

say "Building the local cloud and the bench"
cargo build --release --package bharatmart-local --bin bharatmart-local
cargo build --package bharatmart-load --bin bench

say "Measuring"
exec target/debug/bench
