import OpenAI from 'openai';

// The address and the model of the running test.
export const model = process.env.MODEL_RUNNER_MODEL ?? 'ai/smollm2';
export const client = new OpenAI({ baseURL: process.env.MODEL_RUNNER_URL, apiKey: 'not-needed', timeout: 300_000 });
export const messages = [{ role: 'user', content: 'What is a container?' }];
