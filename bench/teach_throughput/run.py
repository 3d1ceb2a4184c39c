"""How busy a client keeps a teacher of 256 slots: `litemedcot teach` and the official openai client,
by turns, on the same server and questions.

    python bench/teach_throughput/run.py --build build     # needs: pip install openai pillow

Prints a table of every run and the means; --json F keeps them.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, options):
        self.process = subprocess.Popen(
            [options.build / "bench_teacher_server", str(options.slots), str(options.latency_ms),
             str(options.failing_per_mille)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.root = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.pid = self.process.pid

    def get(self, path):
        with urllib.request.urlopen(self.root + path) as reply:
            return json.load(reply)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024 / 1e6
    raise KeyError(key)


def litemedcot(options, server, folder, *more):
    return [options.build / "litemedcot", "teach", "--with-caption", "--model", "bench-teacher",
            "--questions", options.data / "questions.jsonl", "--endpoint", server.root + "/v1",
            "--concurrency", str(options.slots), "--out", folder / "ledger.jsonl", *more]


def openai_client(options, server, folder, *more):
    return [sys.executable, HERE / "openai_client.py",
            "--questions", options.data / "questions.jsonl", "--endpoint", server.root + "/v1",
            "--concurrency", str(options.slots), "--out", folder / "ledger.jsonl",
            "--system-prompt-file", options.system, *more]


CLIENTS = {"litemedcot": litemedcot, "openai": openai_client}


def without_image(body):
    """The request with the image's media type in place of its bytes: ours are encoded anew."""
    body = json.loads(json.dumps(body))
    for message in body["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else []:
            if part["type"] == "image_url":
                part["image_url"]["url"] = part["image_url"]["url"].split(";")[0]
    return body


def check_requests(options, folder):
    """The first request of ours gives the system message; then the other client's must be equal."""
    bodies = {}
    for name, command in CLIENTS.items():
        place = folder / f"check-{name}"
        place.mkdir()
        with Server(options) as server:
            subprocess.run(command(options, server, place, "--limit", "1"), check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            bodies[name] = server.get("/first")
        if name == "litemedcot":
            options.system = folder / "system.txt"
            options.system.write_text(bodies[name]["messages"][0]["content"], encoding="utf-8")
    if without_image(bodies["litemedcot"]) != without_image(bodies["openai"]):
        sys.exit("the two clients send different requests")
    sizes = {name: len(json.dumps(body)) for name, body in bodies.items()}
    print(f"both clients send the same request, the first of {sizes} bytes")


def measure(options, name, folder):
    folder.mkdir()
    with Server(options) as server, open(folder / "output", "w") as output:
        begin = server.get("/counts")
        client = subprocess.Popen(CLIENTS[name](options, server, folder), stdout=output,
                                  stderr=output)
        time.sleep(options.ramp)
        steady = server.get("/counts")
        steady_cpu, server_cpu = cpu_seconds(client.pid), cpu_seconds(server.pid)
        loads = []
        until = time.monotonic() + options.window
        while time.monotonic() < until:
            time.sleep(min(5, max(0, until - time.monotonic())))
            loads.append(os.getloadavg()[0])
        if client.poll() is not None:
            sys.exit(f"{name} ended early: {(folder / 'output').read_text()[-500:]}")
        end = server.get("/counts")
        seconds = end["seconds"] - steady["seconds"]
        whole = end["seconds"] - begin["seconds"]
        result = {
            "client": name,
            "busy_steady": (end["slot_seconds"] - steady["slot_seconds"]) / seconds / options.slots,
            "busy_whole": end["slot_seconds"] / whole / options.slots,
            "requests_per_s": (end["completions"] - steady["completions"]) / seconds,
            "cores": (cpu_seconds(client.pid) - steady_cpu) / seconds,
            "cpu_ms_per_request": 1000 * cpu_seconds(client.pid) / max(1, end["completions"]),
            "peak_rss_mb": memory_mb(client.pid, "VmHWM"),
            "failed": end["failed"],
            "refused": end["refused"],
            "given_up": end["given_up"],
            "server_cores": (cpu_seconds(server.pid) - server_cpu) / seconds,
            "load": sum(loads) / len(loads),
        }
        client.kill()
        client.wait()
        with open(folder / "ledger.jsonl", encoding="utf-8") as lines:
            result["lines"] = sum(1 for _ in lines)
        return result


COLUMNS = [("busy_steady", "busy", "{:.1%}"), ("busy_whole", "busy, whole run", "{:.1%}"),
           ("requests_per_s", "requests/s", "{:.1f}"), ("cores", "cores", "{:.3f}"),
           ("cpu_ms_per_request", "CPU ms/request", "{:.2f}"),
           ("peak_rss_mb", "peak RSS, MB", "{:.0f}"), ("refused", "429s", "{:.0f}"), ("failed", "500s", "{:.0f}"),
           ("server_cores", "server's cores", "{:.3f}"), ("load", "load", "{:.1f}")]


def row(name, result):
    return "| " + " | ".join([name] + [form.format(result[key]) for key, _, form in COLUMNS]) + " |"


def report(options, results):
    means = {}
    for name in dict.fromkeys(result["client"] for result in results):
        mine = [result for result in results if result["client"] == name]
        means[name] = {key: sum(r[key] for r in mine) / len(mine) for key, _, _ in COLUMNS}
    print(f"\n{platform.machine()}, {os.cpu_count()} cores; {options.slots} slots of "
          f"{options.latency_ms} ms: at most {1000 * options.slots / options.latency_ms:.0f} "
          f"requests/s; {options.ramp} s to settle, then {options.window} s\n")
    print("| client | " + " | ".join(title for _, title, _ in COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for result in results:
        print(row(result["client"], result))
    for name, mean in means.items():
        print(row(name + ", mean", mean))
    if len(means) == 2:
        ours, theirs = means["litemedcot"], means["openai"]
        print(f"\nlitemedcot / openai: slots busy {ours['busy_steady'] / theirs['busy_steady']:.2f}, "
              f"CPU a request {ours['cpu_ms_per_request'] / theirs['cpu_ms_per_request']:.3f}, "
              f"peak RSS {ours['peak_rss_mb'] / theirs['peak_rss_mb']:.3f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--data", type=pathlib.Path, help="made when missing; default: temporary")
    parser.add_argument("--slots", type=int, default=256)
    parser.add_argument("--latency-ms", type=int, default=2000)
    parser.add_argument("--failing-per-mille", type=int, default=0)
    parser.add_argument("--ramp", type=int, default=15)
    parser.add_argument("--window", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--clients", nargs="+", choices=CLIENTS, default=list(CLIENTS))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    subprocess.run(["cmake", "--build", options.build, "--target", "litemedcot",
                    "bench_teacher_server"], check=True, stdout=subprocess.DEVNULL)
    options.build = options.build.resolve()
    with tempfile.TemporaryDirectory(prefix="litemedcot-bench-") as name:
        folder = pathlib.Path(name)
        options.data = options.data or folder / "data"
        if not (options.data / "questions.jsonl").exists():
            subprocess.run([sys.executable, HERE / "make_questions.py", "--out", options.data],
                           check=True)
        check_requests(options, folder)
        results = []
        for number in range(options.rounds):
            for client in options.clients:
                results.append(measure(options, client, folder / f"{number}-{client}"))
                print(json.dumps(results[-1]), flush=True)
    report(options, results)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
