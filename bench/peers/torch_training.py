"""A whole training in PyTorch, of what test/long/parity.ts exported: the same weights, the same images in the same batches.

python torch_training.py FOLDER default|channels_last THREADS; prints {"losses": [...], "testError": ... or null}, and a line
"step N" to standard error after each.
"""

import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

EPSILON = 1e-3  # of batch norm
LENGTH_EPSILON = 1e-6  # of unit norms and distances
FOLDER, FORMAT, THREADS = sys.argv[1:4]

with open(os.path.join(FOLDER, "training.json")) as stream:
    PLAN = json.load(stream)
MEMORY_FORMAT = torch.channels_last if FORMAT == "channels_last" else torch.contiguous_format
torch.set_num_threads(int(THREADS))


def read(name):
    place = PLAN["tensors"][name]
    values = np.fromfile(os.path.join(FOLDER, "training.bin"), place["dtype"], int(np.prod(place["shape"])), offset=place["offset"])
    return torch.from_numpy(values.reshape(place["shape"]))


def images(name):
    """[n, height, width, 3], normalised."""
    return read(name).permute(0, 3, 1, 2).contiguous(memory_format=MEMORY_FORMAT)


def parameter(name):
    value = read(name)
    value = value.permute(3, 2, 0, 1).contiguous(memory_format=MEMORY_FORMAT) if value.dim() == 4 else value
    return value.requires_grad_()


parameters = {name: parameter(name) for name in PLAN["tensors"] if "/" in name}
convolutions = [name[: -len("/kernel")] for name in parameters if "conv" in name and name.endswith("/kernel")]
means = {name: torch.zeros(len(parameters[f"{name}/bias"])) for name in convolutions}
variances = {name: torch.ones(len(parameters[f"{name}/bias"])) for name in convolutions}


def forward(x, training):
    pools = []
    for i, name in enumerate(convolutions):
        x = F.conv2d(x, parameters[f"{name}/kernel"], padding=1)
        scale, bias = parameters[f"{name}/scale"], parameters[f"{name}/bias"]
        # PyTorch's momentum is the share of the new value.
        x = F.relu(F.batch_norm(x, means[name], variances[name], scale, bias, training, 0.1, EPSILON))
        if i % 2 == 1:
            x = F.max_pool2d(x, 2) if i < len(convolutions) - 1 else x
            pools.append(x.mean((2, 3)))
    return pools[-1] @ parameters["dense/kernel"] + parameters["dense/bias"], pools


def separability(features, labels):
    """src/losses/mixtureSeparability.ts by its formula, with margin 1."""
    z = features / torch.sqrt((features * features).sum(1, keepdim=True) + LENGTH_EPSILON)
    same = (labels[:, None] == labels[None]).float()
    pairs = same.sum() - len(labels)
    squared = ((z[:, None] - z[None]) ** 2).sum(2)
    within = (same * squared).sum() / pairs.clamp(min=1)
    hinge = F.relu(1 - torch.sqrt(squared + LENGTH_EPSILON)) ** 2
    return within + ((1 - same) * hinge).sum() / (1 - same).sum().clamp(min=1)


def train():
    x, y = images("images"), read("labels").long()
    decayed = [value for name, value in parameters.items() if name.endswith("/kernel")]
    others = [value for name, value in parameters.items() if not name.endswith("/kernel")]
    groups = [{"params": decayed, "weight_decay": PLAN["weightDecay"]}, {"params": others, "weight_decay": 0}]
    optimizer = torch.optim.SGD(groups, lr=1, momentum=PLAN["momentum"])
    losses = []
    for indices, rate in zip(PLAN["batches"], PLAN["learningRates"]):
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch, labels = x[indices].contiguous(memory_format=MEMORY_FORMAT), y[indices]
        logits, pools = forward(batch, True)
        loss = F.cross_entropy(logits, labels)
        for pool in pools:
            loss = loss + PLAN["separability"] * separability(pool, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        print(f"step {len(losses)}", file=sys.stderr, flush=True)
    return losses


def test_error():
    if "testImages" not in PLAN["tensors"]:
        return None
    x, y = images("testImages"), read("testLabels").long()
    with torch.no_grad():
        wrong = sum((forward(x[i : i + 500], False)[0].argmax(1) != y[i : i + 500]).sum().item() for i in range(0, len(y), 500))
    return wrong / len(y)


print(json.dumps({"version": torch.__version__, "losses": train(), "testError": test_error()}))
