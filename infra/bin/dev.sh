#!/usr/bin/env bash
# Runs the shop in one process with everything embedded, at http://localhost:8080. Settings come from the environment
# and from .env, if there is one; what is given on the command line is passed on.
. "$(dirname "$0")/tools.sh"

need rust node-packages
read_settings
say "Building the local cloud (the first time takes a few minutes)"
cargo build --release --package bharatmart-local --bin bharatmart-local
# Makes the first admin, if there is none yet.
target/release/bharatmart-local run admin-create
exec target/release/bharatmart-local "$@"
