// Reads {tokenizer, texts} from the file that the argument names, and prints the token ids of each text.
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";

const { tokenizer, config, texts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const encoder = new Tokenizer(tokenizer, config);
const ids = texts.map((text) => Array.from(encoder.encode(text, { add_special_tokens: false }).ids));
process.stdout.write(JSON.stringify(ids));
