"""A server that stands in for Qlik Cloud and answers as a test wants, and keeps what it was sent."""

import http.server
import json
import ssl
import threading

HOST = "acme.eu.qlikcloud.com"
TENANT = {"id": "T" * 24, "name": "Acme", "hostnames": [HOST], "status": "active",
          "region": "eu-west-1", "datacenter": "eu-west-1"}
ROLE = {"id": "5" * 24, "name": "Author", "type": "custom", "description": "Writes",
        "assignedScopes": [], "level": "user", "canEdit": True, "canDelete": True}


class HostileServer:
    """By default a tenant with one role. `answers` maps (method, path) to (status, headers, body),
    or to a function of the request that gives them."""

    def __init__(self, tls=None):
        self.answers, self.requests, self.handshakes_failed = {}, [], 0
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                path = self.path.split("?")[0]
                request = {"method": self.command, "path": path, "target": self.path,
                           "host": self.headers["Host"], "headers": dict(self.headers),
                           "body": body.decode()}
                server.requests.append(request)
                found = server.answers.get((self.command, path)) or server.usual(request)
                status, headers, answer = found(request) if callable(found) else found
                text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.send_header("Set-Cookie", "_csrfToken=planted-cookie; Path=/")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def finish_request(self, request, address):
                try:
                    if tls is not None:
                        request.settimeout(20)
                        request = tls.wrap_socket(request, server_side=True)
                except (ssl.SSLError, OSError):
                    server.handshakes_failed += 1
                    return
                super().finish_request(request, address)

            def handle_error(self, request, address):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def usual(self, request):
        method, path = request["method"], request["path"]
        if path == "/oauth/token":
            return 200, {}, {"access_token": "planted-token", "expires_in": 21600}
        if method == "GET" and path in ("/api/v1/tenants/me", "/api/v1/tenants/" + TENANT["id"]):
            return 200, {}, TENANT
        if method == "GET" and path == "/api/v1/roles":
            return 200, {}, {"data": [ROLE], "links": {}}
        if method == "GET" and path == f"/api/v1/roles/{ROLE['id']}":
            return 200, {}, ROLE
        if method == "GET" and path.count("/") == 3:
            return 200, {}, {"data": [], "links": {}}
        return 404, {}, {"errors": [{"code": "X-404", "title": "Not found"}]}

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def hosts(self):
        return {request["host"] for request in self.requests}
