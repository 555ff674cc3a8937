// Renders one template many times: reads {template, context, rounds} on stdin, writes microseconds a rendering, or why it cannot.
import { Template } from "@huggingface/jinja";
import { readFileSync } from "node:fs";

const { template, context, rounds } = JSON.parse(readFileSync(0, "utf8"));
let answer;
try {
    const compiled = new Template(template);
    for (let i = 0; i < rounds / 4; i++) compiled.render(context);
    const start = process.hrtime.bigint();
    let text;
    for (let i = 0; i < rounds; i++) text = compiled.render(context);
    const elapsed = Number(process.hrtime.bigint() - start) / 1000 / rounds;
    answer = { elapsed, text };
} catch (error) {
    answer = { error: String(error.message).split("\n")[0] };
}
process.stdout.write(JSON.stringify(answer));
