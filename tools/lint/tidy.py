#!/usr/bin/env python3
"""Runs clang-tidy (.clang-tidy) on the C++ lines that a change touches; any finding there fails.

Usage: tools/lint/tidy.py [--all] [--build FOLDER] [--most N]
Changed means: since $LMC_BASE, else since the branch left main, else since the commit before. What
needs libtorch is left out, as its headers take clang-tidy half a minute a file; so are tests, whose
comparisons of JSON clang reads otherwise than gcc. A changed header
is looked at through one source file that includes it. Of more than N source files (40) the N with
the most changed lines are looked at, so that the time stays bounded; --all looks at every line of
every one.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / ".venv-lint/bin/clang-tidy"
# The second: a file's own flags may name warnings that GCC alone has.
EXTRA = ("--extra-arg=-Wno-deprecated-declarations", "--extra-arg=-Wno-unknown-warning-option")
LONGEST_FILTER = 100_000  # bytes of one argument, of which Linux takes 128 Ki
FOLDERS = ("src/", "apps/", "fuzz/", "bench/")


def git(*words):
    """What git prints, or None where it fails."""
    # Some tests hold text of other code pages, which a diff shows as it is.
    done = subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, errors="replace", check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def commit_of(name):
    return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") if name else None


def base_commit():
    """The commit to compare with, and why it is that one; (None, why) where there is none."""
    given = os.environ.get("LMC_BASE", "")
    if commit_of(given):
        return commit_of(given), "$LMC_BASE"
    head = commit_of("HEAD")
    for main in ("origin/main", "main"):
        base = git("merge-base", "HEAD", main) if commit_of(main) else None
        if base and base != head:
            return base, f"where the branch left {main}"
    if commit_of("HEAD^"):
        return commit_of("HEAD^"), "the commit before"
    return None, "a shallow clone, or the first commit"


def changed_lines(base):
    """First and last of the lines that changed by file, what is not yet committed included."""
    lines, path = {}, None
    for row in (git("diff", "--unified=0", "--no-renames", "--no-color", base) or "").splitlines():
        if row.startswith("+++ "):
            path = row[6:] if row.startswith("+++ b/") and row[6:].startswith(FOLDERS) else None
        elif path and (hunk := re.match(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", row)):
            first, count = int(hunk.group(1)), int(hunk.group(2) or 1)
            if count:
                lines.setdefault(path, []).append([first, first + count - 1])
    return lines


def compiled_without_torch(build):
    """The source files that the build compiles without libtorch."""
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    files = set()
    for entry in commands:
        path = pathlib.Path(entry["directory"], entry["file"])
        if "LMC_HAVE_TORCH" not in entry["command"] and path.is_relative_to(ROOT):
            files.add(path.relative_to(ROOT).as_posix())
    return {file for file in files if file.startswith(FOLDERS) and not file.endswith("_test.cpp")}


def source_for(header, sources):
    """A source file through which a header can be looked at: its own, or the first that includes it."""
    own = header.removesuffix(".h") + ".cpp"
    if own in sources:
        return own
    include = re.compile(rf'#include "(?:[^"]*/)?{re.escape(pathlib.PurePath(header).name)}"')
    for source in sorted(sources):
        if include.search((ROOT / source).read_text(encoding="utf-8")):
            return source
    return None


def wanted_sources(lines, sources, most):
    """The source files to look at for changes on these lines, the most changed first."""
    weights = {}
    for path, ranges in lines.items():
        source = path if path in sources else source_for(path, sources) if path.endswith(".h") else None
        if source:
            weights[source] = weights.get(source, 0) + sum(last - first + 1 for first, last in ranges)
    wanted = sorted(weights, key=lambda source: (-weights[source], source))
    cut = f", the {most} with the most changed lines" if len(wanted) > most else ""
    return wanted[:most], f"{len(wanted)} changed source files without libtorch{cut}"


def look_at(source, build, lines):
    """What clang-tidy finds in a source file and the headers it includes; empty: nothing."""
    only = [f"--line-filter={json.dumps(lines)}"] if lines else []
    done = subprocess.run(
        [TOOL, "--quiet", *EXTRA, "-p", build, *only, source],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return ""
    return done.stdout.strip() or done.stderr.strip()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--all", action="store_true", help="every file that needs no libtorch")
    arguments.add_argument("--build", default="build", help="a configured build folder (build)")
    arguments.add_argument("--most", type=int, default=40, help="source files at most (40)")
    given = arguments.parse_args()
    build = ROOT / given.build
    if not (build / "compile_commands.json").exists():
        sys.exit(f"tidy: no {given.build}/compile_commands.json (hint: make build, or --build build-core)")
    if not TOOL.exists():
        sys.exit("tidy: no clang-tidy in .venv-lint (hint: tools/lint/setup.sh)")
    sources = compiled_without_torch(build)
    wanted, lines = sorted(sources), []
    if not given.all:
        base, why = base_commit()
        if base is None:
            print(f"tidy: nothing to compare with: {why}")
            return
        changed = changed_lines(base)
        lines = [{"name": path, "lines": ranges} for path, ranges in sorted(changed.items())]
        if len(json.dumps(lines)) > LONGEST_FILTER:
            lines = [{"name": path} for path in sorted(changed)]
        wanted, what = wanted_sources(changed, sources, given.most)
        print(f"tidy: {what}, since {base[:9]} ({why})", flush=True)
    found = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, said in zip(
            wanted, pool.map(lambda one: look_at(one, build, lines), wanted), strict=True
        ):
            if said and said not in found:
                found.add(said)
                print(f"tidy: {source}\n{said}", flush=True)
    if found:
        sys.exit("tidy: failed")
    if wanted:
        print(f"tidy: {len(wanted)} source files pass")


if __name__ == "__main__":
    main()
