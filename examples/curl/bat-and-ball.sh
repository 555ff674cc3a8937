#!/usr/bin/env bash
# A riddle that small models like to get wrong.
curl -s "${MODEL_RUNNER_URL:-http://localhost:12434/engines/v1}/chat/completions" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "'"${MODEL_RUNNER_MODEL:-ai/pocket}"'",
    "messages": [
      {"role": "user", "content": "Baseball bat and a ball cost 1.10 eur. The ball is 1 eur more expensive than a baseball bat. How much the ball costs?"}
    ]
  }' | jq
