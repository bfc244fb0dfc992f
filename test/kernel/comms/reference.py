"""What ipywidgets sends when its widgets are made: the reference for src/notebook/widgets.

    pip install ipywidgets==8.1.9 && python reference.py > reference.json

Ids are numbered in the order of opening, so that the file does not change from run to run; properties that are
null are left out: the front end's models have them by themselves.
"""

import json
from importlib.metadata import version

import comm

messages = []


class Recorder(comm.base_comm.BaseComm):
    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        messages.append({"type": msg_type, "id": self.comm_id, "data": data, "metadata": metadata, **keys})


comm.create_comm = lambda *args, **keys: Recorder(*args, **keys)

import ipywidgets as w  # noqa: E402 (it takes create_comm when it is imported)

WIDE = {"description_width": "initial"}
WIDGETS = {
    "integer slider": lambda: w.IntSlider(value=3, min=1, max=10, step=2, description="n", style=WIDE),
    "slider": lambda: w.FloatSlider(value=0.5, min=0, max=1, step=0.25, description="margin", style=WIDE),
    "log slider": lambda: w.FloatLogSlider(value=0.01, min=-4, max=0, step=0.5, description="rate", style=WIDE),
    "button": lambda: w.Button(description="Start", tooltip="Starts the training"),
    "checkbox": lambda: w.Checkbox(value=True, description="augment", style=WIDE),
    "dropdown": lambda: w.Dropdown(options=["a", "b"], value="b", description="loss", style=WIDE),
    "text": lambda: w.Text(value="x", placeholder="a name", description="name", style=WIDE),
    "html": lambda: w.HTML(value="<b>1</b>", style=WIDE),
    "label": lambda: w.Label(value="a", style=WIDE),
    "output": lambda: w.Output(),
    "row": lambda: w.HBox([w.Label(value="a", style=WIDE)]),
    "column": lambda: w.VBox([w.Label(value="a", style=WIDE)], layout={"border_top": "1px solid", "width": "50%"}),
    "meter": lambda: w.IntProgress(value=2, min=0, max=5, description="epochs", style=WIDE),
}


def made(make):
    """The messages that a widget sends, with ids by number."""
    messages.clear()
    make()
    for message in messages:
        state = message["data"]["state"]
        message["data"]["state"] = {name: value for name, value in state.items() if value is not None}
    ids = {message["id"]: str(number) for number, message in enumerate(messages)}
    text = json.dumps(messages)
    for identifier, number in ids.items():
        text = text.replace(identifier, number)
    return json.loads(text)


def set_by_client():
    """What a slider that a client moves sends back."""
    slider = w.IntSlider(value=3)
    messages.clear()
    update = {"method": "update", "state": {"value": 4}, "buffer_paths": []}
    slider._handle_msg({"content": {"data": update}, "buffers": []})
    return [message["data"] for message in messages]


def set_by_kernel():
    slider = w.IntSlider(value=3)
    messages.clear()
    slider.value = 5
    return [message["data"] for message in messages]


def described():
    """The bundle that shows a widget, without the text, which is Python's."""
    bundle = w.IntSlider()._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    return {**bundle["application/vnd.jupyter.widget-view+json"], "model_id": "0"}


print(
    json.dumps(
        {
            "versions": {"ipywidgets": version("ipywidgets"), "protocol": w._version.__protocol_version__},
            "opened": {name: made(make) for name, make in WIDGETS.items()},
            "set_by_client": set_by_client(),
            "set_by_kernel": set_by_kernel(),
            "described": described(),
        },
        indent=1,
    )
)
