"""A project of its own for a kernel under test, since checks write modules: src/, notebooks/, tsconfig, packages."""

import json
import os
import shutil

PACKAGES = ("zod", "pure-rand", "cli-progress", "pngjs", "@tensorflow/tfjs", "@types/node")
MANIFEST = {
    "name": "scratch",
    "type": "module",
    "imports": {"#src/*": "./src/*"},
    "exports": {"./*": "./src/*.ts"},
    # Deno takes npm packages by these names only.
    "dependencies": dict.fromkeys(PACKAGES, "*"),
}


def create_project(folder, root):
    """Fills `folder`; packages and compiler settings are those of the project in `root`."""
    for name in ("src", "notebooks", "home"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    link_packages(os.path.join(root, "node_modules"), os.path.join(folder, "node_modules"))
    shutil.copy(os.path.join(root, "tsconfig.json"), folder)
    with open(os.path.join(folder, "package.json"), "w") as file:
        json.dump(MANIFEST, file)
    with open(os.path.join(folder, "deno.json"), "w") as file:
        json.dump({"nodeModulesDir": "manual", "unstable": ["sloppy-imports"]}, file)


def link_packages(source, target):
    """Links the packages one by one, but for tslab: it would start the project's copy instead of itself."""
    os.makedirs(target)
    for name in os.listdir(source):
        if name not in ("tslab", "@tslab") and not name.startswith("."):
            os.symlink(os.path.join(source, name), os.path.join(target, name))


def environment(folder):
    """The user's folders, which the checks must not touch, moved into the project."""
    home = os.path.join(folder, "home")
    return {
        "HOME": home,
        "XDG_DATA_HOME": os.path.join(home, "data"),
        "XDG_STATE_HOME": os.path.join(home, "state"),
        "XDG_CACHE_HOME": os.path.join(home, "cache"),
        "XDG_CONFIG_HOME": os.path.join(home, "config"),
        "IPYTHONDIR": os.path.join(home, "ipython"),
        "DENO_DIR": os.path.join(home, "deno"),
        "DENO_NO_UPDATE_CHECK": "1",
        "DENO_NO_PROMPT": "1",
    }
