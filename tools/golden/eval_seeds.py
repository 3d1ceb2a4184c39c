"""Makes tests/golden/eval/seed_differences.json: Welch's interval of the difference of two means.

Run: python tools/golden/eval_seeds.py  (numpy, scipy)
"""
import json
from pathlib import Path

import numpy as np
import scipy
from scipy.stats import ttest_1samp, ttest_ind

OUT = Path(__file__).parents[2] / "tests/golden/eval/seed_differences.json"
random = np.random.default_rng(11)

cases = []
for sizes in [(2, 2), (3, 3), (3, 5), (2, 9), (5, 1), (1, 3)]:
    for level in (0.9, 0.95):
        first = [round(float(x), 4) for x in random.normal(0.62, 0.02, sizes[0])]
        second = [round(float(x), 4) for x in random.normal(0.60, 0.005, sizes[1])]
        if min(sizes) > 1:
            interval = ttest_ind(first, second, equal_var=False).confidence_interval(level)
            low, high = interval.low, interval.high
        else:  # the lone value is exact: one sample against it
            many, lone = (first, second[0]) if len(first) > 1 else (second, first[0])
            interval = ttest_1samp(many, lone).confidence_interval(level)
            low, high = interval.low - lone, interval.high - lone
            if len(first) == 1:
                low, high = -high, -low
        cases.append({"first": first, "second": second, "level": level,
                      "interval": [float(low), float(high)]})

OUT.write_text(json.dumps({"origin": f"tools/golden/eval_seeds.py, scipy {scipy.__version__}, "
                                     f"numpy {np.__version__}", "cases": cases}, indent=1) + "\n")
