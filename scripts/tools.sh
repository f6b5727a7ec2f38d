# What the tests need beside Rust, installed where it is missing. Sourced by scripts/test, from the top directory.
# shellcheck shell=bash

# The version that the tests were written against. Those of PyPI and npm are in lock files, whole and with hashes.
NEXTEST_VERSION=0.9.143

venv=target/venv

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian packages: a C compiler for SQLite, strace and namespaces for the crash tests, PostgreSQL, HAProxy, nginx, Caddy and PgBouncer for
# those of many nodes and of gates, Prometheus for the alerts and the dashboard, Python for schemathesis and the verifier of a gate's
# passes, a browser with a Korean font and Node for the pages.
need_packages() {
  local missing=()
  command -v cc >/dev/null || missing+=(gcc libc6-dev)
  command -v strace >/dev/null || missing+=(strace)
  command -v unshare >/dev/null && command -v nsenter >/dev/null || missing+=(util-linux)
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
  command -v haproxy >/dev/null || missing+=(haproxy)
  command -v nginx >/dev/null || missing+=(nginx)
  command -v caddy >/dev/null || missing+=(caddy)
  [ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null || missing+=(pgbouncer)
  command -v prometheus >/dev/null && command -v promtool >/dev/null || missing+=(prometheus)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  python3 -c 'import cryptography' 2>/dev/null || /usr/bin/python3 -c 'import cryptography' 2>/dev/null ||
    missing+=(python3-cryptography)
  command -v node >/dev/null && command -v npm >/dev/null || missing+=(nodejs npm)
  [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || missing+=(chromium)
  [ -n "${CHROMIUM:-}" ] || command -v chromium-headless-shell >/dev/null || missing+=(chromium-headless-shell)
  fc-list :lang=ko 2>/dev/null | grep -q . || missing+=(fonts-nanum fontconfig)
  [ "${#missing[@]}" -gt 0 ] || return 0
  echo "installing ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# A part of Rust that a small installation leaves out.
need_clippy() {
  command -v clippy-driver >/dev/null || {
    echo "clippy is missing: rustup component add clippy, or Debian's rust-clippy" >&2
    exit 1
  }
}

need_nextest() {
  cargo nextest --version >/dev/null 2>&1 || cargo install --locked cargo-nextest --version "$NEXTEST_VERSION"
}

# schemathesis, k6, the library of Standard Webhooks, and what the SDK for Python is made and checked with, with all that they pull in, as
# locked. What is installed is what the lock says, or nothing: the mark is written last.
need_python_tools() {
  local lock=scripts/requirements.txt mark=$venv/requirements.txt
  cmp -s "$lock" "$mark" && return 0
  python3 -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r "$lock"
  cp "$lock" "$mark"
}

# Playwright, axe, TypeScript, the library of Standard Webhooks, and workerd for the Worker of a gate, as locked; the browser is Debian's.
# Beside them what the SDK for TypeScript is made of and with.
need_node_modules() {
  local directory
  for directory in web/tests sdk/typescript; do
    local lock=$directory/package-lock.json installed=$directory/node_modules/.package-lock.json
    [ -e "$installed" ] && [ ! "$lock" -nt "$installed" ] ||
      PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix "$directory" --no-audit --no-fund
  done
}
