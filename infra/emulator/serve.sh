#!/usr/bin/env bash
# serve.sh PORT FOLDER: runs the AWS emulator on that port of loopback until it is told to stop. All its files are under
# FOLDER. Nothing is kept of the caller's environment: the emulator hands its own to every function.
set -euo pipefail

port=$1
folder=$(realpath -m "$2")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${BHARATMART_TOOLS:-$here/../../.tools/venv/bin}/python
if [ ! -x "$python" ]; then
    echo "The AWS emulator is not installed. Install it with: infra/bin/setup.sh python-tools" >&2
    exit 1
fi
mkdir -p "$folder"
# Without the two services that are switched off it would take ports of its own, one of them on every address.
exec env -i PATH="$PATH" HOME="$folder" TMPDIR="$folder" LANG=C.UTF-8 \
    GATEWAY_PORT="$port" BIND_HOST=127.0.0.1 MINISTACK_REGION=ap-south-1 S3_DATA_DIR="$folder/s3" \
    AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_EC2_METADATA_DISABLED=true \
    IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 LOG_LEVEL=WARNING \
    "$python" "$here/emulator.py"
