"""Opens a report in a headless Chromium and looks for what a reader would stumble over.

At desktop and phone width, in light and dark: no message on the console, nothing wider than the
screen, no violation that axe finds (with every folded part open). Then the list of all questions is
filtered and turned. Screenshots of the page are saved, to be looked at.

Run: python tools/compare/report_page.py REPORT.html FOLDER --axe AXE.min.js
(chromium in the path; axe.min.js of the npm package axe-core)
"""
import argparse
import time
from pathlib import Path

from browser_page import browser_page

SIZES = ((1280, 900), (390, 844))
SLICE_PX = 3000  # screenshots of a long page come in pieces of this height


def screenshots(page, folder, name):
    size = page.call("Page.getLayoutMetrics")["cssContentSize"]
    top, number = 0, 0
    while top < size["height"]:
        height = min(SLICE_PX, size["height"] - top)
        clip = {"x": 0, "y": top, "width": size["width"], "height": height, "scale": 1}
        page.screenshot(folder / f"{name}-{number:02}.png", clip=clip, captureBeyondViewport=True)
        top, number = top + height, number + 1


def try_the_list(page):
    if not page.run("document.getElementById('item-filters') !== null"):
        return
    def status():
        return page.run("document.getElementById('item-status').textContent")

    def choose(name, value):
        page.run(f"(() => {{ const one = document.getElementById('item-filters').elements['{name}']; "
                 f"one.value = '{value}'; one.dispatchEvent(new Event('input', {{bubbles: true}})); "
                 "})()")
    everything = status()
    choose("run", "0")
    choose("verdict", "right")
    right = status()
    choose("verdict", "wrong")
    wrong = status()
    assert right != wrong or right == "No question is like that.", right
    rights = page.run("document.querySelectorAll('#item-list article').length")
    assert 0 <= rights <= 20
    choose("verdict", "")
    choose("run", "")
    choose("words", "no question has these words")
    assert status() == "No question is like that.", status()
    choose("words", "")
    assert status() == everything
    if page.run("!document.getElementById('item-next').disabled"):
        page.run("document.getElementById('item-next').click()")
        assert status().startswith("Questions 21 to "), status()
        page.run("document.getElementById('item-previous').click()")
    print("list:", everything, "| first run right:", right, "| wrong:", wrong)


def check(page, report, folder, axe):
    page.open(report)
    try_the_list(page)
    bad = 0
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            name = f"{width}-{scheme}"
            page.show(width, height, scheme)
            page.run("document.querySelectorAll('details').forEach((one) => one.open = false)")
            page.run("scrollTo(0, 0)")
            screenshots(page, folder, name)
            page.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
            time.sleep(0.5)
            reach = page.run("document.documentElement.scrollWidth")
            if reach > width:
                bad += 1
                print(f"{name}: {reach} px wide")
            for one in page.axe_violations(axe):
                bad += 1
                print(f"{name}: {one['id']}: {one['help']} ({one['count']})")
                for node in one["nodes"]:
                    print("    " + node)
            print(f"{name}: looked at")
    for complaint in page.complaints:
        bad += 1
        print("console:", complaint)
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("report", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--axe", type=Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with browser_page() as page:
        bad = check(page, options.report, options.folder, options.axe)
    print("violations and errors:", bad)
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
