#!/usr/bin/env bash
# Builds every function as AWS runs it into target/lambda/<name>/bootstrap. What is given on the command line goes to
# `cargo lambda build`: --arm64 for Graviton, --output-format zip for archives.
. "$(dirname "$0")/tools.sh"

need rust python-tools
packages=()
for bins in functions/*/src/bin; do
    packages+=(--package "bharatmart-$(basename "${bins%/src/bin}")")
done

say "Building the functions with the deploy profile"
# A process that aborts when it panics needs no tables to unwind by, and one that is linked to a fixed place nothing to
# relocate when it starts: see docs/adr/0012-small-functions.md.
export RUSTFLAGS="${RUSTFLAGS:-} -C panic=abort -C force-unwind-tables=no -C link-arg=-no-pie"
# cargo-lambda links against the C library of Amazon Linux, whatever this machine has.
cargo lambda build --profile deploy --no-default-features --features aws "${packages[@]}" --bins "$@"

built=$(find target/lambda -mindepth 2 -maxdepth 2 -name 'bootstrap*' | wc -l)
echo "$built functions are in target/lambda"
