"""The clinician's page on the program itself: `serve` with the phantom student, a headless Chromium before it.

What the page is told must be what `evaluate --mode reasoned-likelihood` finds for the same questions.

Run: python tests/page/program_test.py PROGRAM [--model F.lmcd --questions questions.jsonl] [--dicom F.dcm]
     [--shots FOLDER] [--serve OPTIONS OF SERVE...]
Without a model: the student of assets/phantom, on questions drawn for it. Exits with 77 where there is no
chromium.
"""
import argparse
import base64
import contextlib
import json
import math
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/compare"))
from browser_page import browser, has_browser  # noqa: E402
from page_test import Reader  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
ENDED = "!document.getElementById('go').hidden && document.getElementById('verdict').innerText.length > 0"
SURE_FROM = 0.7


def run(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE, timeout=600)


def make_model(program, folder):
    run(program, "phantom", "--out", folder / "data", "--train", 0, "--validation", 0, "--test", 8)
    run(program, "prepare", "--pmc-vqa", folder / "data/composite_test.csv", "--images", folder / "data/images",
        "--out", folder / "questions")
    run(program, "export", "--model", ROOT / "assets/phantom/student", "--format", "device", "--out",
        folder / "student.lmcd")
    return folder / "student.lmcd", folder / "questions/questions.jsonl"


@contextlib.contextmanager
def served(program, model, folder, port=0, *more):
    ready = folder / f"ready-{time.monotonic_ns()}"
    begin = time.monotonic()
    server = subprocess.Popen([program, "serve", "--model", str(model), "--port", str(port), "--ready-file",
                               str(ready), "--sure-from", str(SURE_FROM), *more], stderr=subprocess.DEVNULL)
    try:
        while not (ready.exists() and ready.read_text()):
            assert server.poll() is None and time.monotonic() - begin < 60, "the server did not start"
            time.sleep(0.02)
        yield server, ready.read_text().strip().removesuffix("v1")
    finally:
        server.terminate()
        server.wait()


