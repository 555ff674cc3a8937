#!/usr/bin/env bash
# The throughput of a pull over loopback against Debian's docker-registry: rounds of `curl`, `sha256sum` and `sync` of the
# same blob, and of `modelrunner pull`, in turn. Prints seconds, the peak memory of the server, and the ratio of the medians.
# Use: bench/pull.sh [MiB, 2048 by default] [rounds, 5 by default]. Needs built src/Server and src/Cli, and docker-registry.
set -euo pipefail
cd "$(dirname "$0")/.."
size=${1:-2048} rounds=${2:-5}
folder=$(mktemp -d)
registry=127.0.0.1:5057 server=127.0.0.1:12497 name=localhost:5057/bench/big:v1
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$folder"' EXIT

printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s/registry}}\nhttp: {addr: "%s"}\n' "$folder" "$registry" > "$folder/config.yml"
docker-registry serve "$folder/config.yml" > /dev/null 2>&1 &
MODELS_PATH=$folder/store MODEL_RUNNER_CACHE_DIR=$folder/cache \
  dotnet src/Server/bin/Release/net10.0/ModelRunner.Server.dll --port "${server#*:}" > "$folder/server.log" 2>&1 &
process=$!
export MODEL_RUNNER_HOST=$server
cli() { dotnet src/Cli/bin/Release/net10.0/modelrunner.dll "$@"; }
until curl -sf -o /dev/null "http://$server/health" && curl -sf -o /dev/null "http://$registry/v2/"; do sleep 0.2; done

mkdir "$folder/model"
head -c "$((size << 20))" /dev/urandom > "$folder/model/model.onnx"
echo '{}' > "$folder/model/genai_config.json"
blob=sha256:$(sha256sum "$folder/model/model.onnx" | cut -d' ' -f1)
cli package --folder "$folder/model" "$name" --push > /dev/null
rm "$folder/model/model.onnx"
cli rm "$name" > /dev/null

now() { date +%s.%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
for ((round = 1; round <= rounds; round++)); do
  start=$(now)
  curl -s -o "$folder/copy" "http://$registry/v2/bench/big/blobs/$blob"
  sha256sum "$folder/copy" > /dev/null
  sync "$folder/copy"
  echo "$(now) $start" | awk '{ print $1 - $2 }' | tee -a "$folder/curl" | sed 's/^/curl + sha256sum + sync  /'
  rm "$folder/copy"
  start=$(now)
  cli pull "$name" > /dev/null
  echo "$(now) $start" | awk '{ print $1 - $2 }' | tee -a "$folder/pull" | sed 's/^/modelrunner pull         /'
  cli rm "$name" > /dev/null
done

echo "server, peak resident: $(awk '/VmHWM/ { print $2 / 1024 " MiB" }' "/proc/$process/status")"
echo "$(median < "$folder/curl") $(median < "$folder/pull")" | awk '{ print "ratio of throughputs: " $1 / $2 }'
