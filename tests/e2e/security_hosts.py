"""What a hostile answer of the API can do with a token: nothing. No host that an answer names gets
one, no cookie is kept, and no certificate that does not fit is accepted."""

import ssl
import subprocess
import unittest

from hostile_server import HOST, ROLE, TENANT, HostileServer
from support import CLIENT_ID, CLIENT_SECRET, FAILED, Case

ROLES = ("GET", "/api/v1/roles")


class HostsCase(Case):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        self.other = self.start_server()  # whom no request is meant for

    def start_server(self, tls=None):
        server = HostileServer(tls)
        self.addCleanup(server.stop)
        return server

    def declare(self, tenant=None, server=None, organization=False, **region):
        server = server or self.server
        credential = {"clientId": CLIENT_ID, "clientSecret": "${var.clientSecret}",
                      "endpoint": server.url}
        written = {
            "apiVersion": "tenantry/v1",
            "variables": {"clientSecret": {"env": "E2E_CLIENT_SECRET"},
                          "licenseKey": {"env": "E2E_LICENSE_KEY"}},
            "regions": {"eu": {**credential, "licenseKey": "${var.licenseKey}",
                               "rateLimits": "off", **region}},
            "tenants": {"acme": tenant or {
                "region": "eu", "hostname": HOST,
                "roles": {"author": {"name": "Author", "description": "Writes",
                                     "lifecycle": {"adopt": True}}}}}}
        if organization:
            written["organization"] = credential
        self.workspace.configure(written)

    def assert_nobody_else_was_asked(self, *hosts):
        self.assertEqual(self.other.requests, [])
        self.assertLessEqual(self.server.hosts(), {HOST, *hosts})


