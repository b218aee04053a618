"""Writes golden.json: what scikit-learn makes of the same texts.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scikit-learn
    /tmp/venv/bin/python golden.py [GLUE FOLDER] > golden.json

The first cases are texts of random words, stored with the results. With the
folder of GLUE there is CoLA too, of which only the results are stored.
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

rng = np.random.default_rng(3)
VOCABULARY = ["Straße", "naïve", "don't", "x2", "Привет", "e-mail", "ÉCOLE", "co_op"] + [f"w{i}" for i in range(60)]
MARKS = [" ", " ", " ", ", ", ". ", "  ", "\t"]


def document(label, classes):
    out = []
    for _ in range(rng.integers(3, 25)):
        k = int(len(VOCABULARY) * rng.random() ** 2)
        if rng.random() < 0.15:
            k = 8 + int(label) * 7 + rng.integers(0, 7)
        out.append(VOCABULARY[k] + MARKS[rng.integers(0, len(MARKS))])
    return "".join(out)


def features(train, test):
    v = TfidfVectorizer(token_pattern=r"[^\W_]+", ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return v.fit_transform(train), v.transform(test)


def cross_entropy(p, y):
    return float(-np.log(p[np.arange(len(y)), y]).mean())


def logistic(x, y, test, c):
    """Objective (mean loss + |W|^2 / 2Cn) and probabilities of the minimum."""
    m = LogisticRegression(C=c, tol=1e-9, max_iter=100000).fit(x, y)
    objective = cross_entropy(m.predict_proba(x), y) + (m.coef_**2).sum() / (2 * c * len(y))
    return objective, m.predict_proba(test)


def case(kind, classes, n, c):
    labels = rng.integers(0, classes, n + 5)
    texts = [document(y, classes) for y in labels]
    if kind == "multi":
        sets = (rng.random((n + 5, classes)) < 0.3) | np.eye(classes, dtype=bool)[labels]
        lists = [np.flatnonzero(s).tolist() for s in sets]
    elif kind == "number":
        values = np.round(3 + 5 * labels + rng.normal(size=n + 5), 3)
        lists = [[v] for v in values.tolist()]
    else:
        lists = [[y] for y in labels.tolist()]
    x, test = features(texts[:n], texts[n:])
    if kind == "multi":
        fits = [logistic(x, sets[:n, k].astype(int), test, c) for k in range(classes)]
        objective, p = sum(f[0] for f in fits), np.stack([f[1][:, 1] for f in fits], 1)
    elif kind == "number":
        mean, size = values[:n].mean(), values[:n].std()
        y = (values[:n] - mean) / size
        x, test = x.toarray(), test.toarray()
        m = Ridge(alpha=1 / c, solver="cholesky").fit(x, y)
        objective = ((m.predict(x) - y) ** 2).mean() / 2 + (m.coef_**2).sum() / (2 * c * n)
        p = (mean + size * m.predict(test))[:, None]
    else:
        objective, p = logistic(x, labels[:n], test, c)
    return {
        "kind": kind, "classes": classes, "c": c, "texts": texts, "labels": lists, "features": x.shape[1],
        "objective": float(objective), "predictions": p.tolist(),
    }


def cola(folder, c):
    def read(split):
        rows = [line.rstrip("\n").split("\t") for line in open(f"{folder}/CoLA/{split}.tsv", encoding="utf-8", newline="\n")]
        return [r[3].strip() for r in rows], np.array([int(r[1]) for r in rows])

    (texts, y), (dev, dev_y) = read("train"), read("dev")
    x, test = features(texts, dev)
    objective, p = logistic(x, y, test, c)
    return {"c": c, "features": x.shape[1], "objective": float(objective), "dev_loss": cross_entropy(p, dev_y)}


golden = {
    "scikit-learn": sklearn.__version__,
    "cases": [case("single", 2, 120, 1.0), case("single", 3, 150, 10.0), case("multi", 3, 100, 1.0), case("number", 4, 120, 1.0), case("single", 2, 60, 100.0)],
}
if len(sys.argv) > 1:
    golden["cola"] = cola(sys.argv[1], 1.0)
json.dump(golden, sys.stdout, ensure_ascii=False)
