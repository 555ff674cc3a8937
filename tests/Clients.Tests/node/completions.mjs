import assert from 'node:assert/strict';
import { client, model } from './client.mjs';

const options = { model, prompt: ['Once', 'upon'], max_tokens: 5, temperature: 0, echo: true, logprobs: 1 };
const whole = await client.completions.create(options);
assert.equal(whole.object, 'text_completion');
assert.deepEqual(whole.choices.map(choice => choice.index), [0, 1]);
assert.ok(whole.choices[0].text.startsWith('Once'));
assert.equal(whole.choices[0].logprobs.tokens.length, whole.choices[0].logprobs.token_logprobs.length);

const texts = ['', ''];
for await (const chunk of await client.completions.create({ ...options, stream: true })) {
    for (const choice of chunk.choices) {
        texts[choice.index] += choice.text;
    }
}
assert.deepEqual(texts, whole.choices.map(choice => choice.text));
