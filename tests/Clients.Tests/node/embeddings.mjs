import assert from 'node:assert/strict';
import { client, model } from './client.mjs';

// Without an encoding the SDK asks for base64 and decodes it.
const decoded = await client.embeddings.create({ model, input: ['hello', 'world'] });
const numbers = await client.embeddings.create({ model, input: ['hello', 'world'], encoding_format: 'float' });
assert.equal(decoded.data.length, 2);
for (const [index, entry] of decoded.data.entries()) {
    const expected = numbers.data[index].embedding;
    assert.equal(entry.embedding.length, expected.length);
    entry.embedding.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-5));
}
