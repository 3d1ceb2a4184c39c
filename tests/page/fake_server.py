"""A stand-in for `litemedcot serve`, for the page alone: canned answers, and what goes wrong on wish.

Run: python tests/page/fake_server.py [PORT]   (then open http://127.0.0.1:PORT/)
"""
import base64
import json
import math
import struct
import sys
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "src/serve/page"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8"}
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
          "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
DEVICE = {"model": "phantom-student", "engine": "native", "dtype": "int8",
          "calibration": {"method": "platt", "items": 2000}, "prediction_set": {"coverage": 0.9, "threshold": 0.15, "items": 2000},
          "sure_from": None, "audit": False, "max_image_bytes": 40_000_000, "max_choices": 26, "research_only": True,
          "sentence_methods": [
              {"name": "gradient", "pointing": {"hits": 0.71, "chance": 0.14, "earned": True}},
              {"name": "occlusion", "pointing": {"hits": 0.15, "chance": 0.14, "earned": False}}]}
SENTENCES = [("The upper left region shows two bright round spots.", 4.1, (3, 3)),
             ("No spot lies in the lower half of the image.", 0.6, (10, 8)),
             ("Spots of this kind are often counted by region.", -0.02, (0, 0)),
             ("Conclusion: two B.", 2.9, (3, 4))]
REPLY = " ".join(text for text, _, _ in SENTENCES) + "\n\nAnswer: B"
SHARES = {"sure": [0.05, 0.86, 0.06, 0.03], "unsure": [0.21, 0.41, 0.33, 0.05]}
BLIND = [0.24, 0.3, 0.26, 0.2]


