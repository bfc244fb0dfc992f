"""What the peers have in common: the workload, and a process that is told what to do line by line.

The same as src/bench/worker.ts: {"command": "load", ...} once, then {"command": "round", ...} any number of times; each line
is answered by one line.
"""

import json
import os
import resource
import sys
import time

import numpy as np

EPSILON = 1e-3
CLASSES = 10


class Workload:
    """Images, labels and initial weights, read from a folder that src/bench/workload.ts wrote."""

    def __init__(self, folder):
        with open(os.path.join(folder, "workload.json")) as stream:
            index = json.load(stream)
        self.batch_size, self.batches, self.taps = index["batchSize"], index["batches"], index["taps"]
        self.learning_rate, self.momentum = index["learningRate"], index["momentum"]
        self.pair_weight = index["pairWeight"]
        file = os.path.join(folder, "workload.bin")
        self.tensors = {
            name: np.fromfile(file, place["dtype"], int(np.prod(place["shape"])), offset=place["offset"]).reshape(
                place["shape"]
            )
            for name, place in index["tensors"].items()
        }
        self.images, self.labels = self.tensors.pop("images"), self.tensors.pop("labels")
        self.convolutions = [name[: -len("/kernel")] for name in self.tensors if name.endswith("/kernel") and "conv" in name]

    def batch(self, k):
        part = slice(k * self.batch_size, (k + 1) * self.batch_size)
        return self.images[part], self.labels[part]

    def pairs(self, labels):
        """Which pairs are of one class and which of two, and how many; made ahead: no part of the step's time."""
        same = (labels[:, None] == labels[None]).astype("f4")
        alike, different = same - np.eye(len(labels), dtype="f4"), 1 - same
        return alike, different, np.float32(alike.sum()), np.float32(different.sum())


def serve(make):
    """`make(workload, options)` gives (trainee, version); a trainee has reset(), train(k) and infer(k)."""
    trainee = None
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["command"] == "load":
                trainee, version = make(Workload(request["folder"]), request)
                started = time.perf_counter()
                trainee.train(0)
                first = time.perf_counter() - started
                trainee.infer(0)
                answer = {"version": version, "firstStep": first}
            else:
                answer = run(trainee, request)
        except Exception as error:  # reported to the benchmark, which names the variant
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def run(trainee, request):
    trainee.reset()
    losses = []
    train = timed(request["steps"], lambda k: losses.append(trainee.train(k)))
    classes = []
    infer = timed(request["inferences"], lambda k: classes.append(len(trainee.infer(k))))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    memory = {"now": resident() or peak, "peak": peak}
    return {"losses": losses, "train": train, "infer": infer, "classes": classes[-1] if classes else 0, "memory": memory}


def timed(times, body):
    seconds = []
    for k in range(times):
        started = time.perf_counter()
        body(k)
        seconds.append(time.perf_counter() - started)
    return seconds


def resident():
    try:
        with open("/proc/self/statm") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None
