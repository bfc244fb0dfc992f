"""torchvision's CIFAR10 as one writes it: prints seconds to open the set and to make an epoch of augmented batches.

    python torchvision_peer.py FOLDER_OF_THE_BINARY_FILES WORKERS

The pixels are those of the binary files; torchvision reads the "python version", which is written from them first.
"""
import json
import pickle
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torchvision import datasets, transforms

source, workers = Path(sys.argv[1]), int(sys.argv[2])
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


class Cifar10(datasets.CIFAR10):
    """The published files have other checksums than those written here of the same pixels."""

    meta = {**datasets.CIFAR10.meta, "md5": None}

    def _check_integrity(self):
        return True


def write_python_version(root):
    folder = root / datasets.CIFAR10.base_folder
    folder.mkdir()
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    for name in names:
        records = np.fromfile(source / f"{name}.bin", np.uint8).reshape(-1, 3073)
        entry = {"data": records[:, 1:].copy(), "labels": records[:, 0].tolist()}
        (folder / name).write_bytes(pickle.dumps(entry, protocol=2))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": [str(i) for i in range(10)]}))


def main():
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        write_python_version(root)
        augment = transforms.Compose([
            transforms.RandomCrop(32, padding=4),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ])

        def opened():
            train = Cifar10(root, train=True, transform=augment)
            Cifar10(root, train=False, transform=augment)
            return train

        opened()  # so that the files are in the system's memory
        began = time.perf_counter()
        train = opened()
        opening = time.perf_counter() - began
        loader = torch.utils.data.DataLoader(train, batch_size=128, shuffle=True, drop_last=True, num_workers=workers)
        began = time.perf_counter()
        images = sum(len(labels) for _, labels in loader)
        print(json.dumps({"opening": opening, "epoch": time.perf_counter() - began, "images": images}))


if __name__ == "__main__":
    main()
