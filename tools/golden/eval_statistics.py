"""Makes tests/golden/eval/statistics.json: exact limits, McNemar and Holm, equivalence, seeds and
letter skill, from scipy, statsmodels and scikit-learn.

Run: python tools/golden/eval_statistics.py  (numpy, scipy, statsmodels, scikit-learn)
"""
import json
import warnings
from pathlib import Path

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy.special import betainc, betaincinv
from scipy.stats import beta, binom, t
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW, zconfint, ztest, ztost

OUT = Path(__file__).parents[2] / "tests/golden/eval/statistics.json"
random = np.random.default_rng(5)
warnings.simplefilter("ignore")  # scikit-learn's, of letters that are given but never right

beta_cdf = [{"a": a, "b": b, "x": x, "p": float(betainc(a, b, x))}
            for a, b, x in [(0.5, 0.5, 0.1), (0.5, 0.5, 0.9), (1, 1, 0.3), (2, 5, 0.01),
                            (2, 5, 0.999), (30, 0.5, 0.97), (0.5, 30, 1e-12), (200, 300, 0.41),
                            (18822, 14609, 0.56), (6, 33425, 1e-4)]]
beta_quantile = [{"a": a, "b": b, "p": p, "x": float(betaincinv(a, b, p))}
                 for a, b in [(0.5, 0.5), (1, 20), (3, 2), (200, 300), (18822, 14609), (6, 33425)]
                 for p in (0.001, 0.025, 0.5, 0.9)]
student = [{"p": p, "degrees": degrees, "t": float(t.ppf(p, degrees))}
           for degrees in (1, 2, 3, 4.5, 9, 100)
           for p in (0.0005, 0.025, 0.1, 0.24, 0.26, 0.4999, 0.5, 0.6, 0.95, 0.995)]

clopper_pearson = []
for count, total in [(0, 1), (1, 1), (0, 20), (20, 20), (1, 10), (130, 200), (1298, 2000),
                     (18821, 33430), (5, 100000)]:
    for level in (0.8, 0.95, 0.9975):
        interval = proportion_confint(count, total, 1 - level, method="beta")
        upper = 1.0 if count == total else float(beta.ppf(level, count + 1, total - count))
        clopper_pearson.append({"count": count, "total": total, "level": level,
                                "interval": list(map(float, interval)), "upper": upper})

counts = [(0, 1), (1, 0), (3, 3), (0, 10), (4, 5), (12, 30), (30, 12), (100, 140), (310, 250),
          (1000, 1100), (25000, 25300), (49000, 51000), (0, 900)]
tests = []
for first, second in counts:
    exact = mcnemar([[0, first], [second, 0]], exact=True).pvalue
    # Splits more uneven than this one, and half of those that are as uneven.
    uneven = np.abs(2 * np.arange(first + second + 1) - first - second)
    chances = binom.pmf(np.arange(first + second + 1), first + second, 0.5)
    mid = (chances[uneven > abs(first - second)].sum()
           + chances[uneven == abs(first - second)].sum() / 2)
    tests.append({"first": first, "second": second, "p": float(exact), "mid_p": float(mid)})


def gap(total, discordance, alpha, mid):
    """By trying all splits, from the most even one."""
    throws = round(discordance * total)
    for fewer in range(throws // 2, -1, -1):
        p = min(1, 2 * binom.cdf(fewer, throws, 0.5)) - mid * binom.pmf(fewer, throws, 0.5)
        if p <= alpha:
            return (throws - 2 * fewer) / total
    return None


gaps = [{"total": total, "discordance": share, "alpha": alpha, "exact": gap(total, share, alpha, 0),
         "mid_p": gap(total, share, alpha, 1)}
        for total in (20, 500, 2000, 33430) for share in (0.1, 0.2, 0.3, 0.4) for alpha in (0.05, 0.01)]

holm = []
for p in [[0.04], [0.01, 0.04, 0.03, 0.005], [0.5, 0.9, 1, 0.02, 0.02], [0, 0.2, 1e-9],
          random.random(30).round(6).tolist()]:
    holm.append({"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()})

equivalence = []
for first, second, total in [(1, 0, 3), (12, 30, 200), (30, 12, 200), (100, 140, 2000),
                             (310, 250, 2000), (620, 540, 2000), (900, 910, 33430), (7, 7, 50)]:
    differences = np.repeat([1, -1, 0], [first, second, total - first - second])
    case = {"first": first, "second": second, "total": total, "level": 0.9, "margins": [],
            "interval": list(map(float, zconfint(differences, alpha=0.1, ddof=0)))}
    for margin in (0.005, 0.01, 0.03, 0.2):
        case["margins"].append({
            "margin": margin,
            "not_worse": float(ztest(differences, value=-margin, alternative="larger", ddof=0)[1]),
            "equivalent": float(ztost(differences, -margin, margin, ddof=0)[0])})
    equivalence.append(case)

seeds = []
for values in [[0.512, 0.534], [64.9, 63.1, 65.4], [0.5, 0.5, 0.5], (0.6 + 0.02 *
               random.standard_normal(10)).tolist()]:
    stats = DescrStatsW(values)
    for level in (0.9, 0.95):
        low, high = stats.tconfint_mean(1 - level)
        seeds.append({"values": values, "level": level, "mean": float(stats.mean),
                      "deviation": float(np.std(values, ddof=1)),
                      "interval": [float(low), float(high)]})

letters = []
for size, chances, right in [(1, [1, 0, 0, 0], 1), (40, [.25] * 4, .5), (500, [.1, .2, .3, .4], .6),
                             (500, [.1, .2, .3, .4], .2), (60, [0, .5, .5, 0], 0),
                             (300, [.05, .9, .05, 0], .8), (2000, [.24, .26, .27, .23], .65)]:
    gold = random.choice(4, size, p=chances)
    given = np.where(random.random(size) < right, gold, (gold + 1) % 4)
    by_gold = {"ABCD"[k]: [int((given[gold == k] == k).sum()), int((gold == k).sum())]
               for k in range(4)}
    prior = DummyClassifier(strategy="most_frequent").fit(gold, gold).score(gold, gold)
    accuracy = accuracy_score(gold, given)
    letters.append({"by_gold": by_gold, "accuracy": float(accuracy),
                    "balanced": float(balanced_accuracy_score(gold, given)), "prior": float(prior),
                    "above_prior": None if prior == 1 else float((accuracy - prior) / (1 - prior))})

OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps({
    "origin": f"tools/golden/eval_statistics.py, scipy {scipy.__version__}, "
              f"statsmodels {statsmodels.__version__}, scikit-learn {sklearn.__version__}",
    "beta_cdf": beta_cdf, "beta_quantile": beta_quantile, "student": student,
    "clopper_pearson": clopper_pearson, "mcnemar": tests, "gaps": gaps, "holm": holm,
    "equivalence": equivalence, "seeds": seeds, "letters": letters}) + "\n")
