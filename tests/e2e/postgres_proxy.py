"""A TCP proxy before a PostgreSQL server that breaks connections at chosen moments."""

import socket
import threading


class Proxy:
    """Hands bytes on in both directions. `cut` is asked about every piece: (direction, bytes), where
    direction is "to server" or "to client"; where it says yes, the piece is not handed on and the
    connection breaks on both sides."""

    def __init__(self, port, cut):
        self._target, self._cut = port, cut
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cuts = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def redirect(self, port):
        """Where connections lead that come from now on."""
        self._target = port

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for source, target, direction in ((client, server, "to server"),
                                              (server, client, "to client")):
                threading.Thread(target=self._pump, args=(source, target, direction),
                                 daemon=True).start()

    def _pump(self, source, target, direction):
        try:
            while piece := source.recv(1 << 16):
                with self._lock:
                    cut = self._cut(direction, piece)
                    self.cuts += cut
                if cut:
                    break
                target.sendall(piece)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
