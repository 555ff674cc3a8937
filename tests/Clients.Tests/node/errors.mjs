import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { client, messages, model } from './client.mjs';

await assert.rejects(client.chat.completions.create({ model: 'gpt-5-mini', messages }), error => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    assert.ok(error.requestID);
    return true;
});
await assert.rejects(client.chat.completions.create({ model, messages, temperature: 7 }), error => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'temperature');
    assert.equal(error.type, 'invalid_request_error');
    return true;
});
await assert.rejects(client.chat.completions.create({ model, messages: [] }), OpenAI.BadRequestError);
