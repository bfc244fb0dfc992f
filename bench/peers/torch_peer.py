"""The workload in PyTorch; see peer.py."""

import torch
import torch.nn.functional as F

from peer import EPSILON, serve


class Trainee:
    def __init__(self, workload, variant):
        self.workload = workload
        self.bfloat16 = variant["precision"] == "bfloat16"
        self.format = torch.channels_last if variant["channelsLast"] else torch.contiguous_format
        self.parameters = {name: self.initial(name).requires_grad_() for name in workload.tensors}
        channels = [len(workload.tensors[f"{name}/bias"]) for name in workload.convolutions]
        self.means = [torch.zeros(n) for n in channels]
        self.variances = [torch.ones(n) for n in channels]
        self.batches = []
        for k in range(workload.batches):
            images, labels = workload.batch(k)
            x = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=self.format)
            y = torch.from_numpy(labels).long()
            self.batches.append((x, y, *(torch.as_tensor(value) for value in workload.pairs(labels))))
        self.loss, self.forward = self.plain_loss, self.plain_forward
        if variant["compile"]:
            self.loss, self.forward = torch.compile(self.plain_loss), torch.compile(self.plain_forward)
        self.new_optimizer()

    def initial(self, name):
        value = torch.from_numpy(self.workload.tensors[name].copy())
        return value.permute(3, 2, 0, 1).contiguous(memory_format=self.format) if value.dim() == 4 else value

    def new_optimizer(self):
        self.optimizer = torch.optim.SGD(
            self.parameters.values(), lr=self.workload.learning_rate, momentum=self.workload.momentum
        )

    def reset(self):
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(self.initial(name))
            for mean, variance in zip(self.means, self.variances):
                mean.zero_()
                variance.fill_(1)
        self.new_optimizer()

    def plain_forward(self, x, training):
        pools = []
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            for i, name in enumerate(self.workload.convolutions):
                x = F.conv2d(x, self.parameters[f"{name}/kernel"], padding=1)
                scale, bias = self.parameters[f"{name}/scale"], self.parameters[f"{name}/bias"]
                x = F.relu(F.batch_norm(x, self.means[i], self.variances[i], scale, bias, training, 0.1, EPSILON))
                if i % 2 == 1:
                    last = i == len(self.workload.convolutions) - 1
                    x = x if last else F.max_pool2d(x, 2)
                    if training or last:
                        pools.append(x.mean((2, 3)))
            logits = pools[-1] @ self.parameters["dense/kernel"] + self.parameters["dense/bias"]
        return logits.float(), pools

    def plain_loss(self, x, y, alike, different, alike_count, different_count):
        logits, pools = self.plain_forward(x, True)
        loss = F.cross_entropy(logits, y)
        for pool in pools[: self.workload.taps]:
            p = pool.float()
            squares = (p * p).sum(1)
            squared = F.relu(squares[:, None] + squares[None] - 2 * (p @ p.t()))
            within = (alike * squared).sum() / alike_count
            loss = loss + self.workload.pair_weight * (within + (different * torch.exp(-squared)).sum() / different_count)
        return loss

    def train(self, k):
        loss = self.loss(*self.batches[k % len(self.batches)])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def infer(self, k):
        with torch.no_grad():
            return self.forward(self.batches[k % len(self.batches)][0], False)[0].argmax(1).numpy()


def make(workload, request):
    torch.set_num_threads(request["threads"])
    return Trainee(workload, request["variant"]), f"PyTorch {torch.__version__}"


if __name__ == "__main__":
    serve(make)
