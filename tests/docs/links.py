"""What pages link to is there: files, headings of files; and decisions are numbered without gaps.

Pages are the Markdown files that git tracks. Addresses on the network are not called.
"""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]*(?:\([^()\s]*\))?[^()\s]*)\)")
FENCED = re.compile(r"^ *(```+).*?^ *\1[ \t]*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")


def pages():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def prose(page):
    return FENCED.sub("", page.read_text())


def anchors(page):
    """The anchors of a page's headings, by GitHub's rule."""
    found = set()
    for heading in re.findall(r"^#+ +(.*?) *#*$", prose(page), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        plain = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        number = sum(1 for other in found if re.fullmatch(re.escape(plain) + r"(-\d+)?", other))
        found.add(f"{plain}-{number}" if number and plain in found else plain)
    found.update(re.findall(r'<a (?:id|name)="([^"]+)"', page.read_text()))
    return found


def dead(page):
    """The links of a page that lead nowhere."""
    found = []
    for target in LINK.findall(CODE.sub("``", prose(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            found.append(target)
        elif anchor and (file.is_dir() or anchor not in anchors(file)):
            found.append(target)
    return found


class Links(unittest.TestCase):
    def test_lead_somewhere(self):
        checked = pages()
        self.assertGreater(len(checked), 20)
        for page in checked:
            with self.subTest(page=str(page.relative_to(ROOT))):
                self.assertEqual(dead(page), [])


class Decisions(unittest.TestCase):
    def test_are_numbered_without_gaps(self):
        records = sorted((ROOT / "docs/decisions").glob("*.md"))
        self.assertEqual([int(record.name[:4]) for record in records], list(range(1, len(records) + 1)))
        for record in records:
            with self.subTest(record=record.name):
                self.assertTrue(record.read_text().startswith(f"# {int(record.name[:4])}. "))


if __name__ == "__main__":
    unittest.main()
