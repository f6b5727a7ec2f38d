// A real server with the demo's catalog, and a connection to it that can be cut.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The top of the repository: compiled tests are two directories below the package. */
export const TOP = new URL("../../../../", import.meta.url);
export const ADMIN_KEY = "an-admin-key-for-tests-0123456789";

export class Server {
  url = "";
  readonly #settings: Record<string, string | number>;
  #directory = "";
  #process: ChildProcess | undefined;

  private constructor(settings: Record<string, string | number>) {
    this.#settings = { "admin.key": ADMIN_KEY, ...settings };
  }

  static async start(settings: Record<string, string | number> = {}): Promise<Server> {
    const server = new Server(settings);
    server.#directory = await mkdtemp(join(tmpdir(), "onsale-sdk-"));
    await server.#run("127.0.0.1:0");
    return server;
  }

  /** Starts it again where it was. */
  start(): Promise<void> {
    return this.#run(new URL(this.url).host);
  }

  async #run(listen: string): Promise<void> {
    const flags = Object.entries(this.#settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const program = new URL("target/release/onsale", TOP).pathname;
    const args = ["serve", "--demo", "--listen", listen, "--data", join(this.#directory, "data"), ...flags];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    this.url = await new Promise((resolve, reject) => {
      let [out, log] = ["", ""];
      child.stderr.on("data", (part) => (log += part));
      child.stdout.on("data", (part) => {
        const found = /listening on (\S+)/.exec((out += part));
        if (found) resolve(found[1]!);
      });
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`the server ended with ${code}:\n${log}`)));
    });
  }

  pause(): void {
    this.#process!.kill("SIGSTOP");
  }

  goOn(): void {
    this.#process!.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    const ended = once(this.#process!, "exit");
    this.#process!.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** A connection to a server that can be cut where it hurts: when the server has answered, and nobody has heard it. */
export class Line {
  url = "";
  /** Requests to an address with this in it are done by the server, and their next answer is lost. */
  #lost: string | undefined;
  losses = 0;
  readonly #sockets = new Set<Socket>();
  readonly #listener = createServer((near) => this.#join(near));
  readonly #far: URL;

  private constructor(far: string) {
    this.#far = new URL(far);
  }

  static async to(far: string): Promise<Line> {
    const line = new Line(far);
    line.#listener.listen(0, "127.0.0.1");
    await once(line.#listener, "listening");
    line.url = `http://127.0.0.1:${(line.#listener.address() as AddressInfo).port}`;
    return line;
  }

  loseNextAnswerTo(path: string): void {
    this.#lost = path;
  }

  #join(near: Socket): void {
    const far = connect(Number(this.#far.port), this.#far.hostname);
    let asked = "";
    near.on("data", (part) => {
      asked += part.toString("latin1");
      far.write(part);
    });
    far.on("data", (part) => {
      if (this.#lost && asked.includes(this.#lost)) {
        this.#lost = undefined;
        this.losses++;
        near.destroy();
        far.destroy();
      } else near.write(part);
    });
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
  }
}
