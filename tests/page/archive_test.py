"""The archive dialog of the page: `serve --dicomweb` before a real Orthanc, in a headless Chromium.

Run: python tests/page/archive_test.py PROGRAM [--data FOLDER OF DICOM FILES] [--shots FOLDER] [--axe AXE.min.js]
Exits with 77 where there is no chromium, no Orthanc with its DICOMweb plug-in, or none of the files.
"""
import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/compare"))
import orthanc  # noqa: E402
from browser_page import Page, browser, has_browser  # noqa: E402
from page_test import Reader  # noqa: E402
from program_test import ENDED, ROOT, make_model, served  # noqa: E402

# A slice; volumes of several frames in grey and in colour; another patient; what is no image.
FILES = ("CT_small.dcm", "rtdose.dcm", "examples_ybr_color.dcm", "MR_small.dcm", "test-SR.dcm")
LINES = "[...document.querySelectorAll('#archive-list .archive-line')]"
IDLE = "!document.querySelector('#archive-list .busy')"
OPEN = "document.getElementById('archive').open"
PROBLEM = "document.getElementById('archive-problem').innerText"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Clinic(Reader):
    """Somebody who takes images from the archive."""

    def __init__(self, one, url, archive, options):
        self.archive = archive
        self.options = options
        self.bad = []  # of the dialog's looks
        self.uploaded = {}  # what Orthanc calls the files
        super().__init__(one, url)

    def begin(self):
        self.page.open(self.url)
        self.page.wait("!document.getElementById('from-archive').hidden")

    def look(self, state):
        """The dialog at desktop and phone width, light and dark."""
        page = self.page
        for width, height in ((1280, 900), (390, 844)):
            for scheme in ("light", "dark"):
                page.show(width, height, scheme)
                for place in ("documentElement", "getElementById('archive')"):
                    if page.run(f"document.{place}.scrollWidth > document.{place}.clientWidth"):
                        self.bad.append(f"{state} {width}: {place} is wider than it has room")
                if self.options.shots:
                    page.screenshot(self.options.shots / f"archive-{state}-{width}-{scheme}.png")
                if self.options.axe:
                    self.bad += [f"{state} {width} {scheme}: {one['id']} ({one['impact']}): {one['nodes']}"
                                 for one in page.axe_violations(self.options.axe)]
        page.show(1280, 900, "light")

    def upload(self, name):
        self.uploaded[name] = self.archive.upload(self.options.data / name)

    def open_dialog(self, button="from-archive"):
        self.page.run(f"document.getElementById('{button}').click()")
        self.page.wait(OPEN)

    def search(self, **fields):
        for name in ("name", "id", "date"):
            self.page.run(f"document.getElementById('archive-{name}').value = {json.dumps(fields.get(name, ''))}")
        self.page.click("#archive-search button")

    def lines(self):
        self.page.wait(IDLE)
        return self.page.run(f"{LINES}.map((one) => one.innerText)")

    def press(self, text):
        """The line that holds the text, which has the focus then, as under a pointer or a key."""
        line = f"{LINES}.find((one) => one.innerText.includes({json.dumps(text)}))"
        self.page.wait(f"Boolean({line})")
        self.page.run(f"(() => {{ const line = {line}; line.focus(); line.click(); }})()")

    def choose(self, text):
        """Presses a line; then the lines in its place."""
        self.press(text)
        return self.lines()

    def fetch(self, text):
        self.press(text)
        self.page.wait(f"!{OPEN}")
        self.page.wait("!document.getElementById('picture').hidden")

    def wait_for_problem(self, text, seconds=30):
        self.page.wait(f"{PROBLEM}.includes({json.dumps(text)})", seconds)

    def forgive(self, *words):
        """The browser itself notes requests that failed."""
        self.page.complaints = [one for one in self.page.complaints
                                if not any(word in json.dumps(one) for word in words)]


class Stranger(Clinic):
    """Whom the device does not know yet."""

    def open_tab(self):
        page = Page(self.browser)
        page.show(1280, 900, "light")
        page.open(self.url)
        page.wait("!document.getElementById('token').hidden")
        return page


def set_field(page, name, value, event):
    page.run(f"(() => {{ const one = document.getElementById('{name}'); one.value = {json.dumps(str(value))};"
             f"one.dispatchEvent(new Event('{event}')); }})()")


