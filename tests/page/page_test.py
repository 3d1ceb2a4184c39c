"""The clinician's page in a headless Chromium, against a stand-in for the server.

Run: python tests/page/page_test.py [--shots FOLDER] [--axe AXE.min.js] [NAME]...
Names are tests; without any, all. Exits with 77 where there is no chromium.
"""
import argparse
import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/compare"))
import fake_server  # noqa: E402
from browser_page import Page, browser, has_browser  # noqa: E402

WHOLE = "!document.getElementById('go').hidden && document.querySelectorAll('.sentence').length > 3"
SHOWN = "!document.getElementById('picture').hidden"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Reader:
    """Somebody in front of the page."""

    def __init__(self, one, url):
        self.browser = one
        self.url = url
        self.page = self.open_tab()

    def open_tab(self):
        page = Page(self.browser)
        page.show(1280, 900, "light")
        page.open(self.url)
        page.wait("document.getElementById('device').textContent.length > 3")
        return page

    def drop(self, path):
        self.page.drop("#stage", path)
        self.page.wait(SHOWN)

    def fill(self, question, *choices):
        page = self.page
        page.run("document.getElementById('question').focus()")
        page.type(question)
        if not choices:
            return
        page.click("#add-choice")
        for choice in choices:
            page.type(choice)
            if choice != choices[-1]:
                page.press("Enter")

    def text(self, selector):
        return self.page.run(f"document.querySelector({json.dumps(selector)}).innerText").replace("\u00a0", " ")


class Sitting(Reader):
    """With a stand-in for the server behind the page, and files to drop."""

    def __init__(self, one, folder):
        self.server = fake_server.start()
        self.folder = Path(folder)
        self.png = self.file("shapes.png", fake_server.scan(40, 400))
        self.dicom = self.file("slice.dcm", b"\0" * 128 + b"DICM and the rest")
        super().__init__(one, f"http://127.0.0.1:{self.server.server_port}/")

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def wish(self, **wishes):
        request = urllib.request.Request(self.url + "wishes", json.dumps(wishes).encode())
        urllib.request.urlopen(request).read()

    def begin(self, **wishes):
        """A fresh page with an image, a question and options, not yet asked."""
        self.wish(**wishes)
        self.page.open(self.url)
        self.drop(self.png)
        self.fill("How many bright spots lie in the upper left region?", "one", "two", "three", "four")

    def ask(self, **wishes):
        self.begin(**wishes)
        self.page.press("Enter", ctrl=True)
        self.page.wait(WHOLE)


@test
def asks_by_keyboard(sitting):
    """Image, question, options, answer, and a sentence with its map."""
    sitting.ask()
    page = sitting.page
    assert "B two" in sitting.text("#verdict"), sitting.text("#verdict")
    assert "86" in sitting.text("#verdict")
    assert page.run("document.querySelectorAll('#options tbody tr').length") == 4
    assert "Prediction set: B." in sitting.text("#promise")
    assert "90" in sitting.text("#promise")
    assert page.run("document.getElementById('map').hidden")
    x, y = page.place_of(".sentence")
    page.mouse("mouseMoved", x, y)
    page.wait("!document.getElementById('map').hidden")
    assert "60 times" in sitting.text(".facts"), sitting.text(".facts")
    page.mouse("mouseMoved", 5, 5)
    page.wait("document.getElementById('map').hidden")
    page.run("document.querySelectorAll('.sentence')[2].focus()")
    page.press("Enter")
    page.run("document.activeElement.blur()")
    assert not page.run("document.getElementById('map').hidden"), "a kept sentence keeps its map"
    assert "without the image" in sitting.text(".facts")
    assert page.run("document.querySelector('.sentence[aria-pressed=true]') !== null")


@test
def nothing_jumps_while_the_answer_comes(sitting):
    """What is being read stays where it is: at every frame from the question to the answer and its sentences."""
    for width, height in ((1280, 900), (390, 844)):
        sitting.page.show(width, height, "light")
        sitting.begin()
        page = sitting.page
        page.run("(() => { window.places = {};"
                 "const look = () => { for (const id of ['stage', 'question', 'verdict', 'options', 'promise', 'reasoning']) {"
                 "  const { top } = document.getElementById(id).getBoundingClientRect();"
                 "  if (!document.getElementById('case').hidden) (window.places[id] ??= new Set()).add(Math.round(top + scrollY)); }"
                 "  requestAnimationFrame(look); }; look(); })()")
        page.press("Enter", ctrl=True)
        page.wait(WHOLE)
        places = page.run("Object.fromEntries(Object.entries(window.places).map(([id, all]) => [id, [...all]]))")
        # A pixel is the rounding of lines that grow.
        assert len(places) == 6 and all(max(all_) - min(all_) <= 1 for all_ in places.values()), (width, places)
    sitting.page.show(1280, 900, "light")


