#!/usr/bin/env bash
# Puts the first stock into the store that the environment and .env name. Adds only what is missing.
. "$(dirname "$0")/tools.sh"

need rust
read_settings
exec cargo run --release --package bharatmart-seed --bin seed
