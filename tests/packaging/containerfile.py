"""Containerfile as its stages; and what it promises, checked without an engine."""

import dataclasses
import re
import unittest

from support import REPOSITORY


@dataclasses.dataclass
class Stage:
    base: str
    instructions: list  # (word, text) in their order

    @property
    def commands(self):
        return [text for word, text in self.instructions if word == "RUN"]

    @property
    def user(self):
        return [text for word, text in self.instructions if word == "USER"][-1]


def stages(text):
    """{name: Stage}"""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        word, rest = line.split(None, 1)
        if word == "FROM":
            base, name = re.fullmatch(r"(\S+) AS (\S+)", rest).groups()
            found[name] = Stage(base, [])
        elif found:
            list(found.values())[-1].instructions.append((word, " ".join(rest.split())))
    return found


class ContainerfileTest(unittest.TestCase):
    def setUp(self):
        self.stages = stages((REPOSITORY / "Containerfile").read_text())

    def test_the_images_hold_no_compiler_and_no_source(self):
        self.assertEqual(self.stages["tenantry"].base, self.stages["build"].base)
        self.assertEqual(self.stages["ci"].base, "tenantry")
        for name in ("tenantry", "ci"):
            for word, text in self.stages[name].instructions:
                self.assertNotEqual(word, "ADD")
                if word == "COPY":
                    self.assertTrue(text.startswith("--from=build /package/"), text)

    def test_no_image_runs_as_root(self):
        for name in ("tenantry", "ci"):
            self.assertRegex(self.stages[name].user, r"^[1-9]\d+$")

    def test_what_is_copied_from_the_checkout_is_there(self):
        for word, text in self.stages["build"].instructions:
            if word == "COPY":
                for source in text.split()[:-1]:
                    self.assertTrue((REPOSITORY / source).exists(), source)

    def test_the_steps_of_the_build_are_those_of_the_documentation(self):
        page = (REPOSITORY / "docs" / "how-to-install.md").read_text()
        build = " ".join(self.stages["build"].commands)
        for command in ("scripts/packages.sh build", "cmake --preset release",
                        "cmake --build --preset release --target tenantry tenantry_man", "cpack -G DEB"):
            self.assertIn(command, build)
            self.assertIn(command, page)

    def test_nothing_that_runs_left_behind_is_sent_to_the_engine(self):
        ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
        for pattern in (".git", "build", "**/node_modules", "**/.tenantry", "**/*.state", "**/secrets"):
            self.assertIn(pattern, ignored)


if __name__ == "__main__":
    unittest.main()
