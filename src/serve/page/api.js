// What the page asks of the server that it came from (docs/SERVER.md). Every failure is a Problem.

import { Problem } from "./problem.js";

/**
 * @typedef {import("./types.d.ts").Answer} Answer
 * @typedef {import("./types.d.ts").Device} Device
 * @typedef {import("./types.d.ts").Sentences} Sentences
 * @typedef {import("./types.d.ts").View} View
 */

// Kept by this page alone.
let token = "";

/** @param {string} given */
export function setToken(given) {
  token = given;
}

/** @param {unknown} body @returns {{message: string, param: string | null, code: string | null}} */
function errorOf(body) {
  const error = /** @type {{error?: {message?: string, param?: string, code?: string}}} */ (body)?.error;
  return { message: String(error?.message ?? ""), param: error?.param ?? null, code: error?.code ?? null };
}

/** @param {number} status @param {unknown} body @param {number} retryAfter */
function problemOf(status, body, retryAfter) {
  const { message, param, code } = errorOf(body);
  if (status === 401) return new Problem("token", message);
  if (status === 503 || status === 429) return new Problem("busy", message, retryAfter);
  if (status === 502) return new Problem("archive", message);
  if (status === 413 || code === "image_too_large") return new Problem("tooLarge", message);
  if (param === "image") return new Problem("notAnImage", message);
  return new Problem(status >= 500 ? "server" : "refused", message);
}

/** @param {string} path @param {unknown} body  undefined: a GET @param {AbortSignal} [signal] */
async function send(path, body, signal) {
  /** @type {Record<string, string>} */
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      cache: "no-store",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem("unreachable");
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => null);
  throw problemOf(response.status, said, Number(response.headers.get("Retry-After") ?? 1));
}

/** @param {string} path @param {unknown} body @param {AbortSignal} [signal] */
async function sendForJson(path, body, signal) {
  const response = await send(path, body, signal);
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem("unreachable");
  }
}

/** @returns {Promise<Device>} */
export const device = () => sendForJson("/v1/device", undefined);

/** @param {object} request @param {AbortSignal} signal @returns {Promise<View>} */
export const view = (request, signal) => sendForJson("/v1/view", request, signal);

/** The reader's own answer, for the audit log. @param {number} record @param {string} answer */
export const override = (record, answer) => sendForJson("/v1/override", { record, answer });

/** A list of the archive. @param {string} path @param {AbortSignal} signal */
export const archived = (path, signal) => sendForJson(`/v1/archive/${path}`, undefined, signal);

/** A DICOM file of the archive. @param {import("./types.d.ts").ArchivePath} path @param {AbortSignal} signal */
export async function archivedFile({ study, series, instance }, signal) {
  const path = `/v1/archive/studies/${study}/series/${series}/instances/${instance}`;
  const response = await send(path, undefined, signal);
  try {
    return await response.arrayBuffer();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Problem("unreachable");
  }
}

/** @param {object} request */
export const fileReport = (request) => sendForJson("/v1/archive/report", request);

/** @param {object} request @param {AbortSignal} signal @returns {Promise<Sentences>} */
export const sentences = (request, signal) => sendForJson("/v1/sentences", request, signal);

/**
 * @param {object} request
 * @param {{onText: (piece: string) => void, onAnswer: (answer: Answer) => void}} take
 * @param {AbortSignal} signal
 */
export async function ask(request, take, signal) {
  const response = await send("/v1/ask", { ...request, stream: true }, signal);
  if (!response.body) throw new Problem("cut");
  let isWhole = false;
  for await (const { name, data } of eventsOf(response.body, signal)) {
    if (name === "text") take.onText(data.text);
    if (name === "answer") take.onAnswer(data);
    if (name === "error") throw problemOf(data.error?.code === "busy" ? 503 : 500, data, 1);
    if (name === "done") isWhole = true;
  }
  if (!isWhole) throw new Problem("cut");
}

/**
 * Server-sent events. A connection that breaks ends them.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<{name: string, data: any}>}
 */
async function* eventsOf(body, signal) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch (error) {
      if (signal.aborted) throw error;
      return;
    }
    if (piece.done) return;
    held += piece.value;
    const blocks = held.split("\n\n");
    held = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n");
      const name = lines.find((line) => line.startsWith("event: "))?.slice(7) ?? "message";
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
      if (data.length > 0) yield { name, data: JSON.parse(data.join("\n")) };
    }
  }
}
