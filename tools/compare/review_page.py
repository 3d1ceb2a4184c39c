"""Rates a review sheet in a headless Chromium, as a person would, and saves the ratings.

Shows that the page works from a file: by keyboard and mouse, over a reload, without a message on the
console. What it saved is then read by `litemedcot teach --review`.

Run: python tools/compare/review_page.py SHEET.html FOLDER  (chromium in the path)
FOLDER gets ratings-<rater>-<sheet>.json and screenshots of the page: wide and narrow, light and dark.
"""
import json
import random
import sys
import time
from pathlib import Path

from browser_page import browser_page

CHOICES = {"findings": ["yes", "partly", "no", "cannot tell"], "leads": ["yes", "no"],
           "acceptable": ["yes", "no"], "answer": ["A", "B"]}


def press(page, key, code, number, **text):
    names = {"key": key, "code": code, "windowsVirtualKeyCode": number}
    page.call("Input.dispatchKeyEvent", type="keyDown", **names, **text)
    page.call("Input.dispatchKeyEvent", type="keyUp", **names)


def screenshot(page, path, width, height, scheme):
    page.show(width, height, scheme)
    page.run("items[1].scrollIntoView()")
    time.sleep(0.5)
    page.screenshot(path)
    assert page.run("document.documentElement.scrollWidth") <= width, path


def rate(page, sheet, folder):
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder.resolve()))
    page.open(sheet)
    total = page.run("items.length")
    page.run("document.getElementById('save').click()")
    assert page.run("document.activeElement.id") == "rater"  # no name, no file
    page.run("rater.value = 'Dr. M. \\u00c4'; rater.dispatchEvent(new Event('input', {bubbles: true}))")

    page.run("document.getElementById('next').click()")  # the first item by keyboard
    for _ in CHOICES:
        press(page, " ", "Space", 32, text=" ")
        press(page, "Tab", "Tab", 9)
    assert page.run("progress.textContent") == f"1 of {total} rated"

    for item in range(2, total + 1):
        for name, values in CHOICES.items():
            value = random.Random(f"{item} {name}").choice(values)
            page.run(f"document.querySelector('input[name={name}-{item}][value=\"{value}\"]').click()")
        if item == total // 2 + 1:
            page.open(sheet)  # nothing is lost
            assert page.run("progress.textContent") == f"{item} of {total} rated"
    for width, height in ((1280, 900), (390, 844)):
        for scheme in ("light", "dark"):
            screenshot(page, folder / f"{width}-{scheme}.png", width, height, scheme)
    page.run("document.getElementById('save').click()")
    time.sleep(2)
    saved = next(folder.glob("ratings-*.json"))
    assert len(json.loads(saved.read_text())["items"]) == total
    assert not page.complaints, page.complaints
    print(saved)


def main():
    sheet, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True)
    with browser_page() as page:
        rate(page, sheet, folder)


if __name__ == "__main__":
    main()
