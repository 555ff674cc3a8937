// Renders one template many times: reads {template, context, rounds} on stdin, writes microseconds a rendering.
import { Template } from "@huggingface/jinja";
import { readFileSync } from "node:fs";

const { template, context, rounds } = JSON.parse(readFileSync(0, "utf8"));
const compiled = new Template(template);
for (let i = 0; i < rounds / 4; i++) compiled.render(context);
const start = process.hrtime.bigint();
let text;
for (let i = 0; i < rounds; i++) text = compiled.render(context);
const elapsed = Number(process.hrtime.bigint() - start) / 1000 / rounds;
process.stdout.write(JSON.stringify({ elapsed, length: text.length }));
