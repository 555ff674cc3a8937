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

// What both files set, for a server that is started in the same way.
const environment = { ...server.environment };
for (const [, name, value] of last.matchAll(/\b(MODEL_RUNNER_\w+|MODELS_PATH)=(\S+)/g)) {
    environment[name] ??= value;
}

// Nothing of the host is written to. What the server writes to is in memory or in a volume, which the container's user
// owns because the image's folder of that name is his.
const mounts = server.volumes.map(volume => /^(?<source>.+):(?<target>\/[^:]*?)(?<readOnly>:ro)?$/.exec(volume).groups);
const isNamed = mount => Object.hasOwn(compose.volumes, mount.source);
assert.ok(mounts.every(mount => isNamed(mount) !== Boolean(mount.readOnly)));
const holds = (folder, path) => path === folder || path.startsWith(`${folder}/`);
for (const name of ['MODELS_PATH', 'MODEL_RUNNER_CACHE_DIR']) {
    const path = environment[name];
    const volume = mounts.find(mount => isNamed(mount) && holds(mount.target, path));
    assert.ok(volume || server.tmpfs.some(folder => holds(folder, path)), `${name}=${path} cannot be written`);
    if (volume) assert.match(last, new RegExp(`^COPY .*--chown=\\$APP_UID:\\$APP_UID .*${volume.target}$`, 'm'));
}
console.log(JSON.stringify(environment));
