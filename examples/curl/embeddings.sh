#!/usr/bin/env bash
# A vector of a text.
curl -s "${MODEL_RUNNER_URL:-http://localhost:12434/engines/v1}/embeddings" \
  -H "Content-Type: application/json" \
  -d '{"model": "'"${MODEL_RUNNER_MODEL:-ai/pocket}"'", "input": "Containers share the kernel of their host."}' | jq
