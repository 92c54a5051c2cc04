#!/bin/sh
# A bad day at StepFun, with curl alone: faults are scripted, the clock is moved, the journal is read.
#
#   sh scenario.sh http://127.0.0.1:8793      beside `stepfun-mock serve`
#
# Prints what it saw; ends with 1 at the first thing that is otherwise.
set -eu

base=${1:?"give the address of the server, as in http://127.0.0.1:8793"}
control=$base/__stepfun_mock

seen() { # seen WHAT EXPECTED ACTUAL
    echo "$1: $3"
    [ "$2" = "$3" ] || { echo "$1 should have been: $2" >&2; exit 1; }
}

order() { # order ROUTE JSON: change something, and be silent where all is well
    curl -sS --fail-with-body -o "$reply" -d "$2" "$control/$1" || { cat "$reply" >&2; exit 1; }
}

draw() { # draw: ask for a picture; gives the status, and leaves the reply in a file
    curl -sS -o "$reply" -w '%{http_code}' "$base/v1/images/generations" \
        -H "Authorization: Bearer any-key" -H "Content-Type: application/json" \
        -d '{"model": "step-image-edit-2", "prompt": "a red fox"}'
}

fetch() { # fetch URL: gives the status
    curl -sS -o /dev/null -w '%{http_code}' "$1"
}

counts() { # counts: how often each status was answered
    curl -sS "$control/journal" | sed 's/.*"statuses":\({[^}]*}\).*/\1/'
}

reply=$(mktemp)
trap 'rm -f "$reply"' EXIT

order reset ''
order faults '[{"fault": "rate_limited", "retry_after": 1}, "overloaded"]'
seen "the first try" 429 "$(draw)"
seen "the second try" 503 "$(draw)"
seen "the third try" 200 "$(draw)"

link=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$reply")
seen "the link" 200 "$(fetch "$link")"
order clock '{"advance": {"hours": 2}}'
seen "the link two hours later" 404 "$(fetch "$link")"

seen "the journal" '{"200":2,"404":1,"429":1,"503":1}' "$(counts)"
order reset ''
seen "the journal after the reset" '{}' "$(counts)"