@test
def edits_options_by_keyboard(sitting):
    sitting.begin()
    page = sitting.page

    def values():
        return page.run("[...document.querySelectorAll('#choice-list input')].map((one) => one.value)")
    assert values() == ["one", "two", "three", "four"]
    page.press("Enter")  # a fifth
    page.press("Backspace")
    assert values() == ["one", "two", "three", "four"]
    page.press("ArrowUp")
    assert page.run("document.activeElement.ariaLabel") == "Option C"
    page.click("#choice-list li:nth-child(1) .remove")
    assert values() == ["two", "three", "four"]
    assert sitting.text("#choice-list li b") == "A"
    page.click("#choice-list li:nth-child(1) .remove")
    page.click("#choice-list li:nth-child(1) .remove")
    page.press("Enter", ctrl=True)
    assert "Two options" in sitting.text("#ask-problem")
    page.click("#choice-list li .remove")
    page.click("#add-choice")
    page.run("(() => { const data = new DataTransfer(); data.setData('text', 'A. liver\\nB. spleen\\nC. kidney');"
             "document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true,"
             "cancelable: true})); })()")
    assert values() == ["liver", "spleen", "kidney"]


@test
def says_when_it_is_not_sure(sitting):
    sitting.ask(answer="unsure")
    assert sitting.text("#verdict").startswith("Not sure"), sitting.text("#verdict")
    assert "Prediction set: A, B, C." in sitting.text("#promise")
    assert "The image changes little" not in sitting.text("#promise")
    assert sitting.page.run("document.querySelectorAll('#options .is-in').length") == 3


@test
def answers_without_options(sitting):
    sitting.wish()
    sitting.page.open(sitting.url)
    sitting.drop(sitting.png)
    sitting.fill("What is this?")
    sitting.page.press("Enter", ctrl=True)
    sitting.page.wait(WHOLE)
    assert sitting.page.run("document.getElementById('options').hidden")
    assert "no probability" in sitting.text("#verdict")


@test
def shows_a_dicom_image_in_windows(sitting):
    sitting.wish()
    page = sitting.page
    page.open(sitting.url)
    sitting.drop(sitting.dicom)
    assert "burned" in sitting.text("#image-warnings")
    assert page.run("document.getElementById('preset').value") == "Abdomen"
    first = page.run("document.getElementById('view').src")
    page.run("(() => { const one = document.getElementById('preset'); one.value = 'Lung';"
             "one.dispatchEvent(new Event('change')); })()")
    page.wait(f"document.getElementById('view').src !== {json.dumps(first)}")
    assert page.run("document.getElementById('window-width').value") == "1500"
    x, y = page.place_of("#stage")
    page.mouse("mousePressed", x, y, "left")
    for step in range(1, 6):
        page.mouse("mouseMoved", x + 12 * step, y + 10 * step, "left")
    page.mouse("mouseReleased", x + 60, y + 50, "left")
    values = page.run("['centre', 'width'].map((one) => document.getElementById('window-' + one).value)")
    assert values == ["-350", "1800"], values
    assert page.run("document.getElementById('preset').value") == ""
    page.run("(() => { const one = document.getElementById('frame'); one.value = 3;"
             "one.dispatchEvent(new Event('input')); })()")
    page.wait("document.getElementById('frame-number').value === '3 of 4'")
    sitting.fill("Which organ?", "liver", "lung")
    page.press("Enter", ctrl=True)
    page.wait(WHOLE)
    assert "window centre -350, width 1,800, 3 of 4" in sitting.text("#made-by"), sitting.text("#made-by")


@test
def takes_a_pasted_image(sitting):
    sitting.wish()
    page = sitting.page
    page.open(sitting.url)
    page.run("fetch('/page/main.js').then(() => { const data = new DataTransfer();"
             f"const bytes = Uint8Array.from(atob({json.dumps(fake_server.base64.b64encode(sitting.png.read_bytes()).decode())}),"
             "(one) => one.charCodeAt(0)); data.items.add(new File([bytes], 'x.png', {type: 'image/png'}));"
             "document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data})); })")
    page.wait(SHOWN)


