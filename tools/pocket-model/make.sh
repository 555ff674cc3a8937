#!/usr/bin/env bash
# Makes the bundled model from nothing: corpus, vocabulary, training, both exports. Corpus and training are skipped where
# their result is there already, so that a run that was stopped goes on: the trainer from its last checkpoint.
#
# usage: make.sh [BUILD_FOLDER]     default: build, beside this script; CONVERSATIONS=150000, TOKENS="8e6 15e6 17.5e6"
#
# Three trainings, each going on from the one before: to 8 million tokens on the first part of the corpus, to 15 and to 17.5
# on the second. The mean of the last two is what ships.
# A trial of the recipe takes minutes: CONVERSATIONS=2000 TOKENS="4e4 8e4 12e4".
#
# Needs the .NET SDK, and Python with PyTorch. On Debian: apt-get install python3-torch libopenblas0-pthread
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-$here/build}
python=${PYTHON:-/usr/bin/python3}
mkdir -p "$build"

dotnet build -c Release "$here/PocketModel.csproj"
tool() { dotnet "$here/bin/Release/net10.0/ModelRunner.PocketModel.dll" "$@"; }

[ -f "$build/data/held-out.bin.gz" ] || tool corpus "$here/data" "$build/data" "${CONVERSATIONS:-150000}"
tool overlap "$here/data" "$here/evaluation" "${CONVERSATIONS:-150000}" || echo "The seed's own prompts are known to share words with the corpus; others must not."
read -r -a lengths <<< "${TOKENS:-8e6 15e6 17.5e6}"
previous=
for tokens in "${lengths[@]}"; do
  run=$build/run-$tokens
  [ -n "$previous" ] && [ ! -d "$run" ] && cp -r "$previous" "$run" && rm "$run/weights.bin"
  [ -f "$run/weights.bin" ] || "$python" "$here/train.py" "$build/data" "$run" --tokens "$tokens" --resume
  previous=$run
done
tool average "$build/run-${lengths[-2]}" "$previous" "$build/weights"
tool plot "$previous/loss.csv" "$build/loss.svg"
tool gguf "$build/weights" "$build/data" "$here/chat_template.jinja" "$build/export"
dotnet run -c Release --project "$here/../../src/Cli" -- convert "$build/export/pocket.gguf" "$build/export/onnx" --precision int8 --force
echo "Done: $build/export"