def asked(url, question, image):
    body = {"image": "data:image/png;base64," + base64.b64encode(image.read_bytes()).decode(),
            "question": question["question"], "choices": list(question["options"].values())}
    request = urllib.request.Request(url + "v1/ask", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def compare_with_evaluate(program, model, questions, folder, url):
    """Reply, letter and probabilities of each question."""
    run(program, "evaluate", "--model", model, "--questions", questions, "--out", folder / "run", "--mode",
        "reasoned-likelihood", "--limit", 8)
    known = {one["id"]: one for one in map(json.loads, questions.read_text().splitlines())}
    worst = 0
    for line in (folder / "run/answers.jsonl").read_text().splitlines():
        expected = json.loads(line)
        question = known[expected["question_id"]]
        found = asked(url, question, questions.parent / question["image"])
        assert found["reply"] == expected["reply"], (found["reply"], expected["reply"])
        assert found["answer"]["answer"] == expected["letter"]
        weights = {letter: math.exp(value) for letter, value in expected["letter_log_probability"].items()}
        for option in found["answer"]["options"]:
            share = weights[option["letter"]] / sum(weights.values())
            worst = max(worst, abs(option["probability"] - share))
        assert found["answer"]["sure"] == (found["answer"]["confidence"] >= SURE_FROM)
    # Prompts that run beside others are other sums of the same numbers.
    assert worst < 1e-4, worst
    print(f"passes: eight questions as evaluate answers them; probabilities off by {worst:.1e} at most")


def ask_on_the_page(reader, question, image):
    reader.page.open(reader.url)
    reader.page.wait("document.getElementById('device').textContent.length > 3")
    reader.drop(image)
    reader.fill(question["question"], *question["options"].values())
    begin = time.monotonic()
    reader.page.press("Enter", ctrl=True)
    reader.page.wait("document.getElementById('reasoning').innerText.length > 0")
    first_word = time.monotonic() - begin
    reader.page.wait(ENDED)
    return first_word


def check_sentences(reader, question):
    """Each sentence of the reply is held against the image blurred."""
    page = reader.page
    page.wait("document.querySelectorAll('#reasoning .sentence').length > 0", 60)
    words = page.run("[...document.querySelectorAll('#reasoning .sentence')].map((one) => one.textContent)")
    assert all("image" in one for one in words), words  # each says which of three it is
    page.run("document.querySelector('#reasoning .sentence').focus()")
    assert "likely with this image" in reader.text(".facts"), reader.text(".facts")
    print(f"passes: {len(words)} sentences of the reply were checked")


def look_at_dicom(reader, path, question):
    """A frame and a window are chosen, and the answer says which."""
    page = reader.page
    page.open(reader.url)
    page.wait("document.getElementById('device').textContent.length > 3")
    reader.drop(path)
    page.wait("!document.getElementById('window').hidden")
    view = page.run("document.getElementById('view').src")
    page.run("(() => { const one = document.getElementById('preset'); one.value = 'full';"
             "one.dispatchEvent(new Event('change')); })()")
    page.wait("document.getElementById('preset').value === 'full'")
    if page.run("!document.getElementById('frame-row').hidden"):
        page.run("(() => { const one = document.getElementById('frame'); one.value = 2;"
                 "one.dispatchEvent(new Event('input')); })()")
        page.wait(f"document.getElementById('view').src !== {json.dumps(view)}")
    reader.fill(question["question"], *question["options"].values())
    page.press("Enter", ctrl=True)
    page.wait(ENDED)
    assert "window full range" in reader.text("#made-by"), reader.text("#made-by")
    print(f"passes: {path.name} in another window")


def sentence_maps(one, program, folder, shots):
    """Maps of a device file, from `ground --sentences` to the page: it offers what earned it there, and that alone."""
    run(program, "export", "--model", ROOT / "assets/phantom/teacher", "--format", "device", "--out",
        folder / "teacher.lmcd")
    run(program, "prepare", "--pmc-vqa", folder / "data/composite_test.csv", "--images", folder / "data/images",
        "--boxes", folder / "data/composite_test_boxes.jsonl", "--out", folder / "with_boxes")
    questions = folder / "with_boxes/questions.jsonl"
    run(program, "ground", "--model", folder / "teacher.lmcd", "--questions", questions, "--reply", "reasoning",
        "--conditions", "grey", "--sentences", 8, "--max-new-tokens", 128, "--out", folder / "grounding")
    result = {metric["name"]: metric for metric in json.loads((folder / "grounding/result.json").read_text())["sentences"]}
    earned = [method for method in ("attention", "occlusion")
              if result[f"pointing game, {method}, above chance"]["interval_95"][0] > 0]
    question = json.loads(questions.read_text().splitlines()[0])
    image = questions.parent / question["image"]
    with served(program, folder / "teacher.lmcd", folder, 0, "--grounding", str(folder / "grounding")) as (_, url):
        methods = json.load(urllib.request.urlopen(url + "v1/device"))["sentence_methods"]
        assert [method["name"] for method in methods] == ["attention", "occlusion"], methods
        assert [method["name"] for method in methods if method["pointing"]["earned"]] == earned, (methods, earned)
        assert all(abs(method["pointing"]["hits"] - result["pointing game, " + method["name"]]["value"]) < 1e-9
                   for method in methods), methods
        maps = sentences_of(url, question, image, "attention")
        for one_map in maps:  # shares of what each token's attention reads
            assert len(one_map["values"]) == one_map["rows"] * one_map["columns"] > 4, one_map
            assert min(one_map["values"]) >= 0 and 0 < sum(one_map["values"]) <= 1, one_map
        assert any(one_map != maps[0] for one_map in maps), "each sentence has a map of its own"
        reader = Reader(one, url)
        ask_on_the_page(reader, question, image)
        page = reader.page
        page.wait("document.querySelectorAll('#reasoning .sentence').length > 0", 60)
        page.run("document.querySelector('#reasoning .sentence').focus()")
        assert page.run("document.getElementById('map').hidden") == (not earned)
        said = reader.text("#sentence-side")
        assert ("When tested" in said) == bool(earned) and ("Kind of map" in said) == (len(earned) > 1), said
        if shots:
            page.run("scrollTo(0, 0)")
            page.whole_screenshot(shots / "maps.png")
        assert not page.complaints, page.complaints
    print(f"passes: maps of a device file's sentences; earned: {', '.join(earned) or 'none'}")


def sentences_of(url, question, image, method):
    body = {"image": "data:image/png;base64," + base64.b64encode(image.read_bytes()).decode(), "method": method,
            "question": question["question"], "choices": list(question["options"].values()),
            "reply": asked(url, question, image)["reply"]}
    request = urllib.request.Request(url + "v1/sentences", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return [sentence["map"] for sentence in json.load(reply)["sentences"]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--dicom", type=Path, default=ROOT / "fuzz/corpus/image/four_frames.dcm")
    parser.add_argument("--serve", nargs="*", default=[], help="further options of serve")
    parser.add_argument("--shots", type=Path)
    options = parser.parse_args()
    if not has_browser():
        print("skipped: there is no chromium (Debian: chromium)")
        raise SystemExit(77)
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, browser() as one:
        folder = Path(name)
        model, questions = options.model, options.questions
        if model is None:
            model, questions = make_model(options.program, folder)
        first = json.loads(questions.read_text().splitlines()[0])
        image = questions.parent / first["image"]
        begin = time.monotonic()
        with served(options.program, model, folder, 0, *options.serve) as (server, url):
            with urllib.request.urlopen(url) as page:
                assert b"LiteMedCoT" in page.read()
            ready = time.monotonic() - begin
            reader = Reader(one, url)
            seconds = ask_on_the_page(reader, first, image)
            # What is typed in between is not the program's.
            print(f"passes: {ready:.1f} s to a page, {seconds:.1f} s from a question to its first word")
            assert ready + seconds < 60  # 10 on a machine with nothing else to do
            expected = asked(url, first, image)["answer"]
            best = max(expected["options"], key=lambda option: option["probability"])
            verdict = reader.text("#verdict")
            assert verdict.startswith(f"{best['letter']} {best['text']}" if expected["sure"] else "Not sure"), verdict
            assert f"{100 * best['probability']:.0f}" in verdict or best["probability"] > 0.995, verdict
            shown = reader.page.run("[...document.querySelectorAll('#options .without')].length")
            assert shown == len(first["options"])
            assert not reader.page.complaints, reader.page.complaints
            print("passes: the page shows what the server says")
            check_sentences(reader, first)
            if options.shots:
                reader.page.run("scrollTo(0, 0)")
                reader.page.whole_screenshot(options.shots / "program.png")
            look_at_dicom(reader, options.dicom, first)
            if options.shots:
                reader.page.run("scrollTo(0, 0)")
                reader.page.whole_screenshot(options.shots / "dicom.png")
            assert not reader.page.complaints, reader.page.complaints
            compare_with_evaluate(options.program, model, questions, folder, url)
            port = int(url.rstrip("/").rsplit(":", 1)[1])
            server.kill()
            server.wait()
            reader.page.run("document.getElementById('go').click()")
            reader.page.wait("document.getElementById('ask-problem').innerText.includes('does not answer')")
        with served(options.program, model, folder, port) as (server, url):
            reader.page.click("#ask-problem button")
            reader.page.wait(ENDED)
            assert reader.text("#ask-problem") == ""
            print("passes: goes on after the server was killed and started anew")
        if options.model is None:
            sentence_maps(one, options.program, folder, options.shots)


if __name__ == "__main__":
    main()
