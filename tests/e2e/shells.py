"""Real shells that complete a command line."""

import os
import pty
import select
import subprocess
import time

from program import SLOWNESS, binary

# `tenantry` shows its words instead of running, but for the question of the completion itself.
_SHOW = {
    "bash": ['tenantry() { if [[ $1 == __complete ]]; then "$BINARY" "$@"; else printf "<%s>" "$@";'
             ' echo; fi; }', 'source <("$BINARY" completion bash)'],
    "zsh": ['tenantry() { if [[ $1 == __complete ]]; then "$BINARY" "$@"; else printf "<%s>" "$@";'
            ' echo; fi; }', 'autoload -U compinit; compinit -u -D',
            'source <("$BINARY" completion zsh)'],
}
_START = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}


def typed(shell, line, folder, environment):
    """The words of `line`, typed into an interactive shell, once its tabs are completed."""
    own, theirs = pty.openpty()
    process = subprocess.Popen(
        _START[shell], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
        env={**environment, "BINARY": binary(), "TERM": "dumb", "PS1": "$ ", "HISTFILE": ""})
    os.close(theirs)
    try:
        for text in (*_SHOW[shell], line):
            os.write(own, (text + "\n").encode())
        return _words(own)
    finally:
        process.kill()
        process.wait()
        os.close(own)


def _words(terminal):
    """What stands between < and > in a line of its own."""
    output = ""
    deadline = time.monotonic() + 20 * SLOWNESS
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if not ready:
            continue
        output += os.read(terminal, 65536).decode(errors="replace")
        for shown in output.replace("\r", "\n").split("\n")[:-1]:
            if shown.startswith("<") and shown.endswith(">"):
                return shown[1:-1].split("><")
    raise AssertionError(f"nothing was run:\n{output}")


def fish_offers(line, folder, environment):
    """[word] that fish offers for the end of `line`."""
    script = f'"{binary()}" completion fish | source; complete -C $LINE'
    # What is typed begins with the name that the script is for.
    path = os.path.dirname(binary()) + os.pathsep + environment.get("PATH", os.defpath)
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], cwd=folder, capture_output=True, text=True,
        timeout=60 * SLOWNESS, env={**environment, "PATH": path, "LINE": line, "HOME": str(folder)})
    assert done.returncode == 0 and done.stderr == "", done
    return [offered.split("\t")[0] for offered in done.stdout.splitlines()]
