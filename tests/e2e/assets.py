"""Files that configurations name: pictures, a project archive."""

import struct
import zipfile
import zlib


def png(shade=255):
    """A picture of one pixel; another shade is another content."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes([0, shade, 0, 0]))) + chunk(b"IEND", b""))


def ico(shade=0):
    """An icon whose picture is a PNG, as icons may have it."""
    picture = png(shade)
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 1, 1, 0, 0, 1, 24, len(picture), 22) + picture


def project(path, tasks=("landing",), variables=("targetSchema",)):
    """An archive as a DI project exports it."""
    lines = ["name: Sales", "tasks:"]
    lines += [f"  - {{id: {task}-1, name: {task}, type: LANDING}}" for task in tasks]
    lines += ["variables:"] + [f"  {name}: null" for name in variables]
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("project.yaml"), "\n".join(lines) + "\n")
