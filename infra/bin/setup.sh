#!/usr/bin/env bash
# Sees to it that the tools named are there; without a name, all of them.
#   infra/bin/setup.sh rust python-tools postgres redis node-packages cargo-deny cargo-machete chromium wrk
. "$(dirname "$0")/tools.sh"

if [ $# = 0 ]; then
    set -- rust python-tools postgres redis node-packages cargo-deny cargo-machete chromium wrk
fi
need "$@"
echo "Ready: $*"
