import assert from 'node:assert/strict';
import { client, messages, model } from './client.mjs';

const schema = {
    type: 'object',
    properties: { answer: { enum: ['yes', 'no'] }, count: { type: 'integer', minimum: 0, maximum: 99 } },
    required: ['answer', 'count'],
    additionalProperties: false,
};
const completion = await client.chat.completions.parse({
    model,
    messages,
    max_completion_tokens: 300,
    // A model that was never trained may go on with blanks between two words for long: not by this seed.
    seed: 7,
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
});
const [choice] = completion.choices;
assert.equal(choice.finish_reason, 'stop');
assert.deepEqual(Object.keys(choice.message.parsed), ['answer', 'count']);
assert.ok(['yes', 'no'].includes(choice.message.parsed.answer));
assert.ok(choice.message.parsed.count >= 0 && choice.message.parsed.count <= 99);

await assert.rejects(
    client.chat.completions.create({
        model,
        messages,
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { $ref: '#/nowhere' } } },
    }),
    error => error.status === 400 && error.param === 'response_format' && error.message.includes('$ref'));
