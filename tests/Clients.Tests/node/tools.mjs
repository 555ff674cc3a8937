import assert from 'node:assert/strict';
import OpenAI from 'openai';

// Every model writes its calls in another way; the SDK's helpers must not see a difference.
const client = new OpenAI({ baseURL: process.env.MODEL_RUNNER_URL, apiKey: 'not-needed', timeout: 300_000 });
const messages = [{ role: 'user', content: 'How is the weather in Paris?' }];
const parameters = { type: 'object', properties: { city: { type: 'string', description: 'The city' } }, required: ['city'], additionalProperties: false };

for (const model of process.env.MODEL_RUNNER_MODELS.split(',')) {
    const tools = [{ type: 'function', function: { name: 'get_weather', description: 'The weather', strict: true, parameters } }];
    const whole = await client.chat.completions.create({ model, messages, tools });
    const [call] = whole.choices[0].message.tool_calls;
    assert.equal(whole.choices[0].finish_reason, 'tool_calls', model);
    assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Paris' }, model);

    // The accumulator of streams.
    const stream = client.chat.completions.stream({ model, messages, tools });
    const seen = [];
    stream.on('tool_calls.function.arguments.delta', event => seen.push(event.arguments_delta));
    const final = await stream.finalChatCompletion();
    const [streamed] = final.choices[0].message.tool_calls;
    assert.equal(streamed.function.arguments, call.function.arguments, model);
    assert.equal(seen.join(''), call.function.arguments, model);
    assert.deepEqual(streamed.function.parsed_arguments, { city: 'Paris' }, model);

    // The loop that calls functions, with and without streaming.
    for (const isStreaming of [false, true]) {
        const asked = [];
        const runner = client.chat.completions.runTools({
            model,
            messages,
            stream: isStreaming,
            tools: [{
                type: 'function',
                function: {
                    name: 'get_weather', description: 'The weather', parameters, parse: JSON.parse,
                    function: given => { asked.push(given); return process.env.MODEL_RUNNER_RESULT; },
                },
            }],
        });
        const last = await runner.finalMessage();
        assert.deepEqual(asked, [{ city: 'Paris' }], model);
        assert.equal(last.role, 'assistant', model);
        assert.equal(last.content, process.env.MODEL_RUNNER_FINAL, model);
    }
}
