#!/usr/bin/env bash
# Runs each function as its own Lambda process under `cargo lambda watch`, against PostgreSQL and Redis, with the local
# cloud in front of them at http://localhost:8080. Ctrl-C ends all of it; the data stays in data/watch.
#   DATABASE_URL, REDIS_URL   servers of your own; without them a PostgreSQL and a Redis are started here
#   LAMBDA_PORT               the Lambda API's port, 9000 by default
#   WATCH=<function>          build and start this function anew whenever its source changes
. "$(dirname "$0")/tools.sh"

need rust python-tools node-packages
[ -n "${DATABASE_URL:-}" ] || need postgres
[ -n "${REDIS_URL:-}" ] || need redis

ROOT=$PWD/data/watch
mkdir -p "$ROOT/logs"
started=()

# Each in a process group of its own, so that Ctrl-C reaches this script alone and it ends them in order.
start() {
    local log=$ROOT/logs/$1.log
    shift
    set -m
    "$@" >"$log" 2>&1 &
    set +m
    started+=("$!")
}

end_all() {
    trap '' INT TERM
    local i pid
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        pid=${started[i]}
        # PostgreSQL takes INT for "now", the others TERM or INT alike.
        kill -INT -- "-$pid" 2>/dev/null || continue
        for _ in {1..50}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL -- "-$pid" 2>/dev/null || true
    done
}
trap end_all EXIT
trap 'exit 0' INT TERM

free_port() { .tools/venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# until_up <what> <pid> <command that succeeds once it is up>
until_up() {
    local what=$1 pid=$2
    shift 2
    for _ in {1..150}; do
        "$@" >/dev/null 2>&1 && return
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$ROOT/logs/$what.log" >&2
    fail "$what did not start; the whole log is $ROOT/logs/$what.log"
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

start_postgres() {
    local bin folder=$ROOT/postgres port as=()
    bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || dirname "$(command -v initdb)")
    if [ "$(id -u)" = 0 ]; then
        # PostgreSQL refuses to be run by root.
        as=(runuser -u postgres --)
        mkdir -p "$folder"
        chown postgres "$folder"
        if ! "${as[@]}" test -w "$folder"; then
            fail "The user postgres cannot reach $folder. Run this as another user than root, or set DATABASE_URL."
        fi
    fi
    if [ ! -e "$folder/data/PG_VERSION" ]; then
        "${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres --auth trust --locale C -E UTF8 >"$ROOT/logs/initdb.log" ||
            fail "initdb failed: see $ROOT/logs/initdb.log"
    fi
    port=$(free_port)
    start postgres "${as[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -k "" -c listen_addresses=127.0.0.1
    until_up postgres "${started[-1]}" "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U postgres
    "$bin/createdb" -h 127.0.0.1 -p "$port" -U postgres bharatmart 2>/dev/null || true
    export DATABASE_URL=postgresql://postgres@127.0.0.1:$port/bharatmart
}

start_redis() {
    local port
    port=$(free_port)
    mkdir -p "$ROOT/redis"
    # What was queued must outlive the process.
    start redis redis-server --port "$port" --bind 127.0.0.1 --dir "$ROOT/redis" --appendonly yes --appendfsync always --save ''
    until_up redis "${started[-1]}" redis-cli -p "$port" ping
    export REDIS_URL=redis://127.0.0.1:$port
}

say "Building the functions and the local cloud (the first time takes a few minutes)"
# All packages at once, as `cargo run --bin` resolves them: else the first call of each function would build again.
cargo build --bins

say "Starting PostgreSQL and Redis"
[ -n "${DATABASE_URL:-}" ] || start_postgres
[ -n "${REDIS_URL:-}" ] || start_redis
export APP_ENV=${APP_ENV:-development} DEPLOYMENT_MODE=multi-tier DATABASE_TYPE=postgresql WORKER_MODE=redis \
    CACHE_TYPE=redis DATA_DIR=${DATA_DIR:-$ROOT/shop}

say "Starting the functions"
# Where `cargo lambda invoke` looks by itself.
lambda_port=${LAMBDA_PORT:-9000}
start lambda cargo lambda watch --ignore-changes --disable-cors --invoke-address 127.0.0.1 --invoke-port "$lambda_port"
until_up lambda "${started[-1]}" port_answers "$lambda_port"
export LAMBDA_ENDPOINT=http://127.0.0.1:$lambda_port

if [ -n "${WATCH:-}" ]; then
    # A watcher of its own: one for every function would build all of them after each change.
    compgen -G "functions/*/src/bin/$WATCH.rs" >/dev/null || fail "There is no function $WATCH."
    watched_port=$(free_port)
    start watched cargo lambda watch --disable-cors --invoke-address 127.0.0.1 --invoke-port "$watched_port"
    until_up watched "${started[-1]}" port_answers "$watched_port"
    export LAMBDA_WATCHED=$WATCH=http://127.0.0.1:$watched_port
    say "$WATCH starts anew when its source changes; the build is in $ROOT/logs/watched.log"
fi

# Makes the first admin, if there is none yet.
target/debug/bharatmart-local run admin-create >"$ROOT/logs/admin.log" || fail "No admin could be made: see $ROOT/logs/admin.log"

echo "Logs are in $ROOT/logs."
set -m
target/debug/bharatmart-local >"$ROOT/logs/local.log" &
set +m
started+=("$!")
wait "$!"
