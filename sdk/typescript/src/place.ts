import { createParser } from "eventsource-parser";
import type { Schemas } from "./api.js";
import type { Transport } from "./transport.js";

export type Place = Schemas["Place"];

/** The server sends a comment every 15 seconds while nothing changes: after three of these nobody is there. */
const SILENCE_MILLIS = 45_000;

/**
 * Follows a place as the server tells it, until `told` says that it has heard enough. `true` where the stream was lost on the way:
 * another may last longer. `false` where the server gives none, as when it has as many as it may.
 */
export async function follow(transport: Transport, told: (place: Place) => boolean, signal?: AbortSignal): Promise<boolean> {
  const end = new AbortController();
  let silence = setTimeout(() => end.abort(), SILENCE_MILLIS);
  let wasOpen = false;
  try {
    const response = await transport.open("/v1/api/queue/stream", signal ? AbortSignal.any([end.signal, signal]) : end.signal);
    const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
    if (!response.ok || !isStream || !response.body) return false;
    wasOpen = true;
    const places: Place[] = [];
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === "place") places.push(JSON.parse(data) as Place);
      },
    });
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(() => end.abort(), SILENCE_MILLIS);
      parser.feed(decoder.decode(part.value, { stream: true }));
      if (places.splice(0).some(told)) return true;
    }
  } catch (lost) {
    // What follows is a poll, which says what is wrong where something is.
    if (signal?.aborted) throw lost;
  } finally {
    clearTimeout(silence);
    end.abort();
  }
  return wasOpen;
}