@test
def asks_of_an_image_and_files_the_answer(clinic):
    """Study, series, image, frame, window, question, answer, report: what a clinician does."""
    page = clinic.page
    clinic.begin()
    page.click("#from-archive")
    page.wait(OPEN)
    assert page.run("document.activeElement.id") == "archive-name"
    clinic.look("empty")
    clinic.search()
    found = clinic.lines()
    assert len(found) == len(clinic.studies), found
    clinic.look("studies")
    clinic.search(name="lastname")
    found = clinic.lines()
    assert len(found) == 1 and "Lastname, Firstname" in found[0] and "id11111" in found[0], found
    assert "Aug 5, 2003" in found[0] and "RTDOSE" in found[0], found
    assert len(clinic.choose("Lastname")) == 1
    assert page.run(f"{LINES}.includes(document.activeElement)"), "who chose a line goes on from the next"
    clinic.look("series")
    images = clinic.choose("RTDOSE")
    assert len(images) == 1 and "10 × 10" in images[0] and "15 frames" in images[0], images
    clinic.look("images")
    page.press("Enter")  # on the only line, which has the focus
    page.wait(f"!{OPEN}")
    page.wait("!document.getElementById('window').hidden")
    view = page.run("document.getElementById('view').src")
    set_field(page, "frame", 7, "input")
    page.wait(f"document.getElementById('view').src !== {json.dumps(view)}")
    view = page.run("document.getElementById('view').src")
    width = page.run("document.getElementById('window-width').value") or "1000"
    set_field(page, "window-centre", 600000, "input")
    set_field(page, "window-width", 900000, "input")
    page.wait(f"document.getElementById('view').src !== {json.dumps(view)}")
    assert page.run("document.getElementById('window-width').value") != width
    clinic.fill("Where is the dose höchste, 左 or right?", "left lung", "right lung")
    page.press("Enter", ctrl=True)
    page.wait(ENDED, 60)
    assert "7 of 15" in clinic.text("#made-by"), clinic.text("#made-by")
    assert not page.run("document.getElementById('filing').hidden")
    page.click("#file-report")
    page.wait("document.getElementById('filed').innerText.startsWith('Filed')")
    assert page.run("document.getElementById('file-report').disabled"), "once is enough"
    check_report(clinic, reply=page.run("document.getElementById('reasoning').innerText"))
    # The dialog opens where it was left, and the archive is asked anew.
    clinic.open_dialog("from-archive-again")
    assert clinic.lines() == images
    page.click("#archive-back")
    assert len(clinic.lines()) == 2, "the series and that of the report"
    page.click("#archive-close")
    assert not page.run(OPEN)
    page.wait(f"{LINES}.length === 0")  # nothing of a patient stays behind a closed dialog


def check_report(clinic, reply):
    """Orthanc has it, in the study, and reads in it what the page showed."""
    reports = clinic.archive.find("Instance", Modality="SR", PatientID="id11111")
    assert len(reports) == 1, reports
    tags = clinic.archive.ask(f"/instances/{reports[0]['ID']}/tags?simplify")
    image = clinic.archive.ask(f"/instances/{clinic.uploaded['rtdose.dcm']}/tags?simplify")
    for name in ("PatientName", "PatientID", "StudyInstanceUID", "StudyDate"):
        assert tags[name] == image[name], (name, tags[name], image[name])
    assert (tags["VerificationFlag"], tags["CompletionFlag"]) == ("UNVERIFIED", "PARTIAL")
    items = {item["ConceptNameCodeSequence"][0]["CodeMeaning"]: item for item in tags["ContentSequence"]}
    seen = items["Source of Measurement"]["ReferencedSOPSequence"][0]
    assert seen["ReferencedSOPInstanceUID"] == image["SOPInstanceUID"]
    assert seen["ReferencedFrameNumber"] == "7", seen
    assert items["Question"]["TextValue"] == "Where is the dose höchste, 左 or right?"
    assert items["Shown as"]["TextValue"] == "window centre 600,000, width 900,000, 7 of 15", items["Shown as"]
    assert items["Reasoning"]["TextValue"].split(".")[0].split("\n")[0] in reply, (items["Reasoning"], reply)
    verdict = clinic.page.run("document.getElementById('verdict').innerText")
    finding = items["Finding"]["TextValue"]
    assert finding.startswith("Not sure. ") if verdict.startswith("Not sure") else finding[3:] in verdict, finding
    assert "Research use only" in items["Comment"]["TextValue"]
    if not shutil.which("dciodvfy"):
        print("left out: there is no dciodvfy (Debian: dicom3tools) to judge the report")
        return
    path = clinic.archive.folder / "report.dcm"
    path.write_bytes(clinic.archive.ask(f"/instances/{reports[0]['ID']}/file"))
    said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    errors = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]
    assert not errors, errors


