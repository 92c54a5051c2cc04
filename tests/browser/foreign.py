"""A foreign site, which tries to read and to drive the page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from browser.chromium import EVIL

# What a page can do with a server that it must not speak to; each try ends as a word.
_PAGE = """<!doctype html><title>evil</title><body><script>
const target = "TARGET/__stepfun_mock/";
const tries = [];
function attempt(name, start) {
  tries.push(new Promise((done) => start((word) => done(`${name}: ${word}`))));
}
function asked(name, route, how) {
  attempt(name, (done) => fetch(target + route, how)
    .then((reply) => reply.text().then((text) => done(text ? "read" : "blind")))
    .catch(() => done("refused")));
}
function loaded(name, kind, given) {
  attempt(name, (done) => {
    const node = document.createElement(kind);
    node.onload = () => done("loaded");
    node.onerror = () => done("refused");
    document.body.append(Object.assign(node, given));
  });
}
asked("fetch", "requests", {});
asked("fetch blind", "requests", { mode: "no-cors" });
const fault = '{"fault": "overloaded"}';
const json = { "content-type": "application/json" };
asked("reset", "reset", { method: "POST", mode: "no-cors", body: "{}" });
asked("faults", "faults", { method: "POST", mode: "no-cors", body: fault });
asked("faults as JSON", "faults", { method: "POST", headers: json, body: fault });
asked("forget", "faults", { method: "DELETE" });
asked("chaos", "chaos", { method: "PUT", body: '{"rate": 1, "seed": 1}' });
loaded("img", "img", { src: target + "pictures/1" });
loaded("script", "script", { src: target + "session.json" });
loaded("module", "script", { src: target + "assets/page.js" });
loaded("style", "link", { rel: "stylesheet", href: target + "assets/look.css" });
attempt("events", (done) => {
  const source = new EventSource(target + "events");
  source.onopen = () => done("read");
  source.onerror = () => { source.close(); done("refused"); };
});
Promise.all(tries).then((found) => { window.found = found; });
</script>
<iframe name="framed" src="TARGET/__stepfun_mock/"></iframe>
<iframe name="posted"></iframe>
<form target="posted" method="post" enctype="text/plain" action="TARGET/__stepfun_mock/reset">
<input name="{}"></form>
<iframe name="nameless" sandbox="allow-scripts allow-forms" srcdoc='
<form method="post" enctype="text/plain" action="TARGET/__stepfun_mock/reset"><input name="{}">
</form><script>document.forms[0].submit()</script>'></iframe>
<script>document.forms[0].submit()</script>
"""


@contextmanager
def site(target: str) -> Iterator[str]:
    """Serve the page that tries it on `target`; gives its address."""
    content = _PAGE.replace("TARGET", target).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{EVIL}:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
