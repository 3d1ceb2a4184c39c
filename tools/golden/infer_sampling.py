"""Makes tests/golden/infer/sampling.json: logits before and after transformers' logits processors.

Run: python tools/golden/infer_sampling.py  (torch, transformers)
The presence penalty is vLLM's formula (logits -= penalty where the reply has the token), put where
vLLM puts it: after the repetition penalty. Thresholds that fall within 1e-4 of a probability are
refused, so that sums in another order or precision keep the same tokens.
"""
import json
from pathlib import Path

import torch
import transformers
from transformers.generation import logits_process as processors

OUT = Path(__file__).parents[2] / "tests/golden/infer/sampling.json"
VOCABULARY = 40
CASES = [
    {},
    {"repetition_penalty": 1.3},
    {"repetition_penalty": 0.8},
    {"presence_penalty": 1.5},
    {"repetition_penalty": 1.2, "presence_penalty": -0.7},
    {"temperature": 0.7},
    {"temperature": 1.0, "top_k": 5},
    {"temperature": 1.0, "top_k": 100},
    {"temperature": 1.0, "top_p": 0.8},
    {"temperature": 1.0, "top_p": 0.05},
    {"temperature": 1.0, "min_p": 0.1},
    {"temperature": 0.7, "top_k": 20, "top_p": 0.8},
    {"temperature": 1.3, "top_k": 30, "top_p": 0.95, "min_p": 0.05,
     "repetition_penalty": 1.1, "presence_penalty": 1.0},
]


def check_margin(probabilities, threshold):
    assert (probabilities - threshold).abs().min() > 1e-4, "a probability lies on the threshold"


def process(logits, options, prompt, reply):
    scores = logits[None].clone()
    ids = torch.tensor([prompt + reply])
    if "repetition_penalty" in options:
        scores = processors.RepetitionPenaltyLogitsProcessor(options["repetition_penalty"])(ids, scores)
    if "presence_penalty" in options:
        scores[0, sorted(set(reply))] -= options["presence_penalty"]
    if "temperature" in options:
        scores = processors.TemperatureLogitsWarper(options["temperature"])(ids, scores)
    if "top_k" in options:
        scores = processors.TopKLogitsWarper(options["top_k"])(ids, scores)
    if "top_p" in options:
        check_margin(scores[0].sort().values.softmax(-1).cumsum(-1), 1 - options["top_p"])
        scores = processors.TopPLogitsWarper(options["top_p"])(ids, scores)
    if "min_p" in options:
        probabilities = scores[0].softmax(-1)
        check_margin(probabilities, options["min_p"] * probabilities.max())
        scores = processors.MinPLogitsWarper(options["min_p"])(ids, scores)
    return scores[0]


def main():
    torch.manual_seed(0)
    cases = []
    for options in CASES:
        for _ in range(2):
            logits = 2.5 * torch.randn(VOCABULARY)
            logits[7] = logits[11]  # equal logits
            prompt = torch.randint(0, VOCABULARY, (6,)).tolist()
            reply = torch.randint(0, VOCABULARY, (5,)).tolist()
            processed = process(logits, options, prompt, reply)
            cases.append({
                "options": options, "prompt": prompt, "reply": reply, "logits": logits.tolist(),
                "processed": [x if x > float("-inf") else None for x in processed.tolist()]})
    origin = f"tools/golden/infer_sampling.py, transformers {transformers.__version__}"
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"origin": origin, "cases": cases}) + "\n")


main()
