#!/usr/bin/env python3
"""Checks that the tags of C++ comments (`Errors:`, `Source:`, `Threads:`, ...) begin a line.

Usage: tools/lint/comments.py [--fix] [FILE...]; without files, all that git knows.
--fix moves a tag that stands within a line to a line of its own, with the text that follows it.
"""

import re
import subprocess
import sys
import textwrap

TAGS = "Cost|Detail|Errors|Letters|Memory|Mirrors|Sources?|Threads|Units"
WIDTH = 100
COMMENT = re.compile(r"^(\s*)//( ?)(\s*)(.*)$")
WITHIN = re.compile(rf"^(.*[.!?)\"'] +)((?:{TAGS}):(?: .*)?)$")
AT_START = re.compile(rf"^(?:{TAGS}):")


def split_at_tags(text):
    """The text cut before each tag that begins a sentence within it."""
    parts = []
    while (match := WITHIN.match(text)) is not None:
        parts.insert(0, match.group(2))
        text = match.group(1).rstrip()
    return [text, *parts]


def mended(lines):
    """The lines with every tag at the beginning of one, and the numbers of those that were not."""
    result, faults, i = [], [], 0
    while i < len(lines):
        comment = COMMENT.match(lines[i])
        if comment is None or WITHIN.match(comment.group(4)) is None:
            result.append(lines[i])
            i += 1
            continue
        faults.append(i + 1)
        code, blank, indent, text = comment.groups()
        # The first cut: what stands before it keeps its spaces.
        first = split_at_tags(text)[0]
        rest = text[len(first):].strip()
        i += 1
        while i < len(lines):
            following = COMMENT.match(lines[i])
            if (following is None or following.group(1) != code or following.group(3) != indent
                    or not following.group(4) or AT_START.match(following.group(4))
                    or re.match(r"[-*|] ", following.group(4))):
                break
            rest += " " + following.group(4)
            i += 1
        start = f"{code}//{blank}{indent}"
        result.append(start + first)
        for part in split_at_tags(rest):
            result += textwrap.wrap(part, WIDTH, initial_indent=start, subsequent_indent=start,
                                    break_long_words=False, break_on_hyphens=False)
    return result, faults


def main(arguments):
    fix = "--fix" in arguments
    files = [name for name in arguments if name != "--fix"]
    if not files:
        listed = subprocess.run(["git", "ls-files", "*.h", "*.cpp"], check=True,
                                capture_output=True, text=True)
        files = listed.stdout.split()
    found = 0
    for name in files:
        with open(name, encoding="utf-8") as file:
            lines = file.read().split("\n")
        result, faults = mended(lines)
        for line in faults:
            print(f"{name}:{line}: a comment's tag stands within a line")
        found += len(faults)
        if fix and faults:
            with open(name, "w", encoding="utf-8") as file:
                file.write("\n".join(result))
    return 1 if found and not fix else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
