"""Rates a review sheet in a headless Chromium, as a person would, and saves the ratings.

Shows that the page works from a file: by keyboard and mouse, over a reload, without a message on the
console. What it saved is then read by `litemedcot teach --review`.

Run: python tools/compare/review_page.py SHEET.html FOLDER  (websocket-client; chromium in the path)
FOLDER gets ratings-<rater>-<sheet>.json and pictures of the page: wide and narrow, light and dark.
"""
import base64
import json
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

PORT = 9377
CHOICES = {"findings": ["yes", "partly", "no", "cannot tell"], "leads": ["yes", "no"],
           "acceptable": ["yes", "no"], "answer": ["A", "B"]}


class Page:
    def __init__(self):
        for _ in range(60):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/json") as reply:
                    target = next(one for one in json.load(reply) if one["type"] == "page")
                break
            except OSError:
                time.sleep(0.5)
        self.socket = websocket.create_connection(target["webSocketDebuggerUrl"], timeout=60)
        self.number = 0
        self.complaints = []

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            reply = json.loads(self.socket.recv())
            if reply.get("id") == self.number:
                assert "error" not in reply, reply
                return reply["result"]
            if reply["method"] in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.complaints.append(reply)

    def run(self, script):
        reply = self.call("Runtime.evaluate", expression=script, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def open(self, path):
        self.call("Page.navigate", url=path.resolve().as_uri())
        time.sleep(2)

    def press(self, key, code, number, **text):
        names = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        self.call("Input.dispatchKeyEvent", type="keyDown", **names, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **names)

    def picture(self, path, width, height, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.run("items[1].scrollIntoView()")
        time.sleep(0.5)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
        assert self.run("document.documentElement.scrollWidth") <= width, path


def rate(page, sheet, folder):
    for domain in ("Page", "Runtime", "Log"):
        page.call(domain + ".enable")
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder.resolve()))
    page.open(sheet)
    total = page.run("items.length")
    page.run("document.getElementById('save').click()")
    assert page.run("document.activeElement.id") == "rater"  # no name, no file
    page.run("rater.value = 'Dr. M. \\u00c4'; rater.dispatchEvent(new Event('input', {bubbles: true}))")

    page.run("document.getElementById('next').click()")  # the first item by keyboard
    for _ in CHOICES:
        page.press(" ", "Space", 32, text=" ")
        page.press("Tab", "Tab", 9)
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
            page.picture(folder / f"{width}-{scheme}.png", width, height, scheme)
    page.run("document.getElementById('save').click()")
    time.sleep(2)
    saved = next(folder.glob("ratings-*.json"))
    assert len(json.loads(saved.read_text())["items"]) == total
    assert not page.complaints, page.complaints
    print(saved)


def main():
    sheet, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", f"--remote-debugging-port={PORT}",
             "--remote-allow-origins=*", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            rate(Page(), sheet, folder)
        finally:
            browser.terminate()
            browser.wait()


if __name__ == "__main__":
    main()
