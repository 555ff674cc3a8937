import assert from 'node:assert/strict';
import { client, messages, model } from './client.mjs';

const options = { model, messages, max_completion_tokens: 12, temperature: 0 };
const whole = await client.chat.completions.create(options);
assert.equal(whole.object, 'chat.completion');
assert.equal(whole.model, model);
assert.equal(whole.choices[0].finish_reason, 'length');
assert.equal(whole.choices[0].message.role, 'assistant');
assert.equal(whole.choices[0].message.refusal, null);
assert.equal(whole.usage.completion_tokens, 12);

const stream = await client.chat.completions.create({ ...options, stream: true, stream_options: { include_usage: true } });
let text = '';
let usage;
for await (const chunk of stream) {
    assert.equal(chunk.object, 'chat.completion.chunk');
    text += chunk.choices[0]?.delta?.content ?? '';
    usage = chunk.usage ?? usage;
}
assert.equal(text, whole.choices[0].message.content);
assert.deepEqual(
    [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens],
    [whole.usage.prompt_tokens, 12, whole.usage.prompt_tokens + 12]);

// The helper that puts the chunks together, as applications use it.
const runner = client.chat.completions.stream(options);
assert.equal((await runner.finalChatCompletion()).choices[0].message.content, text);

// Two choices, which differ in nothing at temperature 0.
const two = await client.chat.completions.create({ ...options, n: 2 });
assert.deepEqual(two.choices.map(choice => [choice.index, choice.message.content]), [[0, text], [1, text]]);