def png_of(width, height, grey):
    """Of a function from column and row to 0 .. 255."""
    rows = b"".join(b"\0" + bytes(int(grey(x, y)) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def scan(centre, width, frame=1):
    """Something like a slice, in the window."""
    def value(x, y):
        u, v = (x - 56) / 45, (y - 56) / 52
        body = 40 if u * u + v * v < 1 else -1000
        for side in (-1, 1):
            if ((u - side * 0.42) / 0.34) ** 2 + ((v + 0.1) / 0.55) ** 2 < 1:
                body = -820 + 60 * math.sin(x / 2.5 + frame) * math.cos(y / 3.5)
        if (u - 0.3) ** 2 + (v - 0.15) ** 2 < 0.012 * frame:
            body = 60
        return body
    return png_of(112, 112, lambda x, y: min(255, max(0, 255 * ((value(x, y) - centre) / width + 0.5))))


def read_image(request):
    head, _, text = request["image"].partition(",")
    data = base64.b64decode(text)
    if data.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", data[16:24])
        if width * height > 178956970:
            raise Refusal(400, f"image: an image of {width}x{height} px is too large; at most 178956970 pixels", "image",
                          "image_too_large")
        return request["image"], width, height, None
    if data[128:132] == b"DICM":
        presets = {"Abdomen": (40, 400), "Lung": (-600, 1500)}
        text = request.get("window") or "Abdomen"
        centre, width = presets.get(text) or map(float, text.split(","))
        window = {"text": f"{centre:g},{width:g}", "centre": centre, "width": width}
        frame = request.get("frame") or 1
        url = "data:image/png;base64," + base64.b64encode(scan(window["centre"], window["width"], frame)).decode()
        named = [{"name": name, "text": name, "centre": centre, "width": width}
                 for name, (centre, width) in presets.items()]
        return url, 512, 512, {"presets": named, "window": window, "frames": 4, "frame": frame, "modality": "CT",
                               "warnings": [{"kind": "burned_in", "why": "the file says so"}]}
    raise Refusal(400, "image: no image: it begins with bytes of no known kind", "image", "invalid_image")


class Refusal(Exception):
    def __init__(self, status, message, param=None, code=None):
        self.status, self.message, self.param, self.code = status, message, param, code


def answer_of(request, shares):
    if not request["choices"]:
        return {"options": [], "answer": None, "stated": None, "confidence": None, "calibrated": False, "set": None,
                "coverage": None, "sure": None, "without_image": None, "finish": "end", "record": None}
    letters = [chr(ord("A") + i) for i in range(len(request["choices"]))]

    def options(shares):
        shares = (shares + [0.01] * 26)[:len(letters)]
        return [{"letter": letter, "text": text, "probability": share / sum(shares)}
                for letter, text, share in zip(letters, request["choices"], shares, strict=True)]
    given = options(shares)
    kept = [one["letter"] for one in given if one["probability"] > 0.15]
    best = max(given, key=lambda one: one["probability"])
    return {"options": given, "answer": best["letter"], "stated": "B", "confidence": best["probability"],
            "calibrated": True, "set": kept, "coverage": 0.9, "sure": len(kept) == 1, "finish": "end", "record": None,
            "without_image": {"options": options(BLIND), "answer": "B"}}


class Handler(BaseHTTPRequestHandler):
    # Without connections that stay: a server that was stopped answers nobody.
    protocol_version = "HTTP/1.0"

    def log_message(self, *_):
        pass

    def send_bytes(self, status, body, kind, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, value, status=200, **headers):
        self.send_bytes(status, json.dumps(value).encode(), "application/json", **headers)

    def do_GET(self):
        wishes = self.server.wishes
        if self.path == "/v1/device":
            if wishes.get("token") and self.headers.get("Authorization") != "Bearer " + wishes["token"]:
                return self.send_json({"error": {"message": "who are you?"}}, 401)
            return self.send_json({**DEVICE, **wishes.get("device", {})})
        name = "index.html" if self.path == "/" else self.path.removeprefix("/page/")
        path = ROOT / "src/report/web" / name if name == "palette.css" else PAGE / name
        if ".." in name or not path.is_file():
            return self.send_json({"error": {"message": "no such path"}}, 404)
        return self.send_bytes(200, path.read_bytes(), TYPES[path.suffix], Content_Security_Policy=POLICY)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            {"/v1/view": self.view, "/v1/ask": self.ask, "/v1/sentences": self.sentences,
             "/v1/override": self.override, "/wishes": self.take_wishes}[self.path](request)
        except Refusal as refusal:
            self.send_json({"error": {"message": refusal.message, "type": "invalid_request_error",
                                      "param": refusal.param, "code": refusal.code}}, refusal.status)
        except BrokenPipeError:
            self.close_connection = True

    def take_wishes(self, request):
        self.server.wishes = request
        self.send_json({})

    def override(self, request):
        self.server.wishes["overridden"] = request
        self.send_json({"record": request["record"] + 1})

    def view(self, request):
        url, width, height, dicom = read_image(request)
        self.send_json({"image": url, "width": 224, "height": 224, "source_width": width, "source_height": height,
                        "grid": {"rows": 14, "columns": 14}, "dicom": dicom})

    def ask(self, request):
        read_image(request)
        wishes = self.server.wishes
        if wishes.get("busy", 0) > 0:
            wishes["busy"] -= 1
            return self.send_json({"error": {"message": "busy: 1 requests are waiting"}}, 503, Retry_After="1")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

        def event(name, value):
            self.wfile.write(f"event: {name}\ndata: {json.dumps(value)}\n\n".encode())
            self.wfile.flush()
        for i in range(0, len(REPLY), 6):
            if wishes.get("cut") and i > len(REPLY) // 2:
                wishes["cut"] = False
                return None
            event("text", {"text": REPLY[i:i + 6]})
            time.sleep(wishes.get("pause", 0.01))
        event("answer", {**answer_of(request, SHARES[wishes.get("answer", "sure")]), **wishes.get("more", {})})
        event("done", {})
        return None

    def sentences(self, request):
        def map_of(place):
            return [math.exp(-((row - place[0]) ** 2 + (column - place[1]) ** 2) / 5) - 0.05
                    for row in range(14) for column in range(14)]
        made, at = [], 0
        for text, nats, place in SENTENCES:
            begin = request["reply"].find(text, at)
            made.append({"begin": begin, "end": begin + len(text), "text": text, "from_image": nats,
                         "map": {"rows": 14, "columns": 14, "values": map_of(place)}})
            at = begin + len(text)
        self.send_json({"method": request.get("method"), "sentences": made})


def start(port=0):
    """A server on a thread of its own; `wishes` say what it does."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.wishes = {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    serving = start(int(sys.argv[1]) if len(sys.argv) > 1 else 8090)
    print(f"http://127.0.0.1:{serving.server_port}/")
    threading.Event().wait()
