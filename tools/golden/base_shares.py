"""Makes tests/golden/base/shares.json: the normal distribution and Wilson intervals, from scipy.

Run: python tools/golden/base_shares.py  (scipy)
"""
import json
from pathlib import Path

import scipy
from scipy.special import ndtr, ndtri
from scipy.stats import binomtest

OUT = Path(__file__).parents[2] / "tests/golden/base/shares.json"

SHARES = [1e-300, 1e-100, 1e-20, 1e-9, 1e-4, 0.005, 0.025, 0.05, 0.1, 0.3, 0.4999, 0.5, 0.6, 0.9,
          0.975, 0.995, 0.999999]
normal = [{"p": p, "z": float(ndtri(p))} for p in SHARES]
normal_cdf = [{"z": z, "p": float(ndtr(z))} for z in (-37, -20, -8, -2.5, -1, -1e-3, 0, 0.7, 3, 9)]

wilson = []
for correct, total in [(0, 1), (1, 1), (0, 20), (20, 20), (1, 10), (130, 200), (1298, 2000),
                       (18821, 33430), (5, 100000)]:
    for level in (0.5, 0.9, 0.95, 0.99, 0.9999):
        interval = binomtest(correct, total).proportion_ci(level, "wilson")
        wilson.append({"correct": correct, "total": total, "level": level,
                       "interval": [interval.low, interval.high]})

OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps({"origin": f"tools/golden/base_shares.py, scipy {scipy.__version__}",
                           "normal": normal, "normal_cdf": normal_cdf, "wilson": wilson}) + "\n")