@test
def opens_colour_and_says_what_is_no_image(clinic):
    page = clinic.page
    clinic.begin()
    clinic.open_dialog()
    clinic.search(id="204")
    clinic.choose("PLA")
    clinic.choose("US")
    clinic.fetch("30 frames")
    assert page.run("document.getElementById('window-centre').disabled"), "colour has no window"
    clinic.open_dialog("from-archive-again")
    page.wait(IDLE)
    clinic.search(name="Test")
    clinic.choose("Test, S")
    clinic.choose("SR")
    page.run(f"{LINES}[0].click()")
    page.wait(f"!{OPEN}")
    page.wait("document.getElementById('image-problem').innerText.includes('cannot be read as an image')")
    page.wait("document.getElementById('invitation').offsetHeight > 0")
    clinic.forgive("400")


@test
def says_that_nothing_was_found(clinic):
    clinic.begin()
    clinic.open_dialog()
    clinic.search(name="Nobody")
    assert clinic.lines() == []
    assert clinic.text("#archive-list") == "Nothing was found."
    clinic.look("nothing")
    # Typed by somebody who means no good: it is a name that nobody has, and no other address.
    for name in ("../../system?x=", "a&limit=9999", "<img src=x onerror=alert(1)>", "\\*'\"%00%2e%2e"):
        clinic.search(name=name)
        assert clinic.lines() == [], name


@test
def copes_with_a_study_that_is_gone(clinic):
    """Deleted between the list and the look into it."""
    page = clinic.page
    clinic.begin()
    clinic.open_dialog()
    clinic.search(name="CompressedSamples^MR1")
    assert len(clinic.lines()) == 1
    study = clinic.archive.find("Study", PatientName="CompressedSamples^MR1")[0]["ID"]
    clinic.archive.ask(f"/studies/{study}", method="DELETE")
    page.run(f"{LINES}[0].click()")
    page.wait(f"{IDLE} && ({PROBLEM} || document.getElementById('archive-list').innerText)")
    said = page.run(PROBLEM) + clinic.text("#archive-list")
    assert "Nothing was found." in said or "did not do what was asked" in said, said
    clinic.look("gone")
    page.click("#archive-back")
    assert clinic.lines() == [] and clinic.text("#archive-list") == "Nothing was found."
    clinic.upload("MR_small.dcm")
    clinic.search(name="CompressedSamples^MR1")
    clinic.choose("MR1")
    clinic.choose("MR")
    study = clinic.archive.find("Study", PatientName="CompressedSamples^MR1")[0]["ID"]
    clinic.archive.ask(f"/studies/{study}", method="DELETE")
    page.run(f"{LINES}[0].click()")
    clinic.wait_for_problem("404")
    page.click("#archive-back")
    assert clinic.lines() == []
    clinic.upload("MR_small.dcm")
    clinic.forgive("404", "502")


@test
def waits_for_a_slow_archive(clinic):
    page = clinic.page
    clinic.begin()
    clinic.open_dialog()
    clinic.search(name="CompressedSamples^CT1")
    clinic.choose("CT1")
    with clinic.archive.held():
        page.run(f"{LINES}[0].click()")
        page.wait(f"!({IDLE})")
        clinic.look("slow")
        assert clinic.text("#archive-list") == "Asking the archive…"
        # Who does not wait goes back, or searches anew, or closes the dialog.
        page.click("#archive-back")
        page.click("#archive-back")
        page.wait("document.getElementById('archive-back').hidden")
        page.click("#archive-close")
    time.sleep(1)
    assert not page.run(OPEN)
    assert page.run("document.getElementById('picture').hidden"), "what was asked for before is not shown"
    clinic.open_dialog()
    assert len(clinic.lines()) == 1
    # An image that comes after the dialog was closed does not push another away.
    clinic.choose("CT1")
    clinic.choose("CT")
    with clinic.archive.held():
        page.run(f"{LINES}[0].click()")
        page.wait(f"!({IDLE})")
        page.click("#archive-close")
        clinic.drop(clinic.picture)
        shown = page.run("document.getElementById('view').src")
    time.sleep(1)
    assert page.run("document.getElementById('view').src") == shown
    clinic.forgive("ERR_ABORTED")


