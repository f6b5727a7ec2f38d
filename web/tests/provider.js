// A real identity provider (oidc-provider), with the pages that it has for trying it out: any name signs in, with any password.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { expect } from "@playwright/test";
import Provider from "oidc-provider";

const SECRET = "between onsale and the provider";

/** What the provider says of a person. @param {string} id */
const claimsOf = (id) => ({ sub: id, email: `${id}@id.example`, email_verified: true, groups: id === "kim" ? ["staff"] : ["fans"] });

export class IdentityProvider {
  /** The service does not reach it. */
  isAway = false;

  /** At a port, for who is sent back to these addresses. */
  static async open(port, redirectUris) {
    const provider = new IdentityProvider();
    // Another name than the service's: for a browser it is another site.
    provider.issuer = `http://localhost:${port}`;
    provider.port = port;
    provider.redirectUris = redirectUris;
    await provider.start();
    return provider;
  }

  /** With a new key each time. Whoever had signed in has to do so again. */
  async start() {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: `key-${Date.now()}` };
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: "onsale", client_secret: SECRET, redirect_uris: this.redirectUris }],
      jwks: { keys: [key] },
      cookies: { keys: ["for these tests alone"] },
      scopes: ["openid", "email", "groups"],
      claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
      findAccount: (_, id) => ({ accountId: id, claims: async () => claimsOf(id) }),
      ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 60, IdToken: 600 },
    });
    const answer = provider.callback();
    // A browser may reach it where the service does not.
    this.server = createServer((request, response) => (this.isAway && request.url === "/token" ? response.destroy() : answer(request, response)));
    await new Promise((resolve, reject) => this.server.on("error", reject).listen(this.port, "127.0.0.1", () => resolve(null)));
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** What the server has to know of it. */
  get settings() {
    return {
      "login.issuer": this.issuer,
      "login.client_id": "onsale",
      "login.client_secret": SECRET,
      "login.scopes": "openid email groups",
    };
  }
}

/** Signs in on the provider's pages, and lets the service know who one is. */
export async function signInAs(page, name) {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  // Whoever has agreed before is not asked again.
  const agree = page.getByRole("button", { name: "Continue" });
  await expect(agree.or(page.locator("#bar"))).toBeVisible();
  if (await agree.isVisible()) await agree.click();
}
