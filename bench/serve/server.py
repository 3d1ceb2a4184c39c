"""A server of `litemedcot serve` that lives as long as a measurement."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TOKEN = "bench-token"


class Server:
    def __init__(self, args, *more):
        self.folder = tempfile.TemporaryDirectory()
        ready = os.path.join(self.folder.name, "ready")
        command = [args.program, "serve", "--model", args.model, "--port", "0", "--served-name", "m"]
        self.process = subprocess.Popen(
            [*command, "--ready-file", ready, *more],
            env={**os.environ, "BENCH_SERVE_TOKEN": TOKEN},
            stderr=subprocess.DEVNULL,
        )
        while not (os.path.exists(ready) and open(ready).read().endswith("\n")):
            if self.process.poll() is not None:
                sys.exit("the server did not start")
            time.sleep(0.05)
        self.url = open(ready).read().strip()
        self.port = int(self.url.split(":")[2].split("/")[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def rss_mb(self, key="VmHWM"):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(key):
                return int(line.split()[1]) // 1000
        return None

    def cpu_s(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def ask(self, content, **more):
        body = {"model": "m", "messages": [{"role": "user", "content": content}], **more}
        request = urllib.request.Request(
            self.url + "/chat/completions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=1200) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def health_s(self):
        start = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=60) as reply:
            reply.read()
        return time.monotonic() - start
