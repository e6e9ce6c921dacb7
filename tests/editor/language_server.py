"""The YAML language server, spoken to as an editor does: JSON-RPC on its standard streams."""

import json
import pathlib
import queue
import subprocess
import threading

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT = 60  # seconds for one answer


class LanguageServer:
    def __init__(self, folder):
        self._folder = folder
        self._number = 0
        self._documents = 0
        self._answers = {}
        self._published = queue.Queue()
        self._arrived = threading.Condition()
        self._process = subprocess.Popen(
            ["node", "node_modules/yaml-language-server/bin/yaml-language-server", "--stdio"],
            cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {
            "textDocument": {"hover": {"contentFormat": ["plaintext"]}},
            "workspace": {"configuration": True}}})
        self._tell("initialized", {})

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()

    def diagnostics(self, text):
        """What it says of a document with this text."""
        uri = self._open(text)
        while True:
            published = self._published.get(timeout=TIMEOUT)
            if published["uri"] == uri:
                return published["diagnostics"]

    def completion(self, text, line, character):
        answer = self._ask_at("textDocument/completion", text, line, character)
        return [item["label"] for item in answer["items"]]

    def hover(self, text, line, character):
        contents = self._ask_at("textDocument/hover", text, line, character)["contents"]
        return contents["value"] if isinstance(contents, dict) else contents

    def _ask_at(self, method, text, line, character):
        return self._ask(method, {"textDocument": {"uri": self._open(text)},
                                  "position": {"line": line, "character": character}})

    def _open(self, text):
        """Each text is a document of its own: what the server says of one is not taken for another."""
        self._documents += 1
        uri = (self._folder / f"document{self._documents}.yaml").as_uri()
        self._tell("textDocument/didOpen", {"textDocument": {
            "uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        return uri

    def _tell(self, method, parameters):
        self._send({"method": method, "params": parameters})

    def _ask(self, method, parameters):
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": parameters})
        with self._arrived:
            assert self._arrived.wait_for(lambda: number in self._answers, TIMEOUT), method
        answer = self._answers.pop(number)
        assert "error" not in answer, answer
        return answer["result"]

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self):
        stream = self._process.stdout
        while True:
            length = None
            while (header := stream.readline()) not in (b"\r\n", b""):
                name, value = header.decode().split(":")
                if name.lower() == "content-length":
                    length = int(value)
            if length is None:
                return
            self._take(json.loads(stream.read(length)))

    def _take(self, message):
        if message.get("method") == "textDocument/publishDiagnostics":
            self._published.put(message["params"])
        elif message.get("method") == "workspace/configuration":
            # No catalogue of schemas is fetched: the test has no network.
            settings = {"yaml": {"schemaStore": {"enable": False}, "hover": True,
                                 "completion": True, "validate": True}}
            self._send({"id": message["id"], "result": [
                settings.get(item["section"].split(".")[0])
                for item in message["params"]["items"]]})
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        elif "id" in message:
            with self._arrived:
                self._answers[message["id"]] = message
                self._arrived.notify_all()
