#!/usr/bin/env bash
# The same chat as server-sent events, with the usage in the last one.
curl -sN "${MODEL_RUNNER_URL:-http://localhost:12434/engines/v1}/chat/completions" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "'"${MODEL_RUNNER_MODEL:-ai/pocket}"'",
    "messages": [{"role": "user", "content": "Explain Docker in 100 words."}],
    "max_tokens": 200,
    "stream": true,
    "stream_options": {"include_usage": true}
  }'
