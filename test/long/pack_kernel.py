"""Runs one cell on the kernel `tslab`, in the folder given first, and prints its value. The cell comes on stdin."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "kernel"))

from kernel_client import Kernel  # noqa: E402

kernel = Kernel("tslab", sys.argv[1])
try:
    cell = kernel.run(sys.stdin.read(), timeout=120)
    print(cell.result if cell.status == "ok" else cell)
finally:
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)
