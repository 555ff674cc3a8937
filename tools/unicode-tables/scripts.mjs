// Writes src/Tokenizers/Unicode/scripts.bin from the Unicode database of Node: the script of each code point, which
// .NET does not know. Little-endian: u32 n, then n names (u8 length, ASCII), then u32 m and m ranges, sorted, without
// gaps: u32 first code point << 8 | script. The ranges of "Unknown" are written too.
import { readFileSync, writeFileSync } from "node:fs";

const names = readFileSync(new URL("scripts.txt", import.meta.url), "utf8").trim().split("\n");
const tests = names.map((name) => new RegExp(`^\\p{Script=${name}}$`, "u"));
const ranges = [];
let last = 0;
for (let point = 0; point <= 0x10ffff; point++) {
  const text = String.fromCodePoint(point);
  let script = tests[last].test(text) ? last : tests.findIndex((test) => test.test(text));
  if (script < 0) script = names.indexOf("Unknown");
  if (ranges.length === 0 || (ranges.at(-1) & 0xff) !== script) ranges.push(point * 256 + script);
  last = script;
}

const parts = [];
const number = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); return bytes; };
parts.push(number(names.length));
for (const name of names) parts.push(Buffer.from([name.length]), Buffer.from(name, "latin1"));
parts.push(number(ranges.length), ...ranges.map(number));
const bytes = Buffer.concat(parts);
writeFileSync(new URL("../../src/Tokenizers/Unicode/scripts.bin", import.meta.url), bytes);
console.log(`Unicode ${process.versions.unicode}: ${names.length} scripts, ${bytes.length} bytes`);
