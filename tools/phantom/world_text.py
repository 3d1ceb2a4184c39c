"""Reads a phantom data set and puts its questions to a model the way the project does.

Mirrors: src/prompt/question.cpp (the default prompts) and the Qwen3-VL chat template.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

DESCRIBE = "Describe the image."
ANSWER_ONLY = 'Reply with one line: "Answer: X", where X is the letter of the correct option.'
REASON_FIRST = ('Reason step by step from what the image shows. Then end with one line: '
                '"Answer: X", where X is the letter of the correct option.')


@dataclass
class Row:
    figure: str
    caption: str
    kind: str
    question: str
    options: list[str]
    answer: str
    reasoning: str


def read_part(folder: Path, part: str) -> list[Row]:
    """The rows of one table, e.g. "single_train"; the letters in front of options are taken off."""
    with open(folder / f"{part}.csv", newline="") as file:
        table = list(csv.DictReader(file))
    with open(folder / f"{part}_explanations.jsonl") as file:
        steps = [json.loads(line) for line in file]
    assert len(table) == len(steps)
    return [
        Row(row["Figure_path"], row["Caption"], step["kind"], row["Question"],
            [row[f"Choice {letter}"].strip().split(": ", 1)[1] for letter in "ABCD"],
            row["Answer"], step["reasoning"])
        for row, step in zip(table, steps)
    ]


def question_text(row: Row, reason: bool) -> str:
    options = "\n".join(f"{letter}. {text}" for letter, text in zip("ABCD", row.options))
    instruction = REASON_FIRST if reason else ANSWER_ONLY
    return f"Question: {row.question}\n{options}\n\n{instruction}"


def reply_text(row: Row, reason: bool) -> str:
    answer = f"Answer: {row.answer}"
    return f"{row.reasoning}\n\n{answer}" if reason else answer


def prompt_text(text: str, num_image_tokens: int) -> str:
    pads = "<|image_pad|>" * num_image_tokens
    return (f"<|im_start|>user\n<|vision_start|>{pads}<|vision_end|>{text}<|im_end|>\n"
            "<|im_start|>assistant\n")
