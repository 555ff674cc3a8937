import assert from 'node:assert/strict';
import { client, model } from './client.mjs';

const ids = [];
for await (const entry of client.models.list()) {
    ids.push(entry.id);
}
assert.ok(ids.includes(model));
assert.equal((await client.models.retrieve(model)).id, model);
