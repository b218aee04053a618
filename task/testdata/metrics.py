"""Writes metrics.json: metrics of random and of degenerate predictions.

Made with scikit-learn 1.x and scipy 1.x (versions are in the file):
    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scikit-learn scipy
    /tmp/venv/bin/python metrics.py > metrics.json
"""

import json
import warnings

import numpy as np
import scipy
import sklearn
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, matthews_corrcoef

warnings.simplefilter("ignore")  # about classes that do not occur
rng = np.random.default_rng(7)


def single(classes, n, skill, labels=None, predicted=None):
    if labels is None:
        labels = rng.integers(0, classes, n)
    if predicted is None:
        predicted = np.where(rng.random(n) < skill, labels, rng.integers(0, classes, n))
    return {
        "classes": classes,
        "labels": np.asarray(labels).tolist(),
        "predicted": np.asarray(predicted).tolist(),
        "matrix": confusion_matrix(labels, predicted, labels=range(classes)).ravel().tolist(),
        "accuracy": accuracy_score(labels, predicted),
        "f1": [f1_score(labels, predicted, labels=[k], average="macro", zero_division=0) for k in range(classes)],
        "macro_f1": f1_score(labels, predicted, average="macro"),
        "matthews": matthews_corrcoef(labels, predicted),
    }


def multi(classes, n, labels, predicted):
    return {
        "classes": classes,
        "labels": labels.astype(int).tolist(),
        "predicted": predicted.astype(int).tolist(),
        "micro_f1": f1_score(labels, predicted, average="micro", zero_division=0),
        "macro_f1": f1_score(labels, predicted, average="macro", zero_division=0),
        "exact": accuracy_score(labels, predicted),
    }


def numbers(x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    return {"x": x.tolist(), "y": y.tolist(), "pearson": float(pearsonr(x, y)[0]), "spearman": float(spearmanr(x, y)[0])}


y = rng.normal(size=50)
print(json.dumps({
    "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__},
    "single": [
        single(2, 60, 0.5),
        single(2, 41, 0.9, labels=(rng.random(41) < 0.1).astype(int)),
        single(2, 5, 0, labels=[0, 1, 1, 0, 1], predicted=[1, 0, 0, 1, 0]),
        single(2, 6, 0, labels=[0, 1, 1, 0, 1, 1], predicted=[1, 1, 1, 1, 1, 1]),
        single(2, 6, 0, labels=[0, 1, 1, 0, 1, 1], predicted=[0, 0, 0, 0, 0, 0]),
        single(2, 3, 0, labels=[0, 0, 0], predicted=[0, 0, 0]),
        single(2, 3, 0, labels=[1, 1, 1], predicted=[1, 0, 1]),
        single(5, 80, 0.4),
        single(5, 7, 0, labels=[0, 1, 3, 3, 0, 1, 1], predicted=[0, 4, 3, 0, 0, 1, 1]),
        single(3, 1, 0, labels=[2], predicted=[1]),
    ],
    "multi": [
        multi(4, 30, rng.random((30, 4)) < 0.4, rng.random((30, 4)) < 0.5),
        multi(3, 5, np.zeros((5, 3), bool), np.zeros((5, 3), bool)),
        multi(3, 4, np.eye(4, 3) > 0, np.eye(4, 3) > 0),
        multi(6, 20, rng.random((20, 6)) < 0.1, rng.random((20, 6)) < 0.1),
    ],
    "numbers": [
        numbers(y + rng.normal(size=50), y),
        numbers(np.round(y, 1), np.round(2 * y + rng.normal(size=50))),
        numbers([1e8 + 1, 1e8 + 2, 1e8 + 4, 1e8 + 3], [1, 2, 3, 4]),
        numbers([1e-200, 3e-200, 2e-200], [5, 1, 1]),
        numbers([1, 2], [7, 3]),
        numbers([5, 5, 5, 1], [0, 1, 2, 3]),
    ],
}, indent=None))
