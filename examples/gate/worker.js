// A gate before a site, as a Worker at an edge: Cloudflare's, or workerd by itself (workerd.capnp). Passes are verified here, by the public
// keys. The gate is asked where there is no good pass, and about each session at least once in ASK_EVERY_S, which keeps it alive: well within
// `queue.session_idle` and half of `gate.pass_ttl`.
const decode = (part) => Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const json = (part) => JSON.parse(new TextDecoder().decode(decode(part)));

let keys = new Map();
let keysAt = 0;
/** When the gate said last of a pass that its session is inside. */
const asked = new Map();

/** The public key of this id. Whoever names one that there is not has the keys fetched once in half a minute at most. */
const keyOf = async (kid, env, now) => {
  if (now - keysAt > (keys.has(kid) ? 300 : 30)) {
    keysAt = now;
    try {
      const { keys: set } = await (await fetch(`${env.GATE}/keys`, { signal: AbortSignal.timeout(1000) })).json();
      const load = async ({ kid, kty, crv, x }) => [kid, await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"])];
      keys = new Map(await Promise.all(set.map(load)));
    } catch { /* Those of before stay. */ }
  }
  return keys.get(kid);
};

/** What a pass says; null where it is none, none of this site, or has expired. */
const read = async (pass, env, now) => {
  try {
    const [head, body, signature, ...rest] = pass.split(".");
    const { alg, typ, kid } = json(head);
    if (alg !== "EdDSA" || typ !== "onsale-gate+jwt" || rest.length > 0) return null;
    const key = await keyOf(kid, env, now);
    const bytes = new TextEncoder().encode(`${head}.${body}`);
    if (!key || !(await crypto.subtle.verify("Ed25519", key, decode(signature), bytes))) return null;
    const claims = json(body);
    return claims.aud === env.ORIGIN && now < claims.exp ? claims : null;
  } catch {
    return null;
  }
};

/** What the gate says of a request; null where it says nothing for two seconds, or cannot tell. */
const ask = async (request, url, env) => {
  const headers = { "X-Original-URI": url.pathname + url.search, "X-Original-Method": request.method };
  for (const name of ["Cookie", "Accept"]) if (request.headers.has(name)) headers[name] = request.headers.get(name);
  try {
    const answer = await fetch(env.GATE, { headers, redirect: "manual", signal: AbortSignal.timeout(2000) });
    return answer.status === 204 || answer.status === 401 ? answer : null;
  } catch {
    return null;
  }
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const now = Date.now() / 1000;
    // Where a code becomes a pass.
    if (url.pathname === "/.onsale/enter") {
      const to = new Request(`${env.GATE}/enter${url.search}`, { headers: request.headers, redirect: "manual", signal: AbortSignal.timeout(10000) });
      return fetch(to).catch(() => new Response(null, { status: 503, headers: { "Retry-After": "5" } }));
    }
    const site = async (session, renewed) => {
      const to = new Request(env.SITE ? env.SITE + url.pathname + url.search : request, request);
      to.headers.delete("Onsale-Session");
      if (session) to.headers.set("Onsale-Session", session);
      const answer = await fetch(to, { redirect: "manual" });
      if (!renewed) return answer;
      const response = new Response(answer.body, answer);
      response.headers.append("Set-Cookie", renewed);
      return response;
    };
    // Pictures and styles need no gate.
    if (/^\/static\/[\w./-]*$/.test(url.pathname)) return site();

    const name = `${env.ORIGIN.startsWith("https:") ? "__Host-" : ""}onsale-pass=`;
    const cookies = (request.headers.get("Cookie") ?? "").split(/; */);
    const pass = cookies.find((cookie) => cookie.startsWith(name))?.slice(name.length) ?? "";
    const claims = await read(pass, env, now);
    if (claims && now - Math.max(claims.iat, asked.get(pass) ?? 0) < env.ASK_EVERY_S) return site(claims.sid);

    const answer = await ask(request, url, env);
    if (answer?.status === 204) {
      if (asked.size > 10000) asked.clear();
      if (claims) asked.set(pass, now);
      return site(answer.headers.get("Onsale-Session"), answer.headers.get("Set-Cookie"));
    }
    if (answer) return new Response(null, { status: 302, headers: { Location: answer.headers.get("Location"), "Cache-Control": "no-store" } });
    // While the gate is gone a pass is good until it expires. For the others: closed, or open.
    if (claims || env.FAIL === "open") return site(claims?.sid);
    return new Response(null, { status: 503, headers: { "Retry-After": "5" } });
  },
};
