#!/usr/bin/env python3
"""Time and memory of `litemedcot prepare` at PMC-VQA's real size, beside Python's csv and json.

    bench/prepare_import/compare.py build/litemedcot [--rows 226948] [--keep FOLDER]

Makes a synthetic PMC-VQA table of version 1 (texts of realistic length, quotes, line breaks, about
4 % of the rows malformed), imports it without images by the program and by the script below that
does the same (parse, clean, check, hash, write), and prints one table. Each runs in a process of its
own; peak memory is the system's maximum resident set of that process.
"""
import argparse
import csv
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HEADER = ["Figure_path", "Question", "Answer", "Choice A", "Choice B", "Choice C", "Choice D", "Answer_label"]
WORDS = ("the axial CT image shows a large well defined mass in left upper lobe with contrast enhancement arrow "
         "immunohistochemical staining of tumor cells magnetic resonance T2 weighted coronal plane radiograph "
         "fluorescence microscopy expression control group patients lesion right kidney arrowhead panel scale bar "
         "5 µm Kaplan–Meier survival curve β-catenin").split()
BLANKS = " \t\n\r\v\f\u00a0\u2009\u200a\u200b\u202f\u3000\ufeff"


def texts(rng, low, high):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(low, high)))


def make_table(path, rows):
    rng = random.Random(1)
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for i in range(rows):
            question = " " + texts(rng, 6, 18).capitalize() + "? "
            if rng.random() < 0.05:
                question = question.replace(" of ", ' "of" ', 1) + '"quoted, text"'
            if rng.random() < 0.02:
                question += "\nSee the arrow."
            options = [texts(rng, 1, 9) for _ in range(4)]
            if rng.random() < 0.03:
                options[3] = rng.choice(["None", "N/A", "NA"])
            gold = rng.choices(range(4), (22, 32, 30, 16))[0]
            row = [f"PMC{1064097 + i // 2}_F{i % 5}.jpg", question, options[gold]]
            row += [f" {'ABCD'[k]}:{options[k]} " for k in range(4)] + ["ABCD"[gold]]
            fault = rng.random()
            if fault < 0.01:
                row[7] = "'"
            elif fault < 0.02:
                row[4] = row[4].replace(" B:", " C:")
            elif fault < 0.03:
                row[5] = " C: "
            elif fault < 0.04:
                row[6] = row[6].replace(" D:", " ")
            out.writerow(row)


def clean(text):
    text = text.strip(BLANKS)
    while text and text[0] in "'\"" and text.count(text[0]) % 2 == 1:
        text = text[1:].strip(BLANKS)
    while text and text[-1] in "'\"" and text.count(text[-1]) % 2 == 1:
        text = text[:-1].strip(BLANKS)
    return text


def import_row(row, seen, stem):
    """The question, or the reason why there is none."""
    if len(row) != len(HEADER):
        return None, "the row has another number of cells than the header"
    figure, question = row[0].strip(BLANKS), clean(row[1])
    if not figure or not question:
        return None, "the question or its figure is empty"
    options = {}
    for letter, cell in zip("ABCD", row[3:7]):
        text = clean(cell)
        if len(text) < 2 or text[1] not in ":.)":
            return None, "some choices have a label and some have none"
        if text[0] != letter:
            return None, "a choice has another's label"
        options[letter] = clean(text[2:])
        if not options[letter]:
            return None, "a choice is empty"
    answer = clean(row[7])
    if answer not in options:
        return None, "the gold answer is not the letter of an option"
    digest = hashlib.sha256("".join(cell + "\n" for cell in row).encode()).hexdigest()[:12]
    name = f"pmc-vqa-1/{stem}/{figure.rsplit('.', 1)[0]}/{digest}"
    if name in seen:
        return None, "the same row stands in the file twice"
    seen.add(name)
    return {"id": name, "image": "../" + figure, "image_sha256": "", "question": question, "options": options,
            "answer": answer, "split": "train", "source": "pmc-vqa-1:train.csv", "group": figure.split("_")[0]}, None


def import_by_python(table, folder):
    os.makedirs(folder, exist_ok=True)
    seen = set()
    with open(table, newline="", encoding="utf-8") as source, \
            open(f"{folder}/questions.jsonl", "w", encoding="utf-8") as questions, \
            open(f"{folder}/rejected.jsonl", "w", encoding="utf-8") as rejected:
        rows = csv.reader(source)
        next(rows)
        for number, row in enumerate(rows, 1):
            question, reason = import_row(row, seen, "train")
            if question:
                questions.write(json.dumps(question, ensure_ascii=False, separators=(",", ":")) + "\n")
            else:
                rejected.write(json.dumps({"file": table, "row": number, "reason": reason}) + "\n")


def measured(arguments):
    """Seconds and peak MB of a process."""
    before = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(arguments)}")
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def lines_of(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=226948)
    parser.add_argument("--keep", help="folder to work in, kept")
    parser.add_argument("--python-import", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.python_import:
        return import_by_python(*arguments.python_import)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or temporary
        os.makedirs(folder, exist_ok=True)
        table = f"{folder}/train.csv"
        make_table(table, arguments.rows)
        print(f"{arguments.rows} rows, {os.path.getsize(table) / 1e6:.0f} MB\n")
        base = [arguments.program, "prepare", "--pmc-vqa", table, "--no-images", "--out"]
        runs = {"litemedcot prepare": base + [f"{folder}/ours"],
                "litemedcot prepare --audit": base + [f"{folder}/audited", "--audit"],
                "Python csv + json": [sys.executable, __file__, arguments.program, "--python-import", table,
                                      f"{folder}/python"]}
        figures = {name: measured(run) for name, run in runs.items()}
        python = figures["Python csv + json"]
        print("| import | s | CPU s | peak MB | times Python's speed (CPU) |\n|---|---|---|---|---|")
        for name, (seconds, cpu, memory) in figures.items():
            print(f"| {name} | {seconds:.1f} | {cpu:.1f} | {memory:.0f} | {python[1] / cpu:.1f} |")
        ours, theirs = (lines_of(f"{folder}/{name}/questions.jsonl") for name in ("ours", "python"))
        print(f"\nquestions: {ours} and {theirs}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
