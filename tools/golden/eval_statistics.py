"""Makes tests/golden/eval/statistics.json: Wilson intervals and exact McNemar tests, from scipy.

Run: python tools/golden/eval_statistics.py  (scipy)
"""
import json
from pathlib import Path

import scipy
from scipy.stats import binomtest

OUT = Path(__file__).parents[2] / "tests/golden/eval/statistics.json"

wilson = []
for correct, total in [(0, 1), (1, 1), (0, 20), (20, 20), (1, 10), (130, 200), (1298, 2000),
                       (18821, 33430), (5, 100000)]:
    interval = binomtest(correct, total).proportion_ci(0.95, "wilson")
    wilson.append({"correct": correct, "total": total, "interval": [interval.low, interval.high]})

mcnemar = []
for first, second in [(0, 1), (1, 0), (3, 3), (0, 10), (4, 5), (12, 30), (30, 12), (100, 140),
                      (310, 250), (1000, 1100), (25000, 25300), (49000, 51000), (0, 900)]:
    p = binomtest(min(first, second), first + second, 0.5).pvalue
    mcnemar.append({"first": first, "second": second, "p": p})

OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps({"origin": f"tools/golden/eval_statistics.py, scipy {scipy.__version__}",
                           "wilson": wilson, "mcnemar": mcnemar}, indent=1) + "\n")
