"""Makes tests/golden/eval/extractors.json: what the published graders say of many kinds of replies,
and difflib's ratio of texts drawn with a fixed seed. The graders are written here from their rules
on Python's own re, str and difflib; src/eval/graders/extractor_*.cpp name the sources.

Run: python tools/golden/eval_extractors.py  (Python's standard library alone)
"""
import difflib
import hashlib
import json
import random
import re
import sys
import unicodedata
from pathlib import Path

OUT = Path(__file__).parents[2] / "tests/golden/eval/extractors.json"


def closest(choices, text, otherwise):
    scores = [difflib.SequenceMatcher(None, choice, text).ratio() for choice in choices]
    best = max(scores, default=0)
    return scores.index(best) if best > 0 else otherwise


# MedVInT


def medvint(reply, options, gold, output=lambda reply: reply):
    cells = [f" {letter}:{text} " for letter, text in options.items()]
    label = f" {gold}:{options[gold]} " if gold in options else gold
    said = closest(cells, output(reply), None)
    return (None if said is None else list(options)[said], said == closest(cells, label, None),
            "nothing" if said is None else "fuzzy")


def medvint_td(reply, options, gold):
    return medvint(reply, options, gold, lambda text: text[-1:])


def medvint_te(reply, options, gold):
    said = closest(list(options), reply, None)
    return (None if said is None else list(options)[said],
            said == closest(list(options), gold, None), "nothing" if said is None else "fuzzy")


# MedVLThinker


def equal(prediction, letter, text):
    forms = (f"{letter}. {text}", letter, text)
    return prediction.strip().lower() in [form.strip().lower() for form in forms]


def grade(prediction, options, gold):
    letter = next((one for one, text in options.items() if equal(prediction, one, text)), None)
    return (letter, gold in options and equal(prediction, gold, options[gold]),
            "nothing" if letter is None else "read")


def medvlthinker(reply, options, gold):
    block = re.search(r"<answer>(.*?)</answer>", reply, re.S)
    return grade(block.group(1) if block else reply, options, gold)


def regraded_part(reply):
    blocks = re.findall(r"<answer>(.*?)</answer>", reply, re.S)
    if blocks:
        block = blocks[-1].strip()
        line = re.search(r"\s*([^\n\r]+)", block)
        return line.group(1).strip() if line else block
    for marker in (r"answer:", r"answer is:", r"answer is", r"is:"):
        rests = re.findall(marker + r"\s*(.*)\s*", reply, re.I)
        if rests:
            return rests[-1].strip()
    return reply.strip()


def medvlthinker_regrade(reply, options, gold):
    part = regraded_part(reply)
    for tag in ("<think>", "</think>", "<answer>", "</answer>"):
        part = part.replace(tag, "")
    return grade(part, options, gold)


# MedEvalKit


def boxed(text):
    begin = text.rfind("\\boxed{")
    depth = 0
    for at in range(begin + 7, len(text)) if begin >= 0 else ():
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth < 0:
            return text[begin + 7:at].strip()
    return "None"


def parsed(text):
    if "boxed" in text:
        text = boxed(text)
    elif "<answer>" in text:
        blocks = re.findall(r"<answer>(.*?)</answer>", text, re.S)
        text = "".join(block + " " for block in blocks).strip() or text
    for marker in ("**answer**:", "**answer**", "*answer*:", "**answer:**", "answer is", "answer:",
                   "答案:", "final answer", "final answer is"):
        text = text.split(marker)[-1]
    return text


def medevalkit(reply, options, gold):
    letters = [letter.lower() for letter in options]
    cells = [f" {letter}: {text} ".lower() for letter, text in options.items()]
    reply = reply.lower()
    parts = reply.split("\n\n")
    if parts[0] in letters:
        reply = parts[0]
    elif parts[-1].split(".")[0] in letters:
        reply = parts[-1].split(".")[0]
    reply = parsed(reply).strip().lower().replace("\n", "")
    stated = reply.split(".")[0].split(":")[-1]
    gold = gold.strip().lower()
    if stated in letters or stated in cells:
        index, basis = (letters if stated in letters else cells).index(stated), "read"
    elif stated == gold:
        return None, True, "read"
    else:
        index = closest(cells, reply, None)
        basis = "default" if index is None else "fuzzy"
        index = index or 0
    return list(options)[index], gold in (letters[index], cells[index]), basis


