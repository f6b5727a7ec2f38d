// The same as receive.py with the official library of npm; keys of Ed25519 (whpk_…), which that does not know, are verified by Node's
// own. The first argument is the package whose modules it uses.
import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { Webhook } = createRequire(process.argv[2])("standardwebhooks");
const ED25519 = Buffer.from("302a300506032b6570032100", "hex");

let answer = { status: 204, retryAfter: null, slow: 0 };
const messages = [];

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const told = answer;
    messages.push({ headers: request.headers, body: Buffer.concat(parts).toString(), status: told.status });
    setTimeout(() => {
      if (told.status === 0) return request.socket.destroy();
      const headers = told.retryAfter ? { "Retry-After": told.retryAfter } : {};
      response.writeHead(told.status, headers).end();
    }, told.slow * 1000);
  });
});

function verifies(key, { headers, body }) {
  if (key.startsWith("whpk_")) {
    const der = Buffer.concat([ED25519, Buffer.from(key.slice(5), "base64")]);
    const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
    const content = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
    const signed = headers["webhook-signature"].split(" ").filter((part) => part.startsWith("v1a,"));
    return signed.some((part) => verify(null, content, publicKey, Buffer.from(part.slice(4), "base64")));
  }
  try {
    new Webhook(key).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: server.address().port }));
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const told = JSON.parse(line);
      if (told.answer) {
        answer = { retryAfter: null, slow: 0, ...told.answer };
        console.log("{}");
        return;
      }
      const shown = messages.map((message) => ({
        id: message.headers["webhook-id"],
        contentType: message.headers["content-type"],
        signatures: message.headers["webhook-signature"].split(" ").length,
        status: message.status,
        event: JSON.parse(message.body),
        verified: told.verify.map((key) => verifies(key, message)),
      }));
      console.log(JSON.stringify(shown));
    })
    .on("close", () => process.exit(0));
});
