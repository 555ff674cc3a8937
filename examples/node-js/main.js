import OpenAI from 'openai'; // npm install openai

const client = new OpenAI({
    baseURL: process.env.MODEL_RUNNER_URL ?? 'http://localhost:12434/engines/v1',
    // From a container: 'http://model-runner.docker.internal/engines/v1'
    apiKey: 'not-needed'
});

const response = await client.chat.completions.create({
    model: process.env.MODEL_RUNNER_MODEL ?? 'ai/pocket',
    messages: [
        {
            role: 'user',
            content: 'What are the benefits of containerization?'
        }
    ]
});

console.log(response.choices[0].message.content);
