#!/usr/bin/env bash
# deploy.sh ENDPOINT [PARAMETER=value …]: deploys template.yaml with the functions of target/lambda to the AWS emulator
# there, as the stack `bharatmart`, and prints the stack's outputs, a NAME=value a line.
set -euo pipefail

endpoint=$1
# Mail stays in the bucket, where whoever tries the shop finds it.
parameters=(--parameter-overrides MailType=files "${@:2}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="${BHARATMART_TOOLS:-$PWD/.tools/venv/bin}:$PATH"
# The caller's own AWS account must have no part in this.
for name in $(compgen -e | grep -E '^(AWS|SAM_CLI)_' || true); do unset "$name"; done
# The key names the emulator's account: API Gateway answers unsigned requests, a shop's, for this one alone.
export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=test
export AWS_ENDPOINT_URL=$endpoint AWS_DEFAULT_REGION=ap-south-1
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export SAM_CLI_TELEMETRY=0 SAM_CLI_POLL_DELAY=1

missing=$(sed -n 's|.*CodeUri: ../../\(.*\)/$|\1/bootstrap|p' infra/sam/*.yaml | while read -r file; do
    [ -f "$file" ] || echo "  $file"
done)
if [ -n "$missing" ]; then
    printf 'Functions that are not built, run make build:\n%s\n' "$missing" >&2
    exit 1
fi

# sam says what it does on standard output; there, only the outputs are wanted.
sam deploy --template-file template.yaml --stack-name bharatmart --resolve-s3 --no-progressbar \
    --no-confirm-changeset --no-fail-on-empty-changeset --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
    "${parameters[@]}" >&2

python - <<'PYTHON'
import boto3

for output in boto3.client("cloudformation").describe_stacks(StackName="bharatmart")["Stacks"][0]["Outputs"]:
    print(f"{output['OutputKey']}={output['OutputValue']}")
PYTHON
