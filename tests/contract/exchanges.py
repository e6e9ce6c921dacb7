"""Judges a journal of exchanges by the API documents.

    exchanges.py JOURNAL

Every request of the program and every answer of its emulator must be what the documents say, down
to properties and query parameters that they do not have.
"""

import pathlib
import subprocess
import sys

from documents import FOLDER, needs_documents, needs_modules


def main(journal):
    documents = needs_documents()
    needs_modules()
    with open(journal, "rb") as exchanges:
        checked = subprocess.run(
            ["node", str(documents / "check-exchange.mjs"), "--strict"],
            stdin=exchanges, stdout=subprocess.PIPE, cwd=FOLDER, text=True, check=False)
    print(checked.stdout, end="")
    count = len(pathlib.Path(journal).read_text().splitlines())
    assert checked.stdout.endswith(f"{count} exchanges, 0 problems\n"), "see above"
    assert checked.returncode == 0


if __name__ == "__main__":
    main(sys.argv[1])
