#!/usr/bin/env bash
# Deploys template.yaml to an AWS emulator on this machine, which it starts, seeds the shop there, and says where it
# answers. Run again it deploys what has changed. `deploy-local.sh stop` ends the emulator, and with it all it holds.
. "$(dirname "$0")/tools.sh"

port=${EMULATOR_PORT:-4566}
folder=target/emulator
endpoint=http://127.0.0.1:$port

# The number of a process that is ours, if it still is.
emulator() {
    local pid
    pid=$(cat "$folder/pid" 2>/dev/null) || return 1
    grep -qsa emulator.py "/proc/$pid/cmdline" || return 1
    echo "$pid"
}

stop() {
    local pid
    if ! pid=$(emulator); then
        echo "The emulator is not running."
        return
    fi
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    rm -rf "$folder"
    echo "Stopped the emulator. What was deployed there is gone."
}

start() {
    rm -rf "$folder"
    mkdir -p "$folder"
    if curl --silent --max-time 2 --output /dev/null "$endpoint"; then
        fail "Something else listens on port $port. Take another: EMULATOR_PORT=4567 make deploy-local"
    fi
    # A session of its own, so that Ctrl-C at this terminal does not end it later.
    setsid infra/emulator/serve.sh "$port" "$folder" >"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
    for _ in $(seq 200); do
        curl --silent --fail --output /dev/null "$endpoint/_ministack/ready" && return
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
        sleep 0.1
    done
    cat "$folder/log" >&2
    fail "The emulator did not start."
}

case "${1:-}" in
stop)
    stop
    exit
    ;;
"") ;;
*) fail "usage: infra/bin/deploy-local.sh [stop]" ;;
esac

[ "$(uname)" = Linux ] || fail "The functions are Linux programs, and the emulator runs them on this machine: it needs Linux."
need rust python-tools
infra/bin/build.sh
say "Building what seeds the shop"
cargo build --package bharatmart-seed --all-features

if emulator >/dev/null; then
    port=$(cat "$folder/port")
    endpoint=http://127.0.0.1:$port
else
    say "Starting the AWS emulator on port $port"
    start
    echo "$port" >"$folder/port"
fi

say "Deploying template.yaml"
outputs=$(infra/emulator/deploy.sh "$endpoint")
output() { sed -n "s|^$1=||p" <<<"$outputs"; }

say "Seeding the shop"
shop=(
    env APP_ENV=test DATA_DIR="$folder/data"
    DATABASE_TYPE=dynamodb DYNAMODB_TABLE="$(output TableName)"
    WORKER_MODE=sqs QUEUE_URL_PREFIX="$(output QueueUrlPrefix)"
    BLOBS_TYPE=s3 BLOBS_BUCKET="$(output BucketName)"
    SECRETS_PROVIDER=aws-secrets-manager SECRETS_PREFIX=bharatmart/
    AWS_ENDPOINT_URL="$endpoint" AWS_REGION=ap-south-1 AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=test
)
"${shop[@]}" target/debug/seed

say "Making the first admin"
infra/emulator/admin.sh "$endpoint" >"$folder/admin"

cat <<TEXT

BharatMart is deployed to the AWS emulator. Its API is at
  export API=$endpoint/_aws/execute-api/$(output ApiId)
  curl "\$API/api/v1/products?limit=3"

The admin is admin@bharatmart.example with the password $(cat "$folder/admin"). For a token that lasts a quarter of an hour:
  TOKEN=\$(curl -s \$API/api/v1/auth/login -H 'Content-Type: application/json' \\
    -d '{"email":"admin@bharatmart.example","password":"$(cat "$folder/admin")"}' |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -H "Authorization: Bearer \$TOKEN" …

The emulator's log is $folder/log. To end it: infra/bin/deploy-local.sh stop
TEXT
