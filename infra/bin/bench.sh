#!/usr/bin/env bash
# Measures cold starts, sizes, requests a second, and what a catalogue of a million products costs, prints it all and
# writes docs/performance.md. Takes about fifteen minutes once everything is built, and 4 GB of disk meanwhile. Nothing
# else should run. `bench.sh scale` measures the large catalogue alone; BENCH_PRODUCTS says how large it is.
. "$(dirname "$0")/tools.sh"

products=${BENCH_PRODUCTS:-1000000}

need rust
if [ "${1:-}" != scale ]; then
    need python-tools postgres redis wrk
    infra/bin/build.sh
fi

say "Building the local cloud and the bench"
cargo build --release --package bharatmart-local --package bharatmart-load --bin bharatmart-local --bin bench

if [ "${1:-}" != scale ]; then
    say "Measuring cold starts and sizes"
    target/release/bench functions
    say "Measuring requests a second"
    target/release/bench gateway
    say "Measuring orders and payments"
    target/release/bench checkout
fi

say "Building and asking an index of ten thousand products, and one of $products"
exec target/release/bench scale "$products"
