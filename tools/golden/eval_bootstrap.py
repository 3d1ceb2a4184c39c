"""Makes tests/golden/eval/bootstrap.json: percentile and BCa intervals of an accuracy, and of a
difference of two, drawn by image group, from scipy.stats.bootstrap with its resamples.

Run: python tools/golden/eval_bootstrap.py  (numpy, scipy)
"""
import json
import warnings
from pathlib import Path

import numpy as np
import scipy
from scipy.stats import bootstrap

OUT = Path(__file__).parents[2] / "tests/golden/eval/bootstrap.json"
RESAMPLES = 199
random = np.random.default_rng(9)
warnings.simplefilter("ignore")  # the cases in which BCa is not defined


def mean(value, questions, axis=-1):
    return value.sum(axis=axis) / questions.sum(axis=axis)


def ends(interval):
    return None if np.isnan(interval).any() else [float(interval.low), float(interval.high)]


cases = []
for figures, largest, low, high in [(2, 3, 0, 1), (12, 1, 0, 1), (60, 4, 0, 1), (60, 4, -1, 1),
                                    (300, 6, -1, 1), (25, 9, 0, 1), (15, 3, 1, 1), (15, 3, 0, 0)]:
    questions = random.integers(1, largest + 1, figures)
    # All answers on an image group lean the same way, so that image groups matter.
    value = np.array([random.integers(low, high + 1, n).sum() if random.random() < 0.5
                      else n * random.integers(low, high + 1) for n in questions])
    for level in (0.9, 0.95):
        drawn = bootstrap((value, questions), mean, paired=True, n_resamples=RESAMPLES,
                          confidence_level=level, method="percentile", random_state=random)
        bca = bootstrap((value, questions), mean, paired=True, n_resamples=0,
                        bootstrap_result=drawn, confidence_level=level, method="bca")
        cases.append({"value": value.tolist(), "questions": questions.tolist(), "level": level,
                      "error": float(drawn.standard_error),
                      "percentile": ends(drawn.confidence_interval),
                      "bca": ends(bca.confidence_interval),
                      "replicates": drawn.bootstrap_distribution.tolist()})

OUT.write_text(json.dumps({"origin": f"tools/golden/eval_bootstrap.py, scipy {scipy.__version__}",
                           "cases": cases}) + "\n")