class AnswersTest(HostsCase):
    def test_the_server_is_believed_where_it_may_be(self):
        self.declare()
        self.assertEqual(self.planned()["acme/roles/author"], "adopt")
        self.assert_nobody_else_was_asked()

    def elsewhere(self):
        for host in (f"127.0.0.1:{self.other.port}", f"localhost:{self.other.port}",
                     "evil.example", HOST + ".evil.example", "other.eu.qlikcloud.com",
                     "acme.us.qlikcloud.com"):
            for form in ("http://{}/api/v1/roles?page=2", "https://{}/api/v1/roles?page=2",
                         "//{}/api/v1/roles?page=2", "http://" + HOST + "@{}/api/v1/roles"):
                yield form.format(host)

    def test_no_next_page_is_fetched_from_another_host(self):
        self.declare()
        for link in self.elsewhere():
            with self.subTest(link=link):
                self.server.answers[ROLES] = (200, {}, {
                    "data": [ROLE], "links": {"next": {"href": link}}})
                ended = self.tenantry("plan", code=FAILED)
                self.assertIn("another host", ended.text)
                self.assertNotIn("planted-token", ended.text)
                self.assert_nobody_else_was_asked()

    def test_a_link_that_is_none_is_refused_and_shown_harmlessly(self):
        self.declare()
        for link in ("http://ev\x1b[2Jil/", "http://ev%1b%5b2Jil/x", "\x1b]0;x\x07", "http://[::1",
                     "/api/v1/roles\r\nX-Planted: 1", "roles?page=2", "/api/v1/../../admin",
                     "/api/v1/%2e%2e/x", "javascript:alert(1)"):
            with self.subTest(link=link):
                self.server.requests.clear()
                self.server.answers[ROLES] = (200, {}, {
                    "data": [ROLE], "links": {"next": {"href": link}}})
                ended = self.tenantry("plan", code=FAILED)
                self.assertNotIn("\x1b", ended.text)
                self.assertNotIn("\x07", ended.text)
                self.assertLessEqual({r["path"] for r in self.server.requests},
                                     {"/oauth/token", "/api/v1/roles",
                                      "/api/v1/tenants/me", "/api/v1/tenants/" + TENANT["id"]})
                self.assertFalse(any("X-Planted" in r["headers"] for r in self.server.requests))
                self.assert_nobody_else_was_asked()

    def test_no_redirection_leads_a_token_to_another_host(self):
        self.declare()
        for status in (301, 302, 303, 307, 308):
            for link in self.elsewhere():
                with self.subTest(status=status, link=link):
                    self.server.answers[ROLES] = (status, {"Location": link}, {})
                    ended = self.tenantry("plan", code=FAILED)
                    self.assertIn("redirects to another host", ended.text)
                    self.assert_nobody_else_was_asked()

    def test_no_credential_follows_a_redirection_of_the_token_request(self):
        self.declare()
        for status in (301, 302, 307, 308):
            with self.subTest(status=status):
                self.server.answers["POST", "/oauth/token"] = (
                    status, {"Location": self.other.url + "/oauth/token"}, {})
                ended = self.tenantry("plan", code=FAILED)
                self.assertNotIn(CLIENT_SECRET, ended.text)
                self.assert_nobody_else_was_asked()

    def test_nothing_that_changes_follows_a_redirection(self):
        self.declare({"region": "eu", "hostname": HOST, "roles": {"new": {"name": "New"}}})
        self.server.answers["POST", "/api/v1/roles"] = (307, {"Location": "/api/v1/other"}, {})
        ended = self.workspace.run("apply", "--auto-approve")
        self.assertNotEqual(ended.code, 0)
        self.assertNotIn("/api/v1/other", {r["path"] for r in self.server.requests})
        self.assert_nobody_else_was_asked()

    def test_a_host_name_of_the_tenant_itself_is_not_followed_out_of_its_region(self):
        self.declare({"region": "eu", "hostname": HOST, "roles": {"new": {"name": "New"}}})
        for names in (["evil.example"], [HOST, "evil.example"], ["acme.us.qlikcloud.com"],
                      [f"127.0.0.1:{self.other.port}"], ["evil.example/.eu.qlikcloud.com"]):
            with self.subTest(names=names):
                answer = {**TENANT, "hostnames": names}
                for path in ("me", TENANT["id"]):
                    self.server.answers["GET", "/api/v1/tenants/" + path] = (200, {}, answer)
                for command in (("plan",), ("apply", "--auto-approve"), ("plan",)):
                    self.workspace.run(*command)
                    self.assert_nobody_else_was_asked()

    def test_a_new_tenant_that_is_said_to_be_elsewhere_is_not_signed_in_to(self):
        register = "register.eu.qlikcloud.com"
        self.declare({"region": "eu", "name": "Acme", "alias": "acme",
                      "roles": {"new": {"name": "New"}}})

        def unknown(request):
            if request["host"] == HOST:
                return 404, {}, {"errors": [{"code": "X", "title": "no such host"}]}
            return 200, {}, {"access_token": "planted-token", "expires_in": 21600}
        self.server.answers["POST", "/oauth/token"] = unknown
        self.server.answers["POST", "/api/v1/tenants"] = (
            201, {}, {**TENANT, "hostnames": ["evil.example"]})
        ended = self.workspace.run("apply", "--auto-approve")
        self.assertNotEqual(ended.code, 0)
        self.assertIn("evil.example is no host of region eu", ended.text)
        self.assert_nobody_else_was_asked(register)

    def test_a_host_name_in_the_list_of_the_organization_is_not_signed_in_to(self):
        register, console = "register.eu.qlikcloud.com", "console.qlikcloud.com"
        self.declare({"region": "eu", "name": "Acme", "alias": "acme",
                      "lifecycle": {"adopt": True}, "roles": {"new": {"name": "New"}}},
                     organization=True)

        def unknown(request):
            if request["host"] == HOST:
                return 404, {}, {"errors": [{"code": "X", "title": "no such host"}]}
            return 200, {}, {"access_token": "planted-token", "expires_in": 21600}
        self.server.answers["POST", "/oauth/token"] = unknown
        for names in (["evil.example", HOST], ["evil.eu.qlikcloud.com.evil.example", HOST],
                      ["evil.example#.eu.qlikcloud.com", HOST]):
            with self.subTest(names=names):
                self.server.answers["GET", "/api/core/tenants"] = (200, {}, {
                    "data": [{**TENANT, "hostnames": names}], "links": {}})
                ended = self.workspace.run("plan")
                self.assertNotEqual(ended.code, 0, str(ended))
                self.assert_nobody_else_was_asked(register, console)

    def test_no_cookie_is_kept_and_the_token_goes_to_the_api_alone(self):
        self.declare()
        self.tenantry("plan")
        self.tenantry("apply", "--auto-approve")
        self.assertGreater(len(self.server.requests), 3)
        for request in self.server.requests:
            self.assertNotIn("Cookie", request["headers"])
            is_token = request["path"] == "/oauth/token"
            self.assertEqual(request["headers"].get("Authorization"),
                             None if is_token else "Bearer planted-token")
            self.assertNotIn(CLIENT_SECRET, request["target"])
            if not is_token:
                self.assertNotIn(CLIENT_SECRET, request["body"] + str(request["headers"]))


