"""PyTorch as a contestant: pytorch.py THREADS contiguous|channels_last. The protocol is that of bench/protocol.ts."""

import json
import re
import resource
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

THREADS, LAYOUT = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(THREADS)
FORMAT = torch.channels_last if LAYOUT == "channels_last" else torch.contiguous_format


class Cannot(Exception):
    pass


def peak_bytes():
    try:
        with open("/proc/self/status") as file:
            return int(re.search(r"VmHWM:\s*(\d+)", file.read()).group(1)) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def image(*shape):
    """[N, C, H, W] in the layout of this contestant."""
    return torch.rand(*shape).contiguous(memory_format=FORMAT)


def conv2d(task):
    s, direction = task["shape"], task["pass"]
    x = image(s["batch"], s["channels"], s["height"], s["width"])
    w = image(s["filters"], s["channels"] // s["groups"], s["kernel"], s["kernel"])
    b = torch.rand(s["filters"])
    stride, padding, groups = s["stride"], s["padding"], s["groups"]
    if direction == "forward":
        return lambda: F.conv2d(x, w, b, stride, padding, 1, groups), {}
    dy = torch.ones_like(F.conv2d(x, w, b, stride, padding, 1, groups))
    geometry = [[stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups]
    mask = [direction == "input", direction == "kernel", False]
    return lambda: torch.ops.aten.convolution_backward(dy, x, w, [s["filters"]], *geometry, mask), {}


def dense(task):
    if LAYOUT == "channels_last":
        raise Cannot("a dense layer has no memory formats")
    x = torch.rand(task["batch"], task["inputs"])
    w = torch.rand(task["units"], task["inputs"])
    b, dy = torch.rand(task["units"]), torch.rand(task["batch"], task["units"])
    calls = {
        "forward": lambda: F.linear(x, w, b),
        "input": lambda: dy @ w,
        "kernel": lambda: dy.t() @ x,
    }
    return calls[task["pass"]], {}


class Network:
    """The network of a task with the weights of its file, in PyTorch's shapes and layouts."""

    def __init__(self, task, count):
        network = task["network"]
        self.layers = network["layers"]
        self.numbers = np.fromfile(task["file"], dtype=np.float32)
        self.at = 0
        self.parameters = []
        self.read_weights(self.layers, network["input"])
        height, width, channels = network["input"]
        pixels = self.take([count, height, width, channels])
        self.images = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(memory_format=FORMAT)
        self.labels = torch.from_numpy(self.take([count])).long()

    def take(self, shape):
        size = int(np.prod(shape))
        self.at += size
        return self.numbers[self.at - size : self.at].reshape(shape).copy()

    def read_weights(self, layers, shape):
        height, width, channels = shape
        rows = None
        for layer in layers:
            kind = layer["type"]
            if kind == "conv":
                k, filters = layer["kernel"], layer["filters"]
                kernel = torch.from_numpy(self.take([k, k, channels, filters])).permute(3, 2, 0, 1)
                self.parameters += [kernel.contiguous(memory_format=FORMAT), torch.from_numpy(self.take([filters]))]
                slide = lambda n: (n + 2 * layer["padding"] - k) // layer["stride"] + 1
                height, width, channels = slide(height), slide(width), filters
            elif kind == "maxPool":
                slide = lambda n: (n + 2 * layer["padding"] - layer["size"]) // layer["stride"] + 1
                height, width = slide(height), slide(width)
            elif kind == "globalAverage":
                height = width = 1
            elif kind == "flatten":
                rows = [height, width, channels]
                height, width, channels = 1, 1, height * width * channels
            elif kind == "dense":
                kernel = torch.from_numpy(self.take([channels, layer["units"]]))
                if rows:  # PyTorch flattens [C, H, W]
                    kernel = kernel.reshape(*rows, -1).permute(2, 0, 1, 3).reshape(channels, -1)
                    rows = None
                self.parameters += [kernel.t().contiguous(), torch.from_numpy(self.take([layer["units"]]))]
                channels = layer["units"]
            elif kind == "residual":
                before = [height, width, channels]
                height, width, channels = self.read_weights(layer["body"], before)
                self.read_weights(layer["shortcut"], before)
        return [height, width, channels]

    def forward(self, x, training):
        parameters = iter(self.parameters)
        return self.run(self.layers, x, parameters, training)

    def run(self, layers, x, parameters, training):
        for layer in layers:
            kind = layer["type"]
            if kind == "conv":
                x = F.conv2d(x, next(parameters), next(parameters), layer["stride"], layer["padding"])
                x = F.relu_(x) if layer["relu"] else x
            elif kind == "dense":
                x = F.linear(x, next(parameters), next(parameters))
                x = F.relu_(x) if layer["relu"] else x
            elif kind == "maxPool":
                x = F.max_pool2d(x, layer["size"], layer["stride"], layer["padding"])
            elif kind == "globalAverage":
                x = x.mean((2, 3), keepdim=True)
            elif kind == "flatten":
                x = x.flatten(1)
            elif kind == "dropout":
                x = F.dropout(x, layer["rate"], training)
            elif kind == "residual":
                body = self.run(layer["body"], x, parameters, training)
                x = F.relu_(body + self.run(layer["shortcut"], x, parameters, training))
        return x


def trainer(task):
    batch, batches = task["batch"], task["batches"]
    network = Network(task, batch * batches)
    for parameter in network.parameters:
        parameter.requires_grad_()
    optimizer = torch.optim.SGD(network.parameters, lr=0.01, momentum=0.9)
    images = [part.contiguous(memory_format=FORMAT) for part in network.images.split(batch)]
    labels = network.labels.split(batch)
    done = 0

    def step():
        nonlocal done
        index = done % batches
        done += 1
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(network.forward(images[index], True), labels[index])
        loss.backward()
        optimizer.step()
        return loss

    return step


def train(task):
    step = trainer(task)
    check = [step().item() for _ in range(3)]
    for _ in range(20):
        step()
    return step, {"work": task["batch"], "check": check, "peakBytes": peak_bytes()}


def first_step(task):
    step = trainer(task)
    check = [step().item()]
    return step, {"work": task["batch"], "check": check, "peakBytes": peak_bytes()}


def inference(task):
    network = Network(task, task["batch"])

    def call():
        with torch.inference_mode():
            return network.forward(network.images, False)

    return call, {"work": task["batch"], "check": call().flatten()[:8].tolist(), "peakBytes": peak_bytes()}


def samples(call, milliseconds, calls):
    """Seconds a call, at least three times; a sample takes 20 ms at least, as in bench/protocol.ts."""
    result = []
    end = time.perf_counter() + milliseconds / 1000
    while len(result) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        duration = time.perf_counter() - start
        if duration < 0.02:
            calls = max(calls + 1, int(calls * 0.022 / max(duration, 1e-6)))
            continue
        result.append(duration / calls)
    return result, calls


def answer(text):
    print(text, flush=True)


TASKS = {"conv2d": conv2d, "dense": dense, "train": train, "inference": inference, "firstStep": first_step}
call, calls = None, 1
for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    try:
        if word == "prepare":
            task = json.loads(rest)
            if task["kind"] not in TASKS:
                raise Cannot("not written for PyTorch")
            call, details = TASKS[task["kind"]](task)
            calls = 1
            answer("READY " + json.dumps(details))
        elif word == "run":
            result, calls = samples(call, float(rest), calls)
            answer("SAMPLES " + json.dumps(result))
    except Exception as error:
        answer("CANNOT " + f"{error}".replace("\n", " ")[:500])
