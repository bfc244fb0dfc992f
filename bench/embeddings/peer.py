"""Embeds the same features with scikit-learn, openTSNE and umap-learn, and measures their embeddings and ours alike.

    python peer.py FOLDER NAME DIM      FOLDER holds NAME.f32, NAME.u8 and NAME-METHOD.f64; prints JSON
"""

import json
import pathlib
import resource
import sys
import time
import warnings

import numpy as np
import openTSNE
import sklearn
import umap
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

warnings.filterwarnings("ignore")
K = 12
folder, name, dim = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
features = np.fromfile(folder / f"{name}.f32", np.float32).reshape(-1, dim).astype(np.float64)
labels = np.fromfile(folder / f"{name}.u8", np.uint8)


def votes(rows):
    """Of classes with equally many votes the one with the nearest neighbour wins, as in ours."""
    near = labels[NearestNeighbors(n_neighbors=K).fit(rows).kneighbors(return_distance=False)]
    return float(np.mean([max(row, key=lambda c: (row == c).sum()) == own for row, own in zip(near, labels)]))


def quality(points):
    return {
        "trustworthiness": float(trustworthiness(features, points, n_neighbors=K)),
        "neighbourAccuracy": votes(points),
    }


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(embed):
    started, used = time.perf_counter(), cpu()
    points = np.asarray(embed())
    return {"seconds": time.perf_counter() - started, "cpu": cpu() - used, **quality(points)}, points


def ours(method):
    return np.fromfile(folder / f"{name}-{method}.f64").reshape(-1, 2)


def difference(method, points):
    """The largest, relative to the largest coordinate, but for the signs of the axes."""
    mine = ours(method)
    signs = np.sign((mine * points).sum(axis=0))
    return float(np.abs(mine - points * signs).max() / np.abs(points).max())


def tsne(jobs, seed=0):
    return lambda: openTSNE.TSNE(perplexity=30, n_jobs=jobs, random_state=seed).fit(features)


def lda():
    model = LinearDiscriminantAnalysis(solver="svd", n_components=2).fit(features, labels)
    return model.transform(features)


umap.UMAP(random_state=0).fit_transform(features[:500])  # compiles
openTSNE.TSNE(n_jobs=1, n_iter=1, early_exaggeration_iter=1).fit(features[:200])
result = {"n": len(features), "dim": dim, "featureAccuracy": votes(features), "peers": {}, "ours": {}, "differences": {}}
for method, embed in [("pca", lambda: PCA(2, svd_solver="full").fit_transform(features)), ("lda", lda)]:
    result["peers"][method], points = measured(embed)
    result["differences"][method] = difference(method, points)
result["peers"]["openTSNE, 1 job"], _ = measured(tsne(1))
result["peers"]["openTSNE, 2 jobs"], _ = measured(tsne(2))
result["peers"]["umap-learn"], _ = measured(lambda: umap.UMAP(random_state=0).fit_transform(features))
for method in ["tsne", "umap"]:
    result["ours"][method] = quality(ours(method))
result["versions"] = {
    "numpy": np.__version__,
    "scikit-learn": sklearn.__version__,
    "openTSNE": openTSNE.__version__,
    "umap-learn": umap.__version__,
}
print(json.dumps(result))