class CertificatesTest(HostsCase):
    """The server is python's, its certificates openssl's: none of the program's own code."""

    def run_openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True,
                       cwd=self.workspace.path)

    def authority(self, name="ca"):
        self.run_openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key",
                         "-out", name + ".pem", "-subj", "/CN=Test CA " + name, "-days", "30")

    def certificate(self, host=HOST, ca="ca", key="rsa:2048", digest="-sha256", dates=()):
        """Of `host`, signed by `ca`; without a `ca` by itself."""
        self.run_openssl("req", "-newkey", key, "-nodes", "-keyout", "server.key",
                         "-out", "server.csr", "-subj", "/CN=" + host)
        self.workspace.write("names.ext", f"subjectAltName=DNS:{host}\n")
        if ca is None:
            self.run_openssl("x509", "-req", digest, "-in", "server.csr", "-signkey", "server.key",
                             "-out", "server.pem", "-days", "30", "-extfile", "names.ext")
            return
        self.workspace.write("index.txt", "")
        self.workspace.write("ca.cnf", "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nserial=serial\n"
                             "new_certs_dir=.\npolicy=p\nrand_serial=yes\nunique_subject=no\n"
                             "[p]\ncommonName=supplied\n")
        days = dates or ("-days", "30")
        self.run_openssl("ca", "-batch", "-config", "ca.cnf", "-cert", ca + ".pem", "-keyfile",
                         ca + ".key", "-md", digest.lstrip("-"), "-in", "server.csr", "-out",
                         "server.pem", "-extfile", "names.ext", "-notext", *days)

    def serve(self, configure=lambda context: None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(self.workspace.path / "server.pem",
                                self.workspace.path / "server.key")
        configure(context)
        server = self.start_server(context)
        self.declare(server=server, caFile="ca.pem")
        return server

    def refused(self, words, configure=lambda context: None):
        server = self.serve(configure)
        ended = self.tenantry("plan", code=FAILED)
        self.assertRegex(ended.text, words)
        self.assertIn("TLS", ended.text)
        self.assertEqual(server.requests, [])
        self.assertGreater(server.handshakes_failed, 0)
        self.assertNotIn(CLIENT_SECRET, ended.text)

    def test_a_certificate_of_the_named_authority_is_accepted(self):
        self.authority()
        self.certificate()
        server = self.serve()
        self.tenantry("plan")
        self.assertEqual(server.hosts(), {HOST})

    def test_a_certificate_that_does_not_fit_is_refused_before_anything_is_sent(self):
        self.authority()
        self.authority("other")
        for words, options in (
                ("hostname mismatch", {"host": "evil.example"}),
                ("hostname mismatch", {"host": "*.qlikcloud.com"}),
                ("hostname mismatch", {"host": "a*.eu.qlikcloud.com"}),
                ("expired", {"dates": ("-startdate", "20200101000000Z",
                                       "-enddate", "20200201000000Z")}),
                ("not yet valid", {"dates": ("-startdate", "20900101000000Z",
                                             "-enddate", "20910101000000Z")}),
                ("self-signed", {"ca": None}),
                ("unable to get local issuer", {"ca": "other"}),
                ("key too weak", {"key": "rsa:1024"}),
                ("digest algorithm too weak", {"digest": "-sha1"}),
                ("digest algorithm too weak", {"digest": "-md5"})):
            with self.subTest(options=options):
                self.certificate(**options)
                self.refused(words)

    def test_an_old_version_of_tls_is_refused(self):
        self.authority()
        self.certificate()
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version=version.name):
                def old(context, version=version):
                    context.minimum_version = context.maximum_version = version
                self.refused("version|protocol", old)


if __name__ == "__main__":
    unittest.main()
