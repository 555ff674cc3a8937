#!/usr/bin/env bash
# A chat, answered whole. From a container the address is http://model-runner.docker.internal/engines/v1.
curl -s "${MODEL_RUNNER_URL:-http://localhost:12434/engines/v1}/chat/completions" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "'"${MODEL_RUNNER_MODEL:-ai/pocket}"'",
    "messages": [
      {
        "role": "system",
        "content": "You are a helpful assistant."
      },
      {
        "role": "user",
        "content": "Explain Docker in 100 words."
      }
    ]
  }' | jq
