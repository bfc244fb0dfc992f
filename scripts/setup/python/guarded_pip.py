"""Runs pip, and ends when the process that started it is gone, so that a killed set-up leaves no download behind."""

import os
import runpy
import sys
import threading
import time


def end_with_parent(parent):
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
del sys.path[0]  # this folder
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__", alter_sys=True)
