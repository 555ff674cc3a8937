#!/usr/bin/env bash
# The models that are served.
curl -s "${MODEL_RUNNER_URL:-http://localhost:12434/engines/v1}/models" | jq
