// Serves a GenAI folder over HTTP with @huggingface/transformers, as a program that uses it would: requests that come
// together, up to BATCH, are one static batch. Prompts are token ids of equal length; answers stream as OpenAI's do.
//   node serve.mjs FOLDER PORT BATCH
import { AutoModelForCausalLM, BaseStreamer, Tensor, env } from '@huggingface/transformers';
import { cpSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [folder, port, batchSize] = process.argv.slice(2);
const home = prepare(folder);
process.on('exit', () => rmSync(home, { recursive: true }));
process.on('SIGTERM', () => process.exit(0));
env.allowRemoteModels = false;
env.localModelPath = home;
const model = await AutoModelForCausalLM.from_pretrained('model', { dtype: 'fp32', device: 'cpu' });

let waiting = [];
let isBusy = false;
createServer(async (request, response) => {
    if (request.method === 'GET') {
        response.end('ok');
        return;
    }

    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    waiting.push({ body, response });
    if (!isBusy && waiting.length >= Number(batchSize)) await generate();
}).listen(Number(port), '127.0.0.1');

async function generate() {
    isBusy = true;
    const batch = waiting;
    waiting = [];
    const length = batch[0].body.prompt.length;
    const ids = new Tensor('int64', BigInt64Array.from(batch.flatMap(entry => entry.body.prompt.map(BigInt))), [batch.length, length]);
    const mask = new Tensor('int64', new BigInt64Array(batch.length * length).fill(1n), [batch.length, length]);
    const count = batch[0].body.max_tokens;
    await model.generate({
        input_ids: ids,
        attention_mask: mask,
        max_new_tokens: count,
        // No token ends it: both sides generate the same number.
        eos_token_id: -1,
        do_sample: false,
        streamer: new Chunks(batch.map(entry => entry.response)),
    });
    for (const { response } of batch) response.end('data: [DONE]\n\n');
    isBusy = false;
}

/** One chunk for each row and step, of the size that ours have. */
class Chunks extends BaseStreamer {
    constructor(responses) {
        super();
        this.responses = responses;
        this.isPrompt = true;
    }

    put(rows) {
        // The prompt comes first.
        if (this.isPrompt) {
            this.isPrompt = false;
            return;
        }

        for (const [row, response] of this.responses.entries()) {
            const chunk = { id: 'cmpl', object: 'text_completion', created: 0, model: 'bench', choices: [{ index: 0, text: `${rows[row].at(-1)}`, logprobs: null, finish_reason: null }] };
            response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        }
    }

    end() {}
}

/** The names and the config.json that the library looks for, beside links to the very same graph and weights. */
function prepare(source) {
    const { model } = JSON.parse(readFileSync(join(source, 'genai_config.json')));
    const target = mkdtempSync(join(tmpdir(), 'transformers-'));
    const onnx = join(target, 'model', 'onnx');
    mkdirSync(onnx, { recursive: true });
    for (const name of ['model.onnx', 'model.onnx.data']) {
        try {
            linkSync(join(source, name), join(onnx, name));
        } catch {
            cpSync(join(source, name), join(onnx, name));
        }
    }

    writeFileSync(join(target, 'model', 'config.json'), JSON.stringify({
        model_type: 'llama',
        architectures: ['LlamaForCausalLM'],
        vocab_size: model.vocab_size,
        hidden_size: model.decoder.hidden_size,
        num_attention_heads: model.decoder.num_attention_heads,
        num_key_value_heads: model.decoder.num_key_value_heads,
        num_hidden_layers: model.decoder.num_hidden_layers,
        head_dim: model.decoder.head_size,
    }));
    writeFileSync(join(target, 'model', 'generation_config.json'), '{}');
    return target;
}
