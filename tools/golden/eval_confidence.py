"""Makes tests/golden/eval/confidence.json: metrics of calibration, temperature and Platt scaling,
from scikit-learn, statsmodels and scipy; selective answering, by its definition in exact fractions
with scipy's beta distribution.

Run: python tools/golden/eval_confidence.py  (numpy, scipy, statsmodels, scikit-learn)
"""
import json
import math
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.special import logit, softmax
from scipy.stats import beta
from sklearn.calibration import _sigmoid_calibration, _TemperatureScaling, calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from statsmodels.stats.proportion import proportion_confint

OUT = Path(__file__).parents[2] / "tests/golden/eval/confidence.json"
random = np.random.default_rng(15)
warnings.simplefilter("ignore")  # of cases with one class only


def drawn(size, power, digits):
    """Confidences that are too high for power > 1."""
    confidence = random.uniform(0.25, 1, size).round(digits)
    return confidence, random.random(size) < confidence**power


# Sizes for which no cut of 5 or 15 bins of equal mass falls just on a rank, where numpy's rounding
# of the rank would decide.
samples = [drawn(1, 1, 2), drawn(2, 1, 2), drawn(8, 2, 1), drawn(42, 2, 1), drawn(500, 3, 4),
           drawn(500, 1, 2)]
samples += [(np.array([0, 0, 0.5, 1, 1, 1, 0.3, 1]), np.array([0, 1, 1, 0, 1, 1, 0, 1]) == 1),
            (np.full(8, 0.7), np.arange(8) < 5), (np.full(8, 0.9), np.arange(8) < 8),
            (random.random(8).round(2), np.arange(8) < 0), (np.array([1.0]), np.array([True]))]


def table(confidence, right, bins, strategy):
    accuracy, mean = calibration_curve(right, confidence, n_bins=bins, strategy=strategy)
    ends = np.linspace(0, 1, bins + 1)
    if strategy == "quantile":
        ends = np.percentile(confidence, ends * 100)
    places = np.searchsorted(ends[1:-1], confidence)
    counts = np.bincount(places, minlength=bins)
    counts = counts[counts > 0]
    rights = np.round(accuracy * counts).astype(int)
    gaps = np.abs(accuracy - mean)
    return {"counts": counts.tolist(), "accuracy": accuracy.tolist(), "mean": mean.tolist(),
            "interval": np.array(proportion_confint(rights, counts, method="wilson")).T.tolist(),
            "ece": float((gaps * counts).sum() / counts.sum()), "mce": float(gaps.max())}


def least_risk_at(curve, target):
    """The widest point of a curve of (threshold, answered, wrong) at an observed risk."""
    kept = [point for point in curve if Fraction(point[2], point[1]) <= Fraction(target)]
    return kept[-1] if kept else None


def promised(curve, target, level):
    total = curve[-1][1]
    candidates = []
    for step in range(1, 21):  # the first threshold that answers so many twentieths
        point = next(p for p in curve if p[1] * 20 >= step * total)
        if point not in candidates:
            candidates.append(point)
    chance = (1 - level) / len(candidates)
    bounds = [(point, 1.0 if point[1] == point[2]
               else float(beta.ppf(1 - chance, point[2] + 1, point[1] - point[2])))
              for point in candidates]
    kept = [(point, bound) for point, bound in bounds if bound <= target]
    return {"point": kept[-1][0], "bound": kept[-1][1]} if kept else None


def selective(confidence, right, held_back):
    """`held_back` questions without a confidence, all of them wrong, rank last."""
    ranked = sorted(zip(confidence.tolist(), right.tolist()), reverse=True)
    thresholds = sorted(set(confidence.tolist()), reverse=True)
    curve = [[t, sum(c >= t for c, _ in ranked), sum(c >= t and not r for c, r in ranked)]
             for t in thresholds]
    # Errors among the k surest: between two thresholds each answer is wrong by the same share.
    errors = []
    ends = [(0, 0)] + [(answered, wrong) for _, answered, wrong in curve]
    if held_back:
        ends.append((ends[-1][0] + held_back, ends[-1][1] + held_back))
    for (k0, e0), (k1, e1) in zip(ends, ends[1:]):
        errors += [e0 + Fraction((e1 - e0) * i, k1 - k0) for i in range(1, k1 - k0 + 1)]
    n, wrong = len(errors), ends[-1][1]
    area = sum(e / k for k, e in enumerate(errors, 1)) / n
    least = sum(Fraction(i, n - wrong + i) for i in range(1, wrong + 1)) / n
    return {"held_back": held_back, "curve": curve, "area": float(area),
            "excess_area": float(area - least),
            "targets": [{"target": t, "observed": least_risk_at(curve, t),
                         "promised": promised(curve, t, 0.95)} for t in (0.0, 0.1, 0.25, 0.5)]}