@test
def says_what_is_wrong_with_a_file(sitting):
    sitting.wish()
    page = sitting.page
    page.open(sitting.url)
    page.drop("#stage", sitting.file("notes.txt", b"no image at all"))
    page.wait("document.getElementById('image-problem').innerText.includes('cannot be read as an image')")
    huge = fake_server.png_of(1, 1, lambda x, y: 0).replace(
        b"\0\0\0\1\0\0\0\1", b"\0\1\0\0\0\1\0\0")  # 65536 x 65536, says its head
    page.drop("#stage", sitting.file("huge.png", huge))
    page.wait("document.getElementById('image-problem').innerText.includes('too large')")
    sitting.wish(device={"max_image_bytes": 100})
    page.open(sitting.url)
    page.wait("document.getElementById('device').textContent.length > 3")
    page.drop("#stage", sitting.png)
    page.wait("document.getElementById('image-problem').innerText.includes('too large')")
    page.click("#go")
    page.wait("document.getElementById('ask-problem').innerText.includes('no image yet')")
    page.complaints = [one for one in page.complaints if "400" not in json.dumps(one)]


@test
def goes_on_after_a_server_that_stopped(sitting):
    sitting.begin(cut=True)
    page = sitting.page
    page.press("Enter", ctrl=True)
    page.wait("document.getElementById('ask-problem').innerText.includes('fell silent')")
    assert "not whole" in sitting.text("#verdict")
    assert "two bright round" in sitting.text("#reasoning"), "what was said stays"
    page.click("#ask-problem button")
    page.wait(WHOLE)
    assert sitting.text("#ask-problem") == ""
    assert page.run("document.querySelectorAll('.entry').length") == 1
    port = sitting.server.server_port
    sitting.server.shutdown()
    sitting.server.server_close()
    page.press("Enter", ctrl=True)
    page.click("#go")
    page.wait("document.getElementById('ask-problem').innerText.includes('does not answer')")
    sitting.server = fake_server.start(port)
    page.click("#ask-problem button")
    page.wait(WHOLE)
    page.complaints = [one for one in page.complaints if "CONNECTION" not in json.dumps(one)]


@test
def waits_for_a_busy_server_and_stops(sitting):
    sitting.begin(busy=1)
    page = sitting.page
    page.press("Enter", ctrl=True)
    page.wait("document.getElementById('ask-problem').innerText.includes('waits for its turn')")
    page.wait(WHOLE)
    assert sitting.text("#ask-problem") == ""
    sitting.wish(pause=0.2)
    page.click("#go")
    page.wait("document.getElementById('reasoning').innerText.length > 10")
    page.click("#stop")
    page.wait("document.getElementById('verdict').innerText === 'Stopped.'")
    page.complaints = [one for one in page.complaints if "503" not in json.dumps(one)]


@test
def asks_for_a_token(sitting):
    sitting.wish(token="secret")
    page = sitting.page
    page.open(sitting.url)
    page.wait("!document.getElementById('token').hidden")
    page.type("secret")
    page.press("Enter")
    page.wait("document.getElementById('token').hidden")
    assert "phantom-student" in sitting.text("#device")
    page.complaints = [one for one in page.complaints if "401" not in json.dumps(one)]


@test
def keeps_a_history_in_memory(sitting):
    sitting.ask()
    page = sitting.page
    page.drop("#stage", sitting.dicom)
    page.wait("!document.getElementById('window').hidden")
    assert page.run("document.getElementById('case').hidden"), "another image, another case"
    page.press("Enter", ctrl=True)
    page.run("document.getElementById('go').click()")
    page.wait(WHOLE)
    assert page.run("document.querySelectorAll('.entry').length") == 2
    page.click("#history-list li:nth-child(2) button")
    page.wait("document.getElementById('window').hidden")
    assert page.run("document.querySelectorAll('.entry')[1].ariaCurrent") == "true"
    assert page.run("Object.keys(localStorage).filter((key) => key !== 'litemedcot-language').length") == 0
    page.click("#forget")
    page.wait("document.getElementById('history').hidden && document.getElementById('case').hidden")
    sitting.ask()
    page.open(sitting.url)
    assert page.run("document.querySelectorAll('.entry').length") == 0


@test
def takes_an_answer_of_ones_own(sitting):
    sitting.ask(more={"record": 7})
    page = sitting.page
    assert "line 7" in sitting.text("#own-row")
    page.run("(() => { const one = document.getElementById('own'); one.value = 'C';"
             "one.dispatchEvent(new Event('change')); })()")
    end = time.monotonic() + 5
    while sitting.server.wishes.get("overridden") != {"record": 7, "answer": "C"}:
        assert time.monotonic() < end, sitting.server.wishes
        time.sleep(0.05)
    sitting.ask()
    assert page.run("document.getElementById('own-row').hidden")


