#!/usr/bin/env bash
# Builds the search index anew from the store that the environment and .env name, for all shops. The index in force
# serves until the new one takes over, and is kept up meanwhile. On AWS, invoke the function search-rebuild instead.
. "$(dirname "$0")/tools.sh"

need rust
read_settings
cargo build --release --package bharatmart-local --bin bharatmart-local
exec target/release/bharatmart-local run search-rebuild
