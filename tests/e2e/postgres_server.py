"""A PostgreSQL server of its own for a test, from Debian's package, on a free port.

    postgres_server.py COMMAND...    runs COMMAND with TENANTRY_TEST_DSN naming a database in it
"""

import glob
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

OWNER, USER = "owner", "tenantry"
# Every character that a URI gives a meaning to.
PASSWORD = "pa:ss/wo@rd?#%&=' 1"
PASSWORD_IN_URI = "pa%3Ass%2Fwo%40rd%3F%23%25%26%3D%27%201"


def bindir():
    """Where initdb and pg_ctl are: the newest version that is installed."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if not found:
        raise RuntimeError("there is no PostgreSQL server: scripts/packages.sh test installs it")
    return pathlib.Path(max(found, key=lambda path: int(path.split("/")[4]))).parent


def _free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _account():
    """Who the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("there is no user besides root to run a server")


class PostgresServer:
    """SCRAM passwords only. `tls`: a certificate for localhost, which is its own CA (`ca_file`)."""

    def __init__(self, tls=False):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tenantry-pg-")).resolve()
        self._account = _account()
        self._bin = bindir()
        self.port = _free_port()
        self._lock, self._databases = threading.Lock(), 0
        if self._account:
            os.chown(self.path, self._account.pw_uid, self._account.pw_gid)
        try:
            self._make(tls)
            self.start()
            for statement in (f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'",
                              f"CREATE DATABASE fleet OWNER {USER} ENCODING 'UTF8' TEMPLATE template0"):
                self.sql(statement)
        except BaseException:
            self.remove()
            raise

    @property
    def ca_file(self):
        return self.path / "server.crt"

    def _run(self, *arguments, **options):
        become = []
        if self._account:
            become = ["setpriv", f"--reuid={self._account.pw_uid}",
                      f"--regid={self._account.pw_gid}", "--clear-groups"]
        return subprocess.run([*become, *map(str, arguments)], cwd=self.path, check=True,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8",
                                   "HOME": str(self.path)}, **options)

    def _make(self, tls):
        self._run(self._bin / "initdb", "-D", self.path / "data", "-U", OWNER, "-E", "UTF8",
                  "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync")
        settings = {"port": self.port, "listen_addresses": "'127.0.0.1'",
                    "unix_socket_directories": f"'{self.path}'", "max_connections": 100,
                    # As few places for locks as a server can have.
                    "max_locks_per_transaction": 10,
                    # A kill of the server is survived without it; a power cut is not tried.
                    "fsync": "off", "password_encryption": "'scram-sha-256'"}
        if tls:
            self._run("openssl", "req", "-new", "-x509", "-days", "2", "-nodes", "-newkey",
                      "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost",
                      "-addext", "subjectAltName=DNS:localhost", "-keyout",
                      self.path / "server.key", "-out", self.ca_file)
            self._run("chmod", "600", self.path / "server.key")
            settings.update(ssl="on", ssl_cert_file=f"'{self.ca_file}'",
                            ssl_key_file=f"'{self.path / 'server.key'}'")
            hba = self.path / "data/pg_hba.conf"
            hba.write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
        with open(self.path / "data/postgresql.conf", "a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def _ctl(self, command, *arguments):
        self._run(self._bin / "pg_ctl", "-D", self.path / "data", "-w", "-l",
                  self.path / "log", command, *arguments)

    def start(self):
        self._ctl("start")

    def stop(self, mode="immediate"):
        self._ctl("stop", "-m", mode)

    def restart(self, mode="immediate"):
        """immediate: as a crash; every connection breaks, nothing is written any more."""
        self._ctl("restart", "-m", mode)

    def remove(self):
        try:
            self.stop()
        except subprocess.SubprocessError:
            pass  # it did not run
        shutil.rmtree(self.path, ignore_errors=True)

    def dsn(self, user=USER, password=PASSWORD_IN_URI, database="fleet", host="127.0.0.1",
            port=None, **parameters):
        login = user + (":" + password if password else "")
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return (f"postgresql://{login}@{host}:{port or self.port}/{database}"
                + ("?" + query if query else ""))

    def location(self, database="fleet"):
        """How messages name it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def sql(self, text, database="postgres"):
        """What psql prints, as the server's owner."""
        return self._run(self._bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                         self.path, "-p", self.port, "-U", OWNER, "-d", database, "-c",
                         text).stdout.strip()

    def forget_state(self):
        self.sql("DROP SCHEMA IF EXISTS tenantry CASCADE", "fleet")

    def make_database(self, template=None):
        """A database of its own, as a copy of another one that nobody uses any more."""
        with self._lock:
            self._databases += 1
            name = f"made_{self._databases}"
        if template:
            self.sql(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                     f" WHERE datname = '{template}'")
        self.sql(f"CREATE DATABASE {name} OWNER {USER} ENCODING 'UTF8'"
                 f" TEMPLATE {template or 'template0'}")
        return name

    def drop_database(self, name):
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def end_connections(self):
        return self.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        f" WHERE usename = '{USER}'")


def main():
    server = PostgresServer()
    try:
        return subprocess.run(sys.argv[1:], env={**os.environ, "TENANTRY_TEST_DSN": server.dsn()},
                              check=False).returncode
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