@test
def speaks_three_languages(sitting):
    sitting.ask()
    page = sitting.page
    for code, research, unsure in (("de", "Keine Diagnose", "Vorhersagemenge"), ("zh", "不是诊断", "预测集合")):
        page.run(f"(() => {{ const one = document.getElementById('language'); one.value = '{code}';"
                 "one.dispatchEvent(new Event('change')); })()")
        assert page.run("document.documentElement.lang") == code
        assert research in sitting.text("#research")
        assert unsure in sitting.text("#promise")
        assert page.run("document.querySelectorAll('.sentence').length") > 3
    page.run("localStorage.clear()")


@test
def lives_in_two_tabs(sitting):
    sitting.ask()
    other = sitting.open_tab()
    sitting.page.wait("document.getElementById('other-tab').textContent.length > 0")
    sitting.wish(pause=0.02)
    sitting.page.run("document.getElementById('go').click()")
    first, sitting.page = sitting.page, other
    sitting.drop(sitting.png)
    sitting.fill("Which?", "this", "that")
    other.press("Enter", ctrl=True)
    other.wait(WHOLE)
    first.wait(WHOLE)
    assert other.run("document.querySelectorAll('.entry').length") == 1
    assert first.run("document.querySelectorAll('.entry').length") == 2
    assert not other.complaints, other.complaints
    sitting.page = first
    other.call("Page.close")


@test
def prints_one_case(sitting):
    sitting.ask()
    page = sitting.page
    pdf = fake_server.base64.b64decode(page.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert pdf.startswith(b"%PDF")
    if sitting.shots:
        page.show(720, 1000, "light", media="print")
        page.whole_screenshot(sitting.shots / "print.png")
        page.show(1280, 900, "light")
    assert pdf.count(b"/Type /Page\n") <= 2, pdf.count(b"/Type /Page\n")
    sitting.pdf = pdf


@test
def fits_and_passes_axe(sitting):
    """At desktop and phone width, light and dark, empty, answered and not sure."""
    page = sitting.page
    states = {"empty": lambda: (sitting.wish(), page.open(sitting.url)), "sure": sitting.ask,
              "unsure": lambda: sitting.ask(answer="unsure"), "dicom": lambda: shows_a_dicom_image_in_windows(sitting)}
    bad = []
    for state, reach in states.items():
        page.show(1280, 900, "light")
        reach()
        if state == "sure":
            page.run("document.querySelector('.sentence').click()")
        for width, height in ((1280, 900), (390, 844)):
            for scheme in ("light", "dark"):
                page.show(width, height, scheme)
                page.run("scrollTo(0, 0)")
                # Beside a scroll bar there is less than the window's width.
                if page.run("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    bad.append(f"{state} {width}: wider than the screen")
                if sitting.shots:
                    page.whole_screenshot(sitting.shots / f"{state}-{width}-{scheme}.png")
                if sitting.axe:
                    bad += [f"{state} {width} {scheme}: {one['id']} ({one['impact']}): {one['nodes']}"
                            for one in page.axe_violations(sitting.axe)]
    page.show(1280, 900, "light")
    assert not bad, "\n".join(bad)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--shots", type=Path)
    parser.add_argument("--axe", type=Path)
    options = parser.parse_args()
    if not has_browser():
        print("skipped: there is no chromium (Debian: chromium)")
        raise SystemExit(77)
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder, browser() as one:
        sitting = Sitting(one, folder)
        sitting.shots, sitting.axe = options.shots, options.axe
        for function in TESTS:
            if options.names and function.__name__ not in options.names:
                continue
            begin = time.monotonic()
            sitting.page.complaints.clear()
            try:
                function(sitting)
                assert not sitting.page.complaints, sitting.page.complaints
                print(f"passes: {function.__name__}, {time.monotonic() - begin:.1f} s", flush=True)
            except AssertionError as error:
                failed += 1
                line = error.__traceback__
                while line.tb_next and "page_test" in line.tb_next.tb_frame.f_code.co_filename:
                    line = line.tb_next
                print(f"FAILS: {function.__name__}, line {line.tb_lineno}: {error}", flush=True)
                if options.shots:
                    sitting.page.screenshot(options.shots / f"failed-{function.__name__}.png")
        if options.shots and hasattr(sitting, "pdf"):
            (options.shots / "case.pdf").write_bytes(sitting.pdf)
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
