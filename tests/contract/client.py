"""Qlik's own client, unchanged, against the emulator (client.mjs).

    client.py JOURNAL

Where the API documents are there, its exchanges are judged by them as well.
"""

import os
import pathlib
import subprocess
import sys

import exchanges
from documents import FOLDER, needs_modules
from everything import write_assets
from support import Emulator, Workspace


def main(journal):
    needs_modules()
    journal = pathlib.Path(journal)
    journal.parent.mkdir(parents=True, exist_ok=True)
    journal.unlink(missing_ok=True)
    workspace = Workspace()
    emulator = Emulator("--rate-limits", "off", "--journal", str(journal))
    try:
        write_assets(workspace)
        assets = workspace.path / "assets"
        ended = subprocess.run(
            ["node", "client.mjs", str(emulator.port), assets / "logo-one.png",
             assets / "favIcon-one.ico", assets / "package-one.zip"],
            cwd=FOLDER, check=False)
    finally:
        emulator.stop()
        workspace.remove()
    if os.environ.get("QLIK_OPENAPI_DIR"):
        exchanges.main(journal)
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
