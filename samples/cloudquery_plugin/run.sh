#!/bin/sh
# Runs the sample plugin on the real SDK, in a venv of its own, and shows the report of its crash.
#
#     samples/cloudquery_plugin/run.sh
#
# PYTHON may name an interpreter that has the SDK and crashguard already.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
if [ -z "${PYTHON:-}" ]; then
    PYTHON="$root/.venv-cloudquery/bin/python"
    if [ ! -x "$PYTHON" ]; then
        python3.11 -m venv "$root/.venv-cloudquery"
        "$PYTHON" -m pip install --quiet --disable-pip-version-check 'cloudquery-plugin-sdk==0.1.57' -e "$root[cli]"
    fi
fi
"$PYTHON" "$here/client.py"
"$PYTHON" -m crashguard list --app cloudquery-source-weather-sample
