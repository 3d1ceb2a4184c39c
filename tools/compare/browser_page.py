"""A page in a headless Chromium, driven by its debugging protocol over a pipe (chromium in the path)."""
import base64
import contextlib
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time

COMPLAINTS = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
KEYS = {"Enter": ("Enter", 13, "\r"), "Tab": ("Tab", 9, None), "Backspace": ("Backspace", 8, None),
        "ArrowUp": ("ArrowUp", 38, None), "ArrowDown": ("ArrowDown", 40, None), " ": ("Space", 32, " ")}


class Browser:
    """Messages are JSON, each ended by a NUL."""

    def __init__(self, send_fd, receive_fd):
        self.send_fd = send_fd
        self.number = 0
        self.received = queue.Queue()
        threading.Thread(target=self.read, args=(receive_fd,), daemon=True).start()

    def read(self, receive_fd):
        held = b""
        with contextlib.suppress(OSError):
            while piece := os.read(receive_fd, 1 << 20):
                *whole, held = (held + piece).split(b"\0")
                for message in whole:
                    self.received.put(json.loads(message))

    def send(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.send_fd, data):]
        return self.number


class Page:
    def __init__(self, browser):
        self.browser = browser
        self.complaints = []  # what the console had to say
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        number = self.browser.send(method, self.session, **parameters)
        while True:
            reply = self.browser.received.get(timeout=120)
            if reply.get("id") == number:
                assert "error" not in reply, reply
                return reply["result"]
            if reply.get("method") in COMPLAINTS and reply.get("sessionId") == self.session:
                self.complaints.append(reply)

    def run(self, script):
        """The value of a script, or what its promise comes to."""
        reply = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                          awaitPromise=True, userGesture=True)
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def wait(self, script, seconds=20):
        """The first value of a script that counts as true."""
        end = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.05)
        return value

    def open(self, where):
        """A file, or a URL."""
        self.call("Page.navigate", url=where if isinstance(where, str) else where.resolve().as_uri())
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'", 60)
        time.sleep(0.3)

    def show(self, width, height, scheme, media=""):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        time.sleep(0.5)

    def screenshot(self, path, **parameters):
        shot = self.call("Page.captureScreenshot", **parameters)
        path.write_bytes(base64.b64decode(shot["data"]))

    def whole_screenshot(self, path):
        """Of all that scrolling would show."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        self.screenshot(path, clip=clip, captureBeyondViewport=True)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def press(self, key, ctrl=False):
        code, number, text = KEYS[key]
        names = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": 2 if ctrl else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown", **names, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **names)

    def place_of(self, selector):
        """The middle of an element, scrolled into view."""
        return self.run(f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
                        "one.scrollIntoView({block: 'center'}); const box = one.getClientRects()[0];"
                        "return [box.x + box.width / 2, box.y + box.height / 2]; })()")

    def mouse(self, kind, x, y, button="none"):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1,
                  buttons=1 if button == "left" and kind != "mouseReleased" else 0)

    def click(self, selector):
        """Where the element comes to rest, as somebody would who sees it move."""
        place = None
        while place != (place := self.place_of(selector)):
            time.sleep(0.1)
        x, y = place
        self.mouse("mousePressed", x, y, "left")
        self.mouse("mouseReleased", x, y, "left")

    def drop(self, selector, path):
        x, y = self.place_of(selector)
        data = {"items": [], "files": [str(path.resolve())], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def axe_violations(self, axe):
        """What axe finds, a dictionary for each rule; `axe` is the path of axe.min.js."""
        self.run(axe.read_text() + "; 0")
        return self.run("axe.run(document, {resultTypes: ['violations']}).then((all) => "
                        "all.violations.map((one) => ({id: one.id, help: one.help, impact: one.impact, count: "
                        "one.nodes.length, nodes: one.nodes.slice(0, 4).map((node) => node.html.slice(0, 200) "
                        "+ ' :: ' + node.failureSummary)})))")


@contextlib.contextmanager
def browser():
    to_browser, send_fd = os.pipe()
    receive_fd, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The browser reads from descriptor 3 and writes to 4.
        command = (f"exec chromium --headless --no-sandbox --remote-debugging-pipe --disable-gpu "
                   f"--user-data-dir={profile} about:blank 3<&{to_browser} 4>&{from_browser}")
        process = subprocess.Popen(["sh", "-c", command], pass_fds=(to_browser, from_browser),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for one in (to_browser, from_browser):
            os.close(one)
        try:
            yield Browser(send_fd, receive_fd)
        finally:
            process.terminate()
            process.wait()
            for one in (send_fd, receive_fd):
                os.close(one)


@contextlib.contextmanager
def browser_page():
    with browser() as one:
        yield Page(one)


def has_browser():
    return shutil.which("chromium") is not None
