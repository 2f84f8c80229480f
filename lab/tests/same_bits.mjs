// same_bits.mjs WORKER MODULE: the built worker, run by Node.js. Reads lines of `FILE TIMEFRAME` and writes, for each and
// every strategy named in the first line, what the module says of its bits.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";

const [worker, module] = process.argv.slice(2);
let hear;
const waiting = new Map();
globalThis.addEventListener = (_, listener) => (hear = listener);
globalThis.postMessage = ({ id, answer, failure }) => {
  const { resolve, reject } = waiting.get(id);
  if (failure === undefined) resolve(answer);
  else reject(new Error(failure));
};
await import(`data:text/javascript;base64,${readFileSync(worker).toString("base64")}`);

let asked = 0;
function ask(kind, question) {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    hear({ data: { id, kind, question } });
  });
}

await ask("open", { module: new WebAssembly.Module(readFileSync(module)) });
let strategies;
for await (const line of createInterface({ input: process.stdin })) {
  if (!strategies) {
    strategies = line.split(" ");
    continue;
  }
  const [file, timeframe] = line.split(" ");
  const content = readFileSync(file);
  await ask("load", { file: content, timeframe, quote: "" });
  for (const strategy of strategies) {
    process.stdout.write(`${file} ${strategy}\n${await ask("checksums", { strategy })}`);
  }
}
