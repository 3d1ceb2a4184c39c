"""A page in a headless Chromium, driven over its debugging protocol (websocket-client; chromium)."""
import base64
import contextlib
import json
import subprocess
import tempfile
import time
import urllib.request

import websocket

PORT = 9377
COMPLAINTS = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")


class Page:
    def __init__(self):
        for _ in range(60):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/json") as reply:
                    target = next(one for one in json.load(reply) if one["type"] == "page")
                break
            except OSError:
                time.sleep(0.5)
        self.socket = websocket.create_connection(target["webSocketDebuggerUrl"], timeout=300)
        self.number = 0
        self.complaints = []  # what the console had to say
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            reply = json.loads(self.socket.recv())
            if reply.get("id") == self.number:
                assert "error" not in reply, reply
                return reply["result"]
            if reply["method"] in COMPLAINTS:
                self.complaints.append(reply)

    def run(self, script):
        """The value of a script, or what its promise comes to."""
        reply = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                          awaitPromise=True, userGesture=True)
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def open(self, path):
        self.call("Page.navigate", url=path.resolve().as_uri())
        time.sleep(3)

    def show(self, width, height, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        time.sleep(0.5)

    def screenshot(self, path, **parameters):
        shot = self.call("Page.captureScreenshot", **parameters)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextlib.contextmanager
def browser_page():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", f"--remote-debugging-port={PORT}",
             "--remote-allow-origins=*", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield Page()
        finally:
            browser.terminate()
            browser.wait()
