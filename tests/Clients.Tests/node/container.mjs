import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { parseDocument } from 'yaml';

// The files that make the container: dockerfile, compose file. Nothing here can run them, so they are read closely.
const [dockerfile, composeFile] = process.argv.slice(2).map(path => readFileSync(path, 'utf8'));

assert.deepEqual(validate(dockerfile), []);
const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
assert.match(last, /^USER (?!root|0)/m);
assert.match(last, /-chiseled\n/);
assert.match(last, /^EXPOSE 80$/m);
assert.match(last, /MODEL_RUNNER_PORT=80\b/);

const document = parseDocument(composeFile, { uniqueKeys: true });
assert.deepEqual([...document.errors, ...document.warnings], []);
const compose = document.toJS();
const server = compose.services['model-runner'];
assert.deepEqual(server.networks.default.aliases, ['model-runner.docker.internal']);
assert.deepEqual(server.ports, ['127.0.0.1:12434:80']);
assert.equal(server.read_only, true);
assert.deepEqual(server.cap_drop, ['ALL']);
assert.ok(!server.privileged);
assert.ok(server.volumes.every(volume => volume.endsWith(':/models:ro')));

// What both files set, for a server that is started in the same way.
const environment = { ...server.environment };
for (const [, name, value] of last.matchAll(/(MODEL_RUNNER_\w+)=(\S+)/g)) {
    environment[name] ??= value;
}
console.log(JSON.stringify(environment));