GRADERS = {"medvint": medvint, "medvint-td": medvint_td, "medvint-te": medvint_te,
           "medvlthinker": medvlthinker, "medvlthinker-regrade": medvlthinker_regrade,
           "medevalkit": medevalkit}

CHEST = {"A": "Pneumonia", "B": "Pulmonary embolism", "C": "Lung cancer", "D": "Normal"}
INSIDE = {"A": "Cyst", "B": "Cyst of the liver", "C": "Liver", "D": "None of the above"}
LETTERS = {"A": "B", "B": "C", "C": "D", "D": "A"}
NUMBERS = {"A": "1", "B": "2", "C": "3", "D": "2.5 cm"}
WIDE = {"A": "Über dem Herzen", "B": "ÉCHOGRAPHIE", "C": "胸部X光", "D": "Ψευδής", "E": "ИНФАРКТ"}
OPTIONS = {"chest": CHEST, "inside": INSIDE, "letters": LETTERS, "numbers": NUMBERS, "wide": WIDE}
LONG = "The film was taken with the patient standing and shows both lungs, the heart and the diaphragm. "

REPLIES = [
    "B", "b", "B.", " B ", "(B)", "B)", "B: Pulmonary embolism", "B. Pulmonary embolism",
    "b. pulmonary EMBOLISM", "Pulmonary embolism", "pulmonary embolism.", "Answer: B", "answer: b",
    "Answer: B.", "**Answer:** B", "**Answer**: B", "*Answer*: B", "The answer is B",
    "The answer is: B", "The answer is B.", "the ANSWER IS b", "The final answer is B",
    "Final answer: \\boxed{B}", "\\boxed{\\text{B}}", "\\boxed{B", "a boxed warning", "\\boxed{}",
    "\\boxed{A} and then \\boxed{{B}}", "<answer>B</answer>", "<answer> B. Pulmonary embolism </answer>",
    "<answer>A</answer> wait <answer>B</answer>", "<answer>B\nbecause of the wedge</answer>",
    "<answer></answer>", "<answer>\n</answer>B", "<answer>B", "B</answer>",
    "<think>It is A. <answer>A</answer></think><answer>B</answer>", "<think>B</think>B",
    "<think>long</think>\n\nB", "<answer>answer: B</answer>", "<ANSWER>B</ANSWER>",
    "<answer><answer>B</answer></answer>", "It is: B", "this: B", "Diagnosis is:\n\n  B\nmore",
    "answer: A, final answer: B", "answer: A\nanswer: B", "answer:", "answer:\n\n\n", "answer is",
    "A\n\nThe answer is B.", "B\n\nThe answer is A.", "The lung is dense.\n\nB", "x\n\nB. Because",
    "x\n\nb", "x\n\n B", "A or B", "not A", "not A but B", "either A, or B.", "option: B",
    "答案：B", "答案: B", "答案:B", "答案是B。", "胸部X光", "图像显示肺栓塞。", "", " ", "\n\n", ".", ":", "?",
    "I'm sorry, but I can't help with that.", "I cannot determine the answer from this image.",
    "Error code: 500", "None", "none of the above", "A. Cyst", "Cyst", "cyst of the liver",
    "a cyst in the liver", "Cyst of the liver.", "C", "D", "E", "E: ИНФАРКТ", "инфаркт", "échographie",
    "ÜBER DEM HERZEN", "über dem herzen", "ΨΕΥΔΉΣ", "1", "2", "2.5 cm", "2.5", "The answer is 2.5 cm",
    "3.", "DDDDDDDD", "zzzz", "B B B B", "Ab", "Answer\u00a0: B", "answer\u3000is\u3000B", "anſwer: B",
    "answer ıs B", "ANSWER İS B", "B\u2028", "\u00a0B\u200a", "B\x1f", "\ufeffB", "A.B", "A:B", "A: B.C",
    "the answer: it is a cyst", "Answer: Pulmonary embolism", "Answer: pulmonary embolis",
    "I think, given the picture: the answer is pulmonary embolism", "final answerB", "B final answer",
    LONG * 2, LONG * 4 + "The answer is B.", LONG * 4 + "\n\nB", LONG * 4 + "\n\nAnswer: B",
    LONG.replace(".", ",") * 4, "answer is " + LONG.replace(".", ",") * 4,
    LONG + "Pulmonary embolism", LONG * 3 + "It must be a pulmonary embolism",
    "The wedge-shaped opacity sugges", "<think>The wedge-shaped opacity sugges",
    "e" * 250, "Pulmonary embolism " * 30, "肺" * 210 + "B", LONG * 3 + "答案：胸部X光",
]


