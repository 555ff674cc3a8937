import assert from 'node:assert/strict';
import { client, messages, model } from './client.mjs';

// Left by break, and by the controller: either way the server is asked no more.
for (const leave of [() => {}, stream => stream.controller.abort()]) {
    const stream = await client.chat.completions.create({ model, messages, max_tokens: 400, stream: true });
    let count = 0;
    for await (const _ of stream) {
        if (++count === 3) {
            leave(stream);
            break;
        }
    }
    assert.equal(count, 3);
}
