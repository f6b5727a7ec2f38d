import { createParser } from "eventsource-parser";
import type { Schemas } from "./api.js";
import type { Transport } from "./transport.js";

export type Place = Schemas["Place"];

/** The server sends a comment every 15 seconds while nothing changes: after three of these nobody is there. */
const SILENCE_MILLIS = 45_000;

/** A place as the server's stream tells it, the first at once, until the stream is lost. None, where the server gives no stream. */
export async function* places(transport: Transport, signal?: AbortSignal): AsyncGenerator<Place, void> {
  const end = new AbortController();
  let silence = setTimeout(() => end.abort(), SILENCE_MILLIS);
  try {
    const response = await transport.open("/v1/api/queue/stream", signal ? AbortSignal.any([end.signal, signal]) : end.signal);
    const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
    if (!response.ok || !isStream || !response.body) return;
    const heard: Place[] = [];
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === "place") heard.push(JSON.parse(data) as Place);
      },
    });
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(() => end.abort(), SILENCE_MILLIS);
      parser.feed(decoder.decode(part.value, { stream: true }));
      yield* heard.splice(0);
    }
  } catch (lost) {
    // What follows is a poll, which says what is wrong where something is.
    if (signal?.aborted) throw lost;
  } finally {
    clearTimeout(silence);
    end.abort();
  }
}
