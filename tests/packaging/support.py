"""What the packaging tests share: the folder of the build, commands, the package that is made of it."""

import os
import pathlib
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TENANTRY_BUILD", REPOSITORY / "build" / "release"))
SKIPPED = 77  # the exit code that ctest takes for it


def skip(why):
    print(f"skipped: {why}", file=sys.stderr)
    sys.exit(SKIPPED)


def run(*command, code=0, **options):
    """What the command printed; an error unless it ends with `code`."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=600, **options)
    if done.returncode != code:
        raise AssertionError(f"{command} ended with {done.returncode}, not {code}:\n"
                             f"{done.stdout}\n{done.stderr}")
    return done.stdout


def make_package(folder, **environment):
    """The package that CPack makes in `folder` of what was built."""
    run("cpack", "-G", "DEB", "-B", folder, cwd=BUILD, env={**os.environ, **environment})
    [package] = pathlib.Path(folder).glob("*.deb")
    return package


def temporary_folder(case):
    """A folder that is gone when the test case, or its class, is done."""
    folder = tempfile.TemporaryDirectory(prefix="tenantry-packaging-")
    (case.addClassCleanup if isinstance(case, type) else case.addCleanup)(folder.cleanup)
    return pathlib.Path(folder.name).resolve()