metrics = []
for confidence, right in samples:
    both = 0 < right.sum() < len(right)
    metrics.append({
        "confidence": confidence.tolist(), "right": right.tolist(),
        "width": [table(confidence, right, bins, "uniform") for bins in (15, 5)],
        "mass": [table(confidence, right, bins, "quantile") for bins in (15, 5)],
        "brier": float(brier_score_loss(right, confidence)),
        "nll": float(log_loss(right, confidence, labels=[False, True])),
        "auroc": float(roc_auc_score(right, confidence)) if both else None,
        "selective": [selective(confidence, right, held_back) for held_back in (0, 3)]})


def slope(inverse, scores, gold):
    """Of the negative log-likelihood, in the inverse temperature; impossible options left out."""
    total = 0
    for row, k in zip(scores, gold):
        weights = softmax(np.where(np.isinf(row), -np.inf, row * inverse))
        total += (weights[weights > 0] * row[weights > 0]).sum() - row[k]
    return total


temperatures = []
for size, spread, true, impossible in [(9, 1, 1, 0), (200, 2, 2.5, 0), (200, 1, 0.4, 0),
                                       (60, 3, 1.3, 12)]:
    scores = (random.standard_normal((size, 4)) * spread).round(3)
    chances = softmax(scores / true, axis=1)
    gold = np.array([random.choice(4, p=row) for row in chances])
    scores[np.arange(impossible), (gold[:impossible] + 1) % 4] = -np.inf
    inverse = brentq(slope, 1e-2, 1e2, args=(scores, gold), xtol=1e-15, rtol=1e-15)
    case = {"scores": [[None if math.isinf(x) else x for x in row] for row in scores.tolist()],
            "gold": gold.tolist(), "temperature": 1 / inverse, "sklearn": None, "figures": []}
    if not impossible:
        case["sklearn"] = float(1 / _TemperatureScaling().fit(scores, gold).beta_)
    for at in (1, 1 / inverse):
        chances = softmax(scores / at, axis=1)
        case["figures"].append({
            "temperature": at, "nll": float(log_loss(gold, chances, labels=[0, 1, 2, 3])),
            "brier": float(brier_score_loss(gold, chances, labels=[0, 1, 2, 3],
                                            scale_by_half=False))})
    temperatures.append(case)

platt = []
for confidence, right in [samples[3], samples[4], samples[5], samples[6],
                          (samples[3][0], samples[3][1] | True)]:
    x = logit(np.clip(confidence, 1e-6, 1 - 1e-6))
    one_class = right.all()
    targets = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    case = {"confidence": confidence.tolist(), "right": right.tolist()}
    for name, y in (("smoothed", targets), ("labels", right.astype(float))):
        if name == "labels" and one_class:
            case[name] = None
            continue
        fit = sm.GLM(y, sm.add_constant(x, has_constant="add"), family=sm.families.Binomial()).fit(
            tol=1e-15, maxiter=200)
        case[name] = {"slope": float(fit.params[1]), "intercept": float(fit.params[0])}
    a, b = _sigmoid_calibration(x, right.astype(float))
    case["sklearn_smoothed"] = {"slope": float(-a), "intercept": float(-b)}
    if not one_class:
        plain = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(x[:, None], right)
        case["sklearn_labels"] = {"slope": float(plain.coef_[0, 0]),
                                  "intercept": float(plain.intercept_[0])}
    platt.append(case)

OUT.write_text(json.dumps({
    "origin": f"tools/golden/eval_confidence.py, scipy {scipy.__version__}, statsmodels "
              f"{statsmodels.__version__}, scikit-learn {sklearn.__version__}",
    "metrics": metrics, "temperatures": temperatures, "platt": platt}) + "\n")
