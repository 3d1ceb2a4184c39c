// The openai package for JavaScript, as it is, against a running `serve`.
//
// Run: npm install openai, then  node tools/compare/openai_client.mjs http://127.0.0.1:8080/v1
// from the folder that has it, or with NODE_PATH naming its node_modules.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.NODE_PATH ?? join(process.cwd(), "node_modules"), "x"));
const OpenAI = require("openai");

const pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC";
const client = new OpenAI({ baseURL: process.argv[2], apiKey: "none", maxRetries: 0 });
const model = (await client.models.list()).data[0].id;
const user = (url) => ({ role: "user", content: [{ type: "image_url", image_url: { url } },
  { type: "text", text: "What is seen?" }] });
const ask = (more, url = pixel) =>
  client.chat.completions.create({ model, messages: [user(url)], max_tokens: 24, ...more });

const whole = await ask({});
const text = whole.choices[0].message.content;
assert.ok(text.length > 0 && whole.usage.completion_tokens > 0);
let streamed = "";
let usage = null;
for await (const chunk of await ask({ stream: true, stream_options: { include_usage: true } })) {
  streamed += chunk.choices[0]?.delta.content ?? "";
  usage = chunk.usage ?? usage;
}
assert.equal(streamed, text);
assert.deepEqual(usage, whole.usage);
const runner = client.chat.completions.stream({ model, messages: [user(pixel)], max_tokens: 24 });
assert.equal(await runner.finalContent(), text);
const several = await ask({ n: 2, temperature: 1, seed: 3 });
assert.deepEqual(several.choices.map((choice) => choice.index), [0, 1]);
const tokens = (await ask({ logprobs: true, top_logprobs: 2 })).choices[0].logprobs.content;
assert.equal(Buffer.concat(tokens.map((one) => Buffer.from(one.bytes))).toString(), text);
const forced = await ask({ response_format: { type: "json_schema", json_schema: { name: "answer", schema: {
  type: "object", properties: { letter: { type: "string", enum: ["A", "B"] } }, required: ["letter"],
  additionalProperties: false } } } });
assert.ok(["A", "B"].includes(JSON.parse(forced.choices[0].message.content).letter));
await assert.rejects(ask({ n: 99 }), (error) => error instanceof OpenAI.BadRequestError && error.param === "n");
await assert.rejects(ask({}, "https://example.org/x.png"), (error) => error.param === "messages");
await assert.rejects(client.chat.completions.create({ model: "another", messages: [user(pixel)] }),
  (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found");
console.log("openai", require("openai/version").VERSION, "is content");
