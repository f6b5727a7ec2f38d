// A server with the demo's catalog for each test, and the other people in the story: rivals in the queue, the operator.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const BINARY = fileURLToPath(new URL("../../target/release/onsale", import.meta.url));
export const ADMIN_KEY = "an-admin-key-for-tests-0123456789";

export class Shop {
  /** Starts a server with these settings, as in `{ "queue.active_limit": 1 }`. */
  static async open(settings = {}) {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: cargo build --release`);
    const shop = new Shop();
    shop.directory = await mkdtemp(join(tmpdir(), "onsale-web-"));
    // Some have to know where the server is before it runs.
    const { listen = "127.0.0.1:0", ...others } = settings;
    const all = { "admin.key": ADMIN_KEY, "queue.session_ttl": "10m", ...others };
    const flags = Object.entries(all).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const place = ["--listen", listen, "--data", join(shop.directory, "data")];
    shop.process = spawn(BINARY, ["serve", "--demo", ...place, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    shop.url = await shop.#ready();
    return shop;
  }

  #ready() {
    return new Promise((resolve, reject) => {
      let [out, log] = ["", ""];
      this.process.stderr.on("data", (chunk) => (log += chunk));
      this.process.stdout.on("data", (chunk) => {
        out += chunk;
        const found = /listening on (\S+)/.exec(out);
        if (found) resolve(found[1]);
      });
      this.process.on("exit", (code) => reject(new Error(`the server ended with ${code}:\n${log}`)));
    });
  }

  async close() {
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    if (this.process.exitCode === null) {
      this.process.kill("SIGKILL");
      await ended;
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  async call(method, path, { token, body, key } = {}) {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = token;
    if (key) headers["Idempotency-Key"] = key;
    const response = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, ...(await response.json()) };
  }

  async admin(method, path, body) {
    const reply = await this.call(method, `/v1/admin${path}`, { token: `Bearer ${ADMIN_KEY}`, body });
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(reply)}`);
    return reply.data;
  }

  /** The default queue, as the operator sees it. */
  async queue() {
    return (await this.admin("GET", "/queues")).find(({ queue }) => queue === "default");
  }

  /** Somebody else in the queue. */
  async rival(userId, queue = "default") {
    const { data } = await this.call("POST", "/v1/api/queue/token", { body: { userId, queue } });
    const call = (method, path, body) => this.call(method, path, { token: data.queueToken, body });
    return { ...data, call, leave: () => call("POST", "/v1/api/queue/token/leave") };
  }
}
