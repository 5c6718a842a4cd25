#!/usr/bin/env bash
# Runs every check that is not a test, all of them even when one fails, and names those that failed.
. "$(dirname "$0")/tools.sh"

need rust python-tools cargo-deny cargo-machete
failed=()

check() {
    local name=$1
    shift
    say "$name"
    "$@" || failed+=("$name")
}

# The functions link other code when they are built for AWS than when they run at home.
functions=()
for cargo_toml in functions/*/Cargo.toml; do
    functions+=(--package "$(sed -n 's/^name = "\(.*\)"/\1/p' "$cargo_toml" | head -n 1)")
done

lock_is_current() { cargo metadata --locked --format-version 1 >/dev/null; }

no_mirror() {
    # A lock file written behind a registry mirror would send everybody there.
    if grep -n '"resolved"' frontend/package-lock.json | grep -v '"https://registry.npmjs.org/'; then
        echo "frontend/package-lock.json names another host than registry.npmjs.org: run npm install in frontend again"
        return 1
    fi
}

check "format" cargo fmt --all --check
check "clippy" cargo clippy --workspace --all-targets --all-features -- -D warnings
check "clippy, functions for AWS" cargo clippy "${functions[@]}" --no-default-features --features aws -- -D warnings
check "clippy, functions at home" cargo clippy "${functions[@]}" --no-default-features --features local -- -D warnings
check "Cargo.lock" lock_is_current
check "licences, bans, sources" cargo deny --log-level error check bans licenses sources
check "unused dependencies" cargo machete --with-metadata functions infra shared tests
# With the features of the tests, so that they find it and what it needs built.
check "generated files" cargo run --quiet --all-features --bin bharatmart-generate -- --check
check "CloudFormation" cfn-lint template.yaml 'infra/sam/*.yaml'
check "shell scripts" shellcheck --external-sources --source-path=SCRIPTDIR infra/bin/*.sh infra/emulator/*.sh .ci/run
check "package-lock.json" no_mirror

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nFailed:\n' >&2
    printf '  %s\n' "${failed[@]}" >&2
    exit 1
fi
printf '\nEvery check passed.\n'
