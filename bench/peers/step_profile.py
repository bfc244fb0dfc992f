"""Where a training step's time goes, operation by operation.

python step_profile.py FOLDER graph|tf-function|torch-channels-last THREADS STEPS

FOLDER holds the workload (src/bench/workload.ts) and, for `graph`, this project's training step as a SavedModel with what it
is fed (src/bench/profile.ts); TensorFlow's tracer looks at both graphs in a session, PyTorch's profiler at the peer. Prints
{"version", "operations": {name: {"milliseconds", "count"}}}, each of one step: TensorFlow's median step, PyTorch's mean.
"""

import json
import os
import sys
from collections import defaultdict

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402

from peer import CLASSES, Workload  # noqa: E402

FOLDER, WHICH, THREADS, STEPS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
WARM_UP = 5
VARIANT = {"precision": "float32", "function": False, "channelsLast": True, "compile": False}


def fed():
    """What the graph's inputs are fed, in order."""
    with open(os.path.join(FOLDER, "feeds.json")) as stream:
        kinds = json.load(stream)
    file, offset = os.path.join(FOLDER, "feeds.bin"), 0
    for kind in kinds:
        count = int(np.prod(kind["shape"]))
        yield np.fromfile(file, kind["dtype"], count, offset=offset).reshape(kind["shape"])
        offset += 4 * count


def tensorflow_graph(tf1, session):
    """This project's step: what to run, and what to feed."""
    model = tf1.saved_model.load(session, ["serve"], FOLDER)
    ends = model.signature_def["serving_default"]
    feeds = {ends.inputs[f"input{i}"].name: value for i, value in enumerate(fed())}
    return [end.name for end in ends.outputs.values()], feeds


def tensorflow_peer(tf1, session):
    """The peer's step, built in a graph as tf.function would."""
    import tensorflow_peer as peer

    workload = Workload(FOLDER)
    images, labels = workload.batch(0)
    values = (images, np.eye(CLASSES, dtype="f4")[labels], *workload.pairs(labels))
    workload.batches = 0
    trainee = peer.Trainee(workload, VARIANT)
    inputs = [tf1.placeholder("float32", np.shape(value)) for value in values]
    before = set(session.graph.get_operations())
    loss = trainee.plain_step(*inputs)
    updates = [
        operation
        for operation in session.graph.get_operations()
        if operation not in before and operation.type in ("ResourceApplyMomentum", "AssignVariableOp")
    ]
    session.run(tf1.global_variables_initializer())
    return [loss, *updates], dict(zip(inputs, values))


def profile_tensorflow(make):
    import tensorflow as tf

    tf1 = tf.compat.v1
    tf1.disable_eager_execution()
    tf1.enable_resource_variables()
    config = tf1.ConfigProto(intra_op_parallelism_threads=THREADS, inter_op_parallelism_threads=THREADS)
    times = defaultdict(lambda: np.zeros(STEPS))
    counts = defaultdict(int)
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph, config=config) as session:
        fetches, feeds = make(tf1, session)
        for _ in range(WARM_UP):
            session.run(fetches, feeds)
        options = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
        for step in range(STEPS):
            metadata = tf1.RunMetadata()
            session.run(fetches, feeds, options=options, run_metadata=metadata)
            for device in metadata.step_stats.dev_stats:
                for node in device.node_stats:
                    _, separator, call = node.timeline_label.partition(" = ")
                    if separator:
                        name = call.partition("(")[0]
                        times[name][step] += node.all_end_rel_micros / 1000
                        counts[name] += 1
    return f"TensorFlow {tf.__version__}", {name: (np.median(times[name]), counts[name] / STEPS) for name in times}


def profile_torch():
    import torch
    import torch_peer as peer

    torch.set_num_threads(THREADS)
    trainee = peer.Trainee(Workload(FOLDER), VARIANT)
    for k in range(WARM_UP):
        trainee.train(k)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        for k in range(STEPS):
            trainee.train(k)
    averages = profile.key_averages()
    return f"PyTorch {torch.__version__}", {
        event.key: (event.self_cpu_time_total / 1000 / STEPS, event.count / STEPS) for event in averages
    }


answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print must not get in between
if WHICH == "torch-channels-last":
    version, totals = profile_torch()
else:
    version, totals = profile_tensorflow(tensorflow_graph if WHICH == "graph" else tensorflow_peer)
operations = {name: {"milliseconds": time, "count": count} for name, (time, count) in totals.items()}
answers.write(json.dumps({"version": version, "operations": operations}))
