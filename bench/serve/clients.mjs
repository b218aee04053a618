// Asks orchid serve with the JavaScript client of OpenAI; see clients.sh.
import { readFileSync } from "node:fs";
import OpenAI from "openai";

const { version } = JSON.parse(readFileSync(new URL("node_modules/openai/package.json", import.meta.url)));
const model = process.env.ORCHID_MODEL;
const lines = (file) => readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
const texts = lines(process.env.TEXTS).map((l) => Object.values(l)[0]);
const want = lines(process.env.WANT).map((l) => l.embedding);

const bits = (list) => new Uint32Array(Float32Array.from(list).buffer).join();
function say(asks, got) {
  const same = got.length === want.length && got.every((v, i) => bits(v) === bits(want[i]));
  if (!same) process.exitCode = 1;
  console.log(`${("JavaScript openai " + version).padEnd(28)} ${asks.padEnd(32)} ${same ? "yes" : "NO"}`);
}

const client = new OpenAI({ baseURL: process.env.ORCHID_URL + "/v1", apiKey: "none" });
const models = await client.models.list();
if (models.data[0].id !== model) throw new Error(JSON.stringify(models));
const list = (answer) => answer.data.map((d) => d.embedding);
say("a list, by default", list(await client.embeddings.create({ model, input: texts })));
say("a list, float", list(await client.embeddings.create({ model, input: texts, encoding_format: "float" })));
say("one by one", await Promise.all(texts.map(async (input) => list(await client.embeddings.create({ model, input }))[0])));
try {
  await client.embeddings.create({ model: "none", input: "x" });
  process.exitCode = 1;
} catch (e) {
  if (!(e instanceof OpenAI.NotFoundError)) throw e;
}
