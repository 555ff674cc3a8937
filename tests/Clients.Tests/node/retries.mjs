import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { messages, model } from './client.mjs';

// One at a time is served: the first answer is 429, and this program then says so and has room made.
const statuses = [];
const client = new OpenAI({
    baseURL: process.env.MODEL_RUNNER_URL,
    apiKey: 'not-needed',
    maxRetries: 20,
    fetch: async (url, init) => {
        const response = await fetch(url, init);
        statuses.push(response.status);
        if (statuses.length === 1) {
            console.log(`status ${response.status}, retry after ${response.headers.get('retry-after-ms')} ms`);
        }
        return response;
    },
});
const answer = await client.chat.completions.create({ model, messages, max_tokens: 4 });
assert.equal(answer.usage.completion_tokens, 4);
assert.equal(statuses[0], 429);
assert.equal(statuses.at(-1), 200);
