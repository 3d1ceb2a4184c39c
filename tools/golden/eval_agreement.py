"""Makes tests/golden/eval/agreement.json: Cohen's kappa (plain and with quadratic weights) from
scikit-learn, Fleiss' kappa from statsmodels, on ratings drawn with a fixed seed.

Run: python tools/golden/eval_agreement.py  (numpy, scikit-learn, statsmodels)
"""
import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
import statsmodels
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

OUT = Path(__file__).parents[2] / "tests/golden/eval/agreement.json"
warnings.simplefilter("ignore")  # the undefined cases
random = np.random.default_rng(20)


def number(value):
    return None if not np.isfinite(value) else float(value)


def rated(size, categories, agreement):
    """A first rater with uneven categories, a second that follows in a share of the cases."""
    chances = random.dirichlet(np.ones(categories))
    first = random.choice(categories, size, p=chances)
    second = np.where(random.random(size) < agreement, first, random.choice(categories, size))
    return first.tolist(), second.tolist()


cohen = []
cases = [(*rated(size, categories, agreement), categories)
         for size in (2, 7, 25, 50, 400) for categories in (2, 3, 4) for agreement in (0, .5, .9, 1)]
cases += [([0, 1, 0, 1], [1, 0, 1, 0], 2), ([0, 0, 0], [0, 0, 1], 2), ([1, 1, 1], [1, 1, 1], 2),
          ([0, 0, 0, 0], [2, 2, 2, 2], 3)]
for first, second, categories in cases:
    labels = list(range(categories))
    cohen.append({"first": first, "second": second, "categories": categories,
                  "kappa": number(cohen_kappa_score(first, second, labels=labels)),
                  "quadratic": number(cohen_kappa_score(first, second, labels=labels,
                                                        weights="quadratic"))})

fleiss = []
for things, raters, categories in [(1, 3, 2), (5, 3, 2), (12, 4, 3), (50, 3, 4), (200, 6, 4)]:
    chances = random.dirichlet(np.ones(categories), things)
    counts = [random.multinomial(raters, one).tolist() for one in chances]
    fleiss.append({"counts": counts, "kappa": number(fleiss_kappa(np.array(counts), "fleiss"))})
fleiss.append({"counts": [[0, 3], [0, 3]], "kappa": None})

OUT.write_text(json.dumps({
    "origin": f"tools/golden/eval_agreement.py, scikit-learn {sklearn.__version__}, "
              f"statsmodels {statsmodels.__version__}", "cohen": cohen, "fleiss": fleiss}) + "\n")
