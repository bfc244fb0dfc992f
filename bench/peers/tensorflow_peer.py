"""The workload in Python's TensorFlow; see peer.py."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf  # noqa: E402

from peer import CLASSES, EPSILON, serve  # noqa: E402


class Trainee:
    def __init__(self, workload, variant):
        self.workload = workload
        self.type = tf.bfloat16 if variant["precision"] == "bfloat16" else tf.float32
        self.parameters = {name: tf.Variable(value) for name, value in workload.tensors.items()}
        self.velocities = {name: tf.Variable(tf.zeros_like(value)) for name, value in self.parameters.items()}
        shapes = [workload.tensors[f"{name}/bias"].shape for name in workload.convolutions]
        self.means = [tf.Variable(tf.zeros(shape), trainable=False) for shape in shapes]
        self.variances = [tf.Variable(tf.ones(shape), trainable=False) for shape in shapes]
        self.batches = []
        for k in range(workload.batches):
            images, labels = workload.batch(k)
            values = (images, tf.one_hot(labels, CLASSES), *workload.pairs(labels))
            self.batches.append([tf.constant(value) for value in values])
        self.step, self.predict = self.plain_step, self.plain_predict
        if variant["function"]:
            self.step, self.predict = tf.function(self.plain_step), tf.function(self.plain_predict)

    def reset(self):
        for name, value in self.workload.tensors.items():
            self.parameters[name].assign(value)
            self.velocities[name].assign(tf.zeros_like(value))
        for mean, variance in zip(self.means, self.variances):
            mean.assign(tf.zeros_like(mean))
            variance.assign(tf.ones_like(variance))

    def forward(self, x, training):
        pools, moments = [], []
        for i, name in enumerate(self.workload.convolutions):
            kernel = tf.cast(self.parameters[f"{name}/kernel"], self.type)
            x = tf.nn.conv2d(tf.cast(x, self.type), kernel, 1, "SAME")
            x, mean, variance = tf.compat.v1.nn.fused_batch_norm(
                x,
                self.parameters[f"{name}/scale"],
                self.parameters[f"{name}/bias"],
                mean=None if training else self.means[i],
                variance=None if training else self.variances[i],
                epsilon=EPSILON,
                is_training=training,
            )
            moments.append((mean, variance))
            x = tf.nn.relu(x)
            if i % 2 == 1:
                last = i == len(self.workload.convolutions) - 1
                x = x if last else tf.nn.max_pool2d(x, 2, 2, "SAME")
                if training or last:
                    pools.append(tf.reduce_mean(tf.cast(x, tf.float32), [1, 2]))
        logits = tf.matmul(pools[-1], self.parameters["dense/kernel"]) + self.parameters["dense/bias"]
        return logits, pools, moments

    def plain_step(self, x, one_hot, alike, different, alike_count, different_count):
        with tf.GradientTape() as tape:
            logits, pools, moments = self.forward(x, True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(one_hot, logits))
            for p in pools[: self.workload.taps]:
                squares = tf.reduce_sum(p * p, 1)
                squared = tf.nn.relu(squares[:, None] + squares[None] - 2 * tf.matmul(p, p, transpose_b=True))
                within = tf.reduce_sum(alike * squared) / alike_count
                between = tf.reduce_sum(different * tf.exp(-squared)) / different_count
                loss += self.workload.pair_weight * (within + between)
        gradients = tape.gradient(loss, self.parameters)
        for name, parameter in self.parameters.items():
            tf.raw_ops.ResourceApplyMomentum(
                var=parameter.handle,
                accum=self.velocities[name].handle,
                lr=self.workload.learning_rate,
                grad=gradients[name],
                momentum=self.workload.momentum,
            )
        for (mean, variance), old_mean, old_variance in zip(moments, self.means, self.variances):
            old_mean.assign(0.9 * old_mean + 0.1 * mean)
            old_variance.assign(0.9 * old_variance + 0.1 * variance)
        return loss

    def plain_predict(self, x):
        return tf.argmax(self.forward(x, False)[0], 1)

    def train(self, k):
        return float(self.step(*self.batches[k % len(self.batches)]))

    def infer(self, k):
        return self.predict(self.batches[k % len(self.batches)][0]).numpy()


def make(workload, request):
    tf.config.threading.set_intra_op_parallelism_threads(request["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(request["threads"])
    return Trainee(workload, request["variant"]), f"TensorFlow {tf.__version__}"


if __name__ == "__main__":
    serve(make)
