"""An Orthanc with its DICOMweb plug-in, as Debian has them, that lives as long as a test."""
import base64
import contextlib
import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

PROGRAM = Path("/usr/sbin/Orthanc")
PLUG_IN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
AUTHORIZATION = "Basic " + base64.b64encode(b"page:of the archive").decode()


def is_installed():
    return PROGRAM.exists() and PLUG_IN.exists()


class Orthanc:
    """Wants AUTHORIZATION of who asks."""

    def __init__(self, folder):
        self.folder = Path(folder)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.settings = self.folder / "orthanc.json"
        files = str(self.folder / "files")
        self.settings.write_text(json.dumps({
            "Name": "test", "StorageDirectory": files, "IndexDirectory": files, "HttpPort": self.port,
            "DicomServerEnabled": False, "RemoteAccessAllowed": False, "AuthenticationEnabled": True,
            "RegisteredUsers": {"page": "of the archive"}, "Plugins": [str(PLUG_IN)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}}))
        self.process = None
        self.start()

    @property
    def dicomweb(self):
        return f"http://127.0.0.1:{self.port}/dicom-web"

    def start(self):
        self.process = subprocess.Popen([PROGRAM, f"--logdir={self.folder}", self.settings],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while True:
            try:
                return self.ask("/system")
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None and time.monotonic() < end, "Orthanc did not start"
                time.sleep(0.1)

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait()

    @contextlib.contextmanager
    def held(self):
        """It takes connections and says nothing meanwhile."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def ask(self, path, body=None, method=None):
        """What its own interface says: JSON where it is, else bytes."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, {"Authorization": AUTHORIZATION},
                                         method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            said = reply.read()
        return json.loads(said) if reply.headers.get_content_type() == "application/json" else said

    def upload(self, path):
        return self.ask("/instances", path.read_bytes())["ID"]

    def find(self, level, **query):
        return self.ask("/tools/find", json.dumps({"Level": level, "Query": query, "Expand": True}).encode())