def cases():
    for reply in REPLIES:
        for name in OPTIONS:
            yield reply, name, "B"
        yield reply, "chest", "A"
        yield reply, "chest", "'"


def ratios():
    draw = random.Random(7)

    def text(alphabet, size):
        return "".join(draw.choice(alphabet) for _ in range(size))

    pairs = [("", ""), ("", "a"), ("a", ""), ("abcd", "bcde"), ("abxcd", "abcd"), ("aaaa", "aa"),
             ("qabxcd", "abycdf"), ("private Thread currentThread;", "private volatile Thread"),
             ("b" * 100, "a" + "b" * 100), ("b" * 200, "a" + "b" * 200), ("x" + "b" * 199, "b" * 200),
             ("肺栓塞。", "急性肺栓塞"), ("e\u0301cho", "\u00e9cho"), ("\U0001FAC1 lung", "lung \U0001FAC1")]
    for alphabet in ("ab", "abc ", "abcdefghij ", "肺炎栓塞Aa", "".join(map(chr, range(0x400, 0x480)))):
        for size_a, size_b in ((3, 5), (9, 9), (20, 60), (60, 20), (70, 199), (70, 200), (40, 201),
                               (150, 420), (300, 700)):
            pairs.append((text(alphabet, size_a), text(alphabet, size_b)))
    words = LONG.split()
    for size in (5, 30, 60, 120):
        pairs.append((" ".join(draw.choices(words, k=8)), " ".join(draw.choices(words, k=size))))
    for rare in (2, 3, 4, 5):  # popular from the fourth place on, at this length
        pairs.append(("kkxyz", text("abcdefgh", 290) + "k" * rare + "xyz"))
    return [{"a": a, "b": b, "ratio": difflib.SequenceMatcher(None, a, b).ratio()} for a, b in pairs]


def lower_case_sha256():
    points = (chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    return hashlib.sha256("".join(c.lower() for c in points).encode()).hexdigest()


graded = []
for reply, name, gold in cases():
    row = [reply, name, gold]
    for rule in GRADERS.values():
        letter, correct, basis = rule(reply, OPTIONS[name], gold)
        row.append(f"{letter or '-'} {'right' if correct else 'wrong'} {basis}")
    graded.append(row)

origin = (f"tools/golden/eval_extractors.py, Python {sys.version.split()[0]}, "
          f"Unicode {unicodedata.unidata_version}")


def listed(rows):
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "]"


parts = {"origin": json.dumps(origin), "lower_case_sha256": json.dumps(lower_case_sha256()),
         "options": json.dumps(OPTIONS, ensure_ascii=False), "ratios": listed(ratios()),
         "columns": json.dumps(["reply", "options", "gold", *GRADERS]), "graded": listed(graded)}
OUT.write_text("{" + ",\n".join(f'"{key}": {value}' for key, value in parts.items()) + "}\n")
print(len(graded), "cases,", OUT.stat().st_size, "bytes")
