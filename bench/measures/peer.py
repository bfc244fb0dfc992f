"""Measures the features that compare.mjs wrote, with scikit-learn, SciPy and NumPy, in float64.

    python peer.py FOLDER < nothing > JSON: {name: {"value": ..., "seconds": ...}}

Where a library has a measure it is asked; else NumPy computes the formula.
"""

import itertools
import json
import pathlib
import sys
import time

import numpy as np
import scipy
import scipy.spatial.distance
import sklearn
import sklearn.cluster
import sklearn.linear_model
import sklearn.metrics
import sklearn.neighbors
import sklearn.pipeline
import sklearn.preprocessing

folder = pathlib.Path(sys.argv[1])
meta = json.loads((folder / "meta.json").read_text())


def rows(name):
    return np.fromfile(folder / f"{name}.f32", np.float32).reshape(-1, meta["dims"][name]).astype(np.float64)


x, other, train, kernel, logits = (rows(name) for name in ("features", "other", "train", "kernel", "logits"))
y, train_y, partition = (np.array(meta[name]) for name in ("labels", "trainLabels", "partition"))
z, train_z = sklearn.preprocessing.normalize(x), sklearn.preprocessing.normalize(train)
single = z.astype(np.float32)
classes = len(meta["classes"])
some = slice(0, 2000)


def means_of(values):
    return np.array([values[y == c].mean(axis=0) for c in range(classes)])


def by_dimension():
    means, counts = means_of(z), np.bincount(y)
    between = counts @ (means - z.mean(axis=0)) ** 2
    return (between / ((z - means[y]) ** 2).sum(axis=0)).tolist()


def neighbours():
    found = sklearn.neighbors.NearestNeighbors(n_neighbors=5, algorithm="brute").fit(train_z).kneighbors(z, return_distance=False)
    votes = train_y[found]
    counts = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
    # The first of the most frequent is the nearest of them.
    return float(np.mean(votes[np.arange(len(z)), counts.argmax(axis=1)] == y))


def pairs():
    distances = scipy.spatial.distance.pdist(z[some])
    same = scipy.spatial.distance.pdist(y[some, None], "chebyshev") == 0
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95]
    auc = sklearn.metrics.roc_auc_score(~same, distances)
    return [auc, *np.quantile(distances[same], quantiles), *np.quantile(distances[~same], quantiles)]


def cka():
    a, b = x - x.mean(axis=0), other - other.mean(axis=0)
    return float(np.sum((a.T @ b) ** 2) / np.sqrt(np.sum((a.T @ a) ** 2) * np.sum((b.T @ b) ** 2)))


def effective_rank():
    s = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    p = s[s > 0] / s.sum()
    return float(np.exp(-np.sum(p * np.log(p))))


def collapse():
    means = means_of(x)
    m = means - means.mean(axis=0)
    rest = x - means[y]
    within, between = rest.T @ rest / len(x), m.T @ m / classes
    lengths = np.linalg.norm(m, axis=1)
    cosines = np.array([m[a] @ m[b] / lengths[a] / lengths[b] for a, b in itertools.combinations(range(classes), 2)])
    nearest = scipy.spatial.distance.cdist(x, means).argmin(axis=1)
    return [
        np.trace(within @ np.linalg.pinv(between, rcond=1e-10)) / classes,
        np.trace(within) / np.trace(between),
        lengths.std() / lengths.mean(),
        cosines.std(),
        np.abs(cosines + 1 / (classes - 1)).mean(),
        np.linalg.norm(kernel / np.linalg.norm(kernel) - m.T / np.linalg.norm(m)),
        np.mean(nearest == logits.argmax(axis=1)),
    ]


def cdnv():
    means = means_of(x)
    squares = ((x - means[y]) ** 2).sum(axis=1)
    variances = [squares[y == c].mean() for c in range(classes)]
    return np.mean(
        [
            (variances[a] + variances[b]) / (2 * np.sum((means[a] - means[b]) ** 2))
            for a, b in itertools.combinations(range(classes), 2)
        ]
    )


def probe():
    model = sklearn.pipeline.make_pipeline(
        sklearn.preprocessing.StandardScaler(), sklearn.linear_model.LogisticRegression(max_iter=1000)
    )
    return model.fit(train, train_y).score(x, y)


MEASURES = {
    "silhouette": lambda: sklearn.metrics.silhouette_score(z, y),
    "silhouette, peer in float32": lambda: sklearn.metrics.silhouette_score(single, y),
    "silhouette, cosine": lambda: sklearn.metrics.silhouette_score(z, y, metric="cosine"),
    "between/within ratio by dimension": by_dimension,
    "Davies-Bouldin": lambda: sklearn.metrics.davies_bouldin_score(z, y),
    "Calinski-Harabasz": lambda: sklearn.metrics.calinski_harabasz_score(z, y),
    "5-NN accuracy": neighbours,
    "nearest-centroid accuracy": lambda: sklearn.neighbors.NearestCentroid().fit(train_z, train_y).score(z, y),
    "linear-probe accuracy": probe,
    "k-means inertia": lambda: sklearn.cluster.KMeans(classes, n_init=4, random_state=0).fit(z).inertia_,
    "NMI": lambda: sklearn.metrics.normalized_mutual_info_score(y, partition),
    "ARI": lambda: sklearn.metrics.adjusted_rand_score(y, partition),
    "pair distances": pairs,
    "linear CKA": cka,
    "effective rank": effective_rank,
    "NC1 to NC4": collapse,
    "CDNV": cdnv,
}

results = {}
for name, measure in MEASURES.items():
    # The first call is slower: it takes its memory from the system. Ours has had its first in an earlier round.
    measure()
    started = time.process_time()
    value = measure()
    results[name] = {"value": np.asarray(value, float).reshape(-1).tolist(), "seconds": time.process_time() - started}
versions = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__}
print(json.dumps({"results": results, "versions": versions}))
