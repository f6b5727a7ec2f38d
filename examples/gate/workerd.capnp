# worker.js with workerd by itself: `workerd serve workerd.capnp`. The server of onsale is at 127.0.0.1:8080, the site at 127.0.0.1:3000,
# and the gate is called shop. At Cloudflare the bindings are `vars`, SITE is left out, and the Worker has a route of the site's.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "gate", worker = .gate),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "*:8000", http = (), service = "gate")],
);

const gate :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2025-09-01",
  bindings = [
    (name = "GATE", text = "http://127.0.0.1:8080/v1/gate/shop"),
    (name = "SITE", text = "http://127.0.0.1:3000"),
    # Where browsers reach the site, as in gate.sites.shop.origin.
    (name = "ORIGIN", text = "http://localhost:8000"),
    (name = "ASK_EVERY_S", text = "10"),
    # Or open.
    (name = "FAIL", text = "closed"),
  ],
);
