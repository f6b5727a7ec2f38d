import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, mkdirSync, copyFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ADMIN_KEY, Server, TOP } from "./server.js";

const PACKAGE = new URL("sdk/typescript/", TOP).pathname;
const directory = mkdtempSync(join(tmpdir(), "onsale-sdk-"));
after(() => rmSync(directory, { recursive: true, force: true }));

let server: Server;
before(async () => void (server = await Server.start()));
after(() => server?.close());

const run = (program: string, args: string[], cwd: string) => execFileSync(program, args, { cwd, encoding: "utf8", env: { ...process.env, SHOP_KEY: ADMIN_KEY } });

test("what is generated is what the API's document gives", () => {
  const made = join(directory, "api.ts");
  run("node", ["node_modules/openapi-typescript/bin/cli.js", "../../docs/openapi.json", "--output", made], PACKAGE);
  const kept = join(PACKAGE, "src/generated/api.ts");
  assert.ok(readFileSync(made, "utf8") === readFileSync(kept, "utf8"), "npm --prefix sdk/typescript run generate");
});

test("the package, installed as it would be published, buys a ticket", async () => {
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", directory], PACKAGE);
  const installed = join(directory, "node_modules/@onsale/client");
  mkdirSync(installed, { recursive: true });
  run("tar", ["xzf", readdirSync(directory).find((name) => name.endsWith(".tgz"))!, "--strip-components=1", "-C", installed], directory);
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const name of [...Object.keys(dependencies), "openapi-typescript-helpers", "@types"])
    symlinkSync(join(PACKAGE, "node_modules", name), join(directory, "node_modules", name));
  copyFileSync(join(PACKAGE, "examples/buy.ts"), join(directory, "buy.ts"));
  const guide = readFileSync(new URL("docs/sdk.md", TOP), "utf8") + readFileSync(join(PACKAGE, "README.md"), "utf8");
  const programs = [...guide.matchAll(/^```ts\n(.+?)^```$/gms)].map(([, program]) => program!);
  assert.equal(programs.length, 3);
  for (const [number, program] of programs.entries())
    writeFileSync(join(directory, `guide${number}.ts`), program.replace("http://127.0.0.1:8080", server.url));
  writeFileSync(join(directory, "package.json"), '{"type": "module"}');
  const tsc = join(PACKAGE, "node_modules/typescript-native/bin/tsc");
  run("node", [tsc, "--strict", "--target", "es2022", "--module", "nodenext", "--types", "node", "buy.ts", ...programs.map((_, number) => `guide${number}.ts`)], directory);
  assert.match(run("node", ["buy.js", server.url, "1"], directory), /^.+, \S+: section \S+, row \S+, seat \S+\n[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const told = programs.map((_, number) => run("node", [`guide${number}.js`], directory));
  assert.match(told[0]!, /'[\w-]+\.[\w-]{20,}\.[\w-]{20,}'/);
  assert.match(told[1]!, /^1 1 \d+\n2 7 \d+\n3 9 \d+\nonsale\.payment\.made \d/);
  assert.match(told[2]!, /paymentAmount: \d+|SEAT_NOT_AVAILABLE|409/);
});
