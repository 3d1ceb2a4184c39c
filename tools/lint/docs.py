#!/usr/bin/env python3
"""Checks what the documents say: their links, and the commands that they show.

Usage: tools/lint/docs.py [--program build/litemedcot]
- Every relative link in a *.md leads to a file, and its anchor to a heading.
- Every `make` target, `cmake --preset` and script of the project in a block of code exists.
- Every `litemedcot` command in a block of code or in a code span is one, with flags that its --help
  lists; so is every flag that README.md names by itself. This needs the program: without --program
  it is done where build/litemedcot is there.
"""

import argparse
import functools
import json
import pathlib
import re
import shlex
import subprocess
import sys
from urllib.parse import unquote

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^\s*(```|~~~)(\w*)")
SPAN = re.compile(r"(`+)(.+?)\1")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)<>\s]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*(\S+)")
FLAG = re.compile(r"^--[a-z][a-z0-9-]*$")


class Document:
    """A Markdown file, its lines taken apart into prose, code spans and lines of blocks."""

    def __init__(self, path):
        self.path = path
        self.prose = []  # (line, text without code)
        self.spans = []  # (line, code)
        self.blocks = []  # (line, command); lines that end in a backslash are joined
        self.anchors = set()
        fence, begun = None, None
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            mark = FENCE.match(line)
            if mark and fence in (None, mark.group(1)):
                fence = None if fence else mark.group(1)
            elif fence:
                first, text = begun or (number, "")
                text += line.rstrip("\\") + " " if line.endswith("\\") else line
                begun = (first, text) if line.endswith("\\") else None
                if begun is None:
                    self.blocks.append((first, text))
            else:
                self.spans += [(number, found.group(2).strip()) for found in SPAN.finditer(line)]
                self.prose.append((number, SPAN.sub("", line)))
                if heading := re.match(r"^#{1,6}\s+(.*?)\s*#*$", line):
                    self.add_anchor(heading.group(1))
                self.anchors.update(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", line))

    def add_anchor(self, heading):
        """As GitHub names it."""
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        number = 0
        while (name := f"{slug}-{number}" if number else slug) in self.anchors:
            number += 1
        self.anchors.add(name)


@functools.cache
def document(path):
    return Document(path)


@functools.cache
def make_targets():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][\w-]*):(?!=)", text, re.MULTILINE))


@functools.cache
def presets():
    return {one["name"] for one in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}


class Program:
    """The built program's commands and flags, by its --help."""

    def __init__(self, path):
        self.path = path

    @functools.cache  # noqa: B019
    def help(self, *words):
        done = subprocess.run([self.path, *words, "--help"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"docs: {self.path} {' '.join(words)} --help: exit code {done.returncode}")
        return done.stdout

    @functools.cached_property
    def commands(self):
        # Listed as "  name   what it does".
        return set(re.findall(r"^ {2}([a-z]+) {2,}\S", self.help(), re.MULTILINE))

    def flags(self, command):
        flags = {"--help", "--config"}
        # A switch is listed as "--[no-]name".
        for no, name in re.findall(r"--(\[no-\])?([a-z][a-z0-9-]*)", self.help(command)):
            flags |= {f"--{name}", f"--no-{name}"} if no else {f"--{name}"}
        return flags

    @functools.cached_property
    def all_flags(self):
        return {"--version"}.union(*(self.flags(command) for command in self.commands))


def words_of(command):
    """The words of a shell command up to a comment or the next command; None: no shell command."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return None
    for i, word in enumerate(words):
        if word in ("|", "&&", "||", ";", ">", "2>"):
            return words[:i]
    return words


def link_fault(path, target):
    if re.match(r"^[a-z][a-z0-9+.-]*:", target):
        return None
    name, _, anchor = target.partition("#")
    leads_to = (ROOT / path).parent / unquote(name) if name else ROOT / path
    if not leads_to.exists():
        return f"no file {target}"
    leads_to = leads_to.resolve()
    if not leads_to.is_relative_to(ROOT):
        return f"{target} lies outside the project"
    if anchor and leads_to.suffix == ".md":
        if anchor not in document(leads_to.relative_to(ROOT).as_posix()).anchors:
            return f"no heading for {target}"
    return None


def program_faults(words, program):
    """Of a command that begins with `litemedcot`."""
    if len(words) < 2 or not re.match(r"^[a-z]+$", words[1]):  # `litemedcot`, or a placeholder
        return [] if len(words) < 2 or words[1].startswith(("-", "<", "...")) else [f"no command {words[1]}"]
    if words[1] not in program.commands:
        return [f"no command called {words[1]}"]
    known = program.flags(words[1])
    flags = [word.split("=")[0] for word in words[2:]]
    return [f"{words[1]} has no flag {flag}" for flag in flags if FLAG.match(flag) and flag not in known]


def command_faults(command, program):
    words = words_of(command.removeprefix("$ ").strip())
    while words and re.match(r"^[A-Z_]+=", words[0]):
        words = words[1:]
    if not words:
        return []
    first = words[0].removeprefix("./")
    if first == "make":
        targets = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        return [f"no make target {target}" for target in targets if target not in make_targets()]
    if first == "cmake" and "--preset" in words[:-1]:
        preset = words[words.index("--preset") + 1]
        return [] if preset in presets() else [f"no preset {preset}"]
    if pathlib.PurePath(first).name == "litemedcot" and program:
        return program_faults(words, program)
    scripts = [word for word in words[:2] if re.match(r"^(tools|bench|fuzz|tests|\.ci)/[\w./-]+$", word)]
    return [f"no file {script}" for script in scripts if not (ROOT / script).exists()]


def faults(doc, program):
    for line, text in doc.prose:
        for found in LINK.finditer(text):
            if fault := link_fault(doc.path, found.group(1) or found.group(2)):
                yield line, fault
    for line, command in doc.blocks:
        for fault in command_faults(command, program):
            yield line, fault
    for line, span in doc.spans:
        if re.match(r"^(make|litemedcot|cmake --preset|tools/\S+\.(sh|py)|fuzz/run\.sh)\b", span):
            for fault in command_faults(span, program):
                yield line, fault
        flag = span.split(" ")[0].split("=")[0]
        if doc.path == "README.md" and program and FLAG.match(flag) and flag not in program.all_flags:
            yield line, f"no command has a flag {flag}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--program", help="the built program, which then must be there")
    given = arguments.parse_args()
    path = ROOT / (given.program or "build/litemedcot")
    if given.program and not path.exists():
        sys.exit(f"docs: no {given.program} (hint: make build)")
    program = Program(str(path)) if path.exists() else None
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True)
    paths = [name for name in listed.stdout.split() if (ROOT / name).exists()]
    found = 0
    for name in paths:
        for line, fault in sorted(faults(document(name), program)):
            print(f"{name}:{line}: {fault}")
            found += 1
    print(f"docs: {len(paths)} documents, {found} faults"
          + ("" if program else "; flags not looked at: build/litemedcot is not built"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