@test
def goes_on_after_an_archive_that_was_down(clinic):
    page = clinic.page
    clinic.begin()
    clinic.open_dialog()
    clinic.search(name="CompressedSamples^CT1")
    clinic.choose("CT1")
    clinic.archive.stop()
    page.run(f"{LINES}[0].click()")
    clinic.wait_for_problem("The archive did not do what was asked.")
    clinic.look("down")
    assert page.run("!document.getElementById('archive-back').hidden")
    page.click("#archive-problem button")
    clinic.wait_for_problem("The archive did not do what was asked.")
    clinic.archive.start()
    page.click("#archive-problem button")
    assert len(clinic.lines()) == 1, "the images of the series"
    clinic.fetch("128 × 128")
    # An answer that cannot be filed stays, and can be filed later.
    clinic.fill("Which?", "this", "that")
    page.press("Enter", ctrl=True)
    page.wait(ENDED, 60)
    clinic.archive.stop()
    page.click("#file-report")
    page.wait("document.getElementById('filing-problem').innerText.includes('did not do what was asked')")
    clinic.archive.start()
    page.click("#filing-problem button")
    page.wait("document.getElementById('filed').innerText.startsWith('Filed')")
    assert clinic.text("#filing-problem") == ""
    assert len(clinic.archive.find("Instance", Modality="SR", PatientID="1CT1")) == 1
    clinic.forgive("502")


def asks_for_tokens(one, program, model, folder, archive, options):
    """The device's own, and the archive's, which the device has not."""
    os.environ["LMC_TEST_TOKEN"] = "of the device"
    os.environ["LMC_TEST_ARCHIVE"] = "Basic bm9ib2R5Om5vdGhpbmc="
    with served(program, model, folder, 0, "--api-key-env", "LMC_TEST_TOKEN", "--dicomweb", archive.dicomweb,
                "--dicomweb-auth-env", "LMC_TEST_ARCHIVE") as (_, url):
        clinic = Stranger(one, url, archive, options)
        page = clinic.page
        assert page.run("document.getElementById('from-archive').hidden"), "no archive for strangers"
        page.type("of the device")
        page.press("Enter")
        page.wait("!document.getElementById('from-archive').hidden")
        clinic.open_dialog()
        clinic.search()
        clinic.wait_for_problem("HTTP 401")
        clinic.look("stranger")
        clinic.forgive("401", "502")
        assert not page.complaints, page.complaints
        assert not clinic.bad, "\n".join(clinic.bad)


def run_tests(one, program, folder, options):
    model, _ = make_model(program, folder)
    archive = orthanc.Orthanc(folder)
    try:
        os.environ["LMC_TEST_ARCHIVE"] = orthanc.AUTHORIZATION
        with served(program, model, folder, 0, "--dicomweb", archive.dicomweb, "--dicomweb-auth-env",
                    "LMC_TEST_ARCHIVE") as (_, url):
            clinic = Clinic(one, url, archive, options)
            for name in FILES:
                clinic.upload(name)
            clinic.studies = archive.find("Study")
            clinic.picture = next((folder / "data/images").glob("*.png"))
            for function in TESTS:
                if options.names and function.__name__ not in options.names:
                    continue
                begin = time.monotonic()
                clinic.page.complaints.clear()
                with contextlib.ExitStack() as stack:
                    if options.shots:
                        stack.callback(clinic.page.screenshot, options.shots / f"last-{function.__name__}.png")
                    function(clinic)
                assert not clinic.page.complaints, clinic.page.complaints
                print(f"passes: {function.__name__}, {time.monotonic() - begin:.1f} s", flush=True)
            assert not clinic.bad, "\n".join(clinic.bad)
        asks_for_tokens(one, program, model, folder, archive, options)
        print("passes: asks_for_tokens")
    finally:
        archive.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("names", nargs="*")
    data = Path(os.environ.get("LMC_TEST_DATA", ROOT.parent / "shared/data"))
    parser.add_argument("--data", type=Path, default=data / "dicom/pydicom_test_files")
    parser.add_argument("--shots", type=Path)
    parser.add_argument("--axe", type=Path)
    options = parser.parse_args()
    lacks = ("chromium (Debian: chromium)" if not has_browser() else
             "Orthanc with DICOMweb (Debian: orthanc, orthanc-dicomweb)" if not orthanc.is_installed() else
             f"{options.data / FILES[0]}" if not all((options.data / name).exists() for name in FILES) else "")
    if lacks:
        print(f"skipped: there is no {lacks}")
        raise SystemExit(77)
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as one:
        run_tests(one, options.program, Path(folder), options)


if __name__ == "__main__":
    main()
