import os

from openai import OpenAI  # pip install openai

client = OpenAI(
    base_url=os.environ.get("MODEL_RUNNER_URL", "http://localhost:12434/engines/v1"),
    api_key="not-needed",
)

stream = client.chat.completions.create(
    model=os.environ.get("MODEL_RUNNER_MODEL", "ai/pocket"),
    messages=[{"role": "user", "content": "Explain Docker in 100 words."}],
    stream=True,
)
for chunk in stream:
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)
print()
