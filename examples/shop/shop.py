# A small shop in front of an on-sale: docs/shop.md says what it does, and a test runs it.
import base64, hashlib, hmac, html, http.client, http.cookies, http.server, json, os, secrets, sqlite3, time
import urllib.error, urllib.parse, urllib.request

ADMIN, KEY = os.environ["SHOP_ADMIN"], os.environ["SHOP_KEY"]                # http://127.0.0.1:8081, and the shop's own key there
TICKETS, HOME = os.environ["SHOP_TICKETS"], os.environ["SHOP_HOME"]          # what buyers reach: https://tickets.example, https://shop.example
ENTRY, PROVIDER = os.environ["SHOP_ENTRY_SECRET"], os.environ["SHOP_PROVIDER_SECRET"]

db = sqlite3.connect(os.environ.get("SHOP_DB", "shop.db"), isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, number INTEGER UNIQUE, session TEXT)")


class Refused(Exception):
    """Status, words, and after how many seconds to come again."""


def onsale(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(ADMIN + path, data, headers, method=method), timeout=10) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as refused:
        is_problem = refused.headers.get_content_type() == "application/problem+json"  # of onsale, not of a proxy before it
        words = json.load(refused)["message"] if is_problem else refused.reason
        raise Refused(refused.code, words, refused.headers.get("Retry-After", "5"))
    except (OSError, http.client.HTTPException, json.JSONDecodeError):  # nobody knows whether it was done
        raise Refused(504, "No answer. Please try again.", "5")


def entry_token(number):
    """Says who somebody is, once and for five minutes: a JWS with HS256."""
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
    now = int(time.time())
    claims = {"iss": HOME, "aud": "tickets", "sub": str(number), "nbf": now, "exp": now + 300, "jti": secrets.token_urlsafe()}
    text = part({"alg": "HS256"}) + b"." + part(claims)
    signature = hmac.digest(ENTRY.encode(), text, hashlib.sha256)
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        user = self.user()
        if user is None:
            return self.page('<form method="post" action="/login"><input name="name" aria-label="Name" required><button>Log in</button></form>')
        if self.path == "/tickets":  # where buyers come back to
            tickets = onsale("GET", f"/v1/admin/users/{user[1]}/tickets")
            return self.page("".join(f"<pre>{html.escape(json.dumps(one, ensure_ascii=False))}</pre>" for one in tickets) or "No tickets yet.")
        self.page('<form method="post" action="/buy"><button>Buy tickets</button></form><a href="/tickets">My tickets</a>')

    def do_POST(self):
        length = max(0, min(int(self.headers.get("Content-Length", 0)), 10_000))
        form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        if self.path == "/login":  # a real shop asks for a password here
            session, number = secrets.token_urlsafe(), secrets.randbelow(2**52 - 1) + 1  # the number is the same for ever
            db.execute("INSERT INTO users VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET session = excluded.session",
                       (form["name"], number, session))
            return self.go("/", {"Set-Cookie": f"session={session}; HttpOnly; SameSite=Lax; Path=/"})
        if self.path == "/paid":  # the payment provider tells what somebody paid; its own number makes it count once
            if not hmac.compare_digest(self.headers.get("Provider-Secret", "").encode(), PROVIDER.encode()):
                return self.send_error(403)
            payer = db.execute("SELECT number FROM users WHERE name = ?", (form["name"],)).fetchone()
            if payer is None:
                return self.page("Nobody here has that name.", 404)
            credit = {"amount": int(form["amount"]), "reference": form["payment"]}
            return self.page(json.dumps(onsale("POST", f"/v1/admin/users/{payer[0]}/credit", credit)))
        user = self.user()
        if self.path != "/buy" or user is None:
            return self.send_error(404)
        # What is behind # goes to no server and into no log: the token is as good as the buyer's password for this sale.
        back = urllib.parse.urlencode({"return": f"{HOME}/tickets"})
        self.go(f"{TICKETS}/?{back}#" + urllib.parse.urlencode({"entry": entry_token(user[1]), "queue": "default"}))

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except Refused as refused:
            status, words, again = refused.args
            self.page(html.escape(words), status, {"Retry-After": again})
        except (KeyError, ValueError, http.cookies.CookieError):  # a field that is missing, or is not what it should be
            self.page("Something is missing, or is not what it should be.", 400)

    def user(self):
        cookie = http.cookies.SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return cookie and db.execute("SELECT name, number FROM users WHERE session = ?", (cookie.value,)).fetchone()

    def go(self, place, headers={}):
        self.page("", 303, {"Location": place, **headers})

    def page(self, text, status=200, headers={}):
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())


server = http.server.HTTPServer(("127.0.0.1", int(os.environ.get("SHOP_PORT", "8000"))), Shop)
print(f"the shop is at http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
