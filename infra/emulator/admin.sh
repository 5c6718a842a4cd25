#!/usr/bin/env bash
# admin.sh ENDPOINT: has the deployed shop make its first admin, as a deployment does, and prints the admin's password.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="${BHARATMART_TOOLS:-$PWD/.tools/venv/bin}:$PATH"
# The caller's own AWS account must have no part in this.
for name in $(compgen -e | grep -E '^(AWS|SAM_CLI)_' || true); do unset "$name"; done
export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=test
export AWS_ENDPOINT_URL=$1 AWS_DEFAULT_REGION=ap-south-1
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true

python - <<'PYTHON'
import sys
import boto3

answer = boto3.client("lambda").invoke(FunctionName="bharatmart-admin-create", Payload=b"{}")
if "FunctionError" in answer:
    sys.exit(f"admin-create failed: {answer['Payload'].read().decode()}")
print(boto3.client("secretsmanager").get_secret_value(SecretId="bharatmart/admin-password")["SecretString"])
PYTHON
