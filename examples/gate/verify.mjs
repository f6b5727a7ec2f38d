// Verifies passes with the public keys alone, in Node from 20 on: for a site that asks its gate seldom, or not at all.
import { createPublicKey, verify } from "node:crypto";

const decode = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));

/** The public keys of a gate by their ids, from what `GET /v1/gate/NAME/keys` gives. */
export const keysOf = (set) => new Map(set.keys.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]));

/**
 * What a pass says; `null` where it is none, none of this site, or has expired. A `kid` that is not among the keys is a reason to fetch them
 * again, once a minute at most.
 */
export const read = (pass, keys, site, now = Date.now() / 1000) => {
  try {
    const [head, body, signature, ...rest] = pass.split(".");
    const { alg, typ, kid } = decode(head);
    const key = keys.get(kid);
    const is_signed = alg === "EdDSA" && typ === "onsale-gate+jwt" && key && rest.length === 0 &&
      verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"));
    const claims = is_signed ? decode(body) : null;
    return claims && claims.aud === site && now < claims.exp ? claims : null;
  } catch {
    return null;
  }
};

// node verify.mjs KEYS.json https://shop.example PASS
if (process.argv[1]?.endsWith("verify.mjs")) {
  const { readFileSync } = await import("node:fs");
  const [, , file, site, pass] = process.argv;
  if (!site) {
    console.error("usage: node verify.mjs KEYS.json https://shop.example PASS");
    process.exit(1);
  }
  const claims = read(pass ?? "", keysOf(JSON.parse(readFileSync(file, "utf8"))), site);
  console.log(claims ? JSON.stringify(claims) : "refused");
  process.exitCode = claims ? 0 : 1;
}
