"""What every peer shares: the file with weights and data, and the conversation.

A peer reads one JSON request a line and answers each with one JSON line:

    {"do": "prepare", "case": NAME, "file": PATH}   the loss after 100 steps
    {"do": "measure", "case": NAME, "millis": N}    the time of a step
    {"do": "quit"}

Where a library may be faster with samples in rows or in columns, both are tried at prepare and the
faster one is kept: the answer names it. The first line, before any request, names the peer, its versions, threads and BLAS.
"""

import json
import math
import statistics
import sys
import time

import numpy as np

SAMPLE = 1e-3  # seconds that one sample takes at least, the same for every variant


class Instance:
    """Weights and data of a case: ws[i] is out×in, bs[i] is out, x is n×in, y is n×out or class indices."""

    def __init__(self, path):
        with open(path, "rb") as f:
            raw = f.read()
        n = int.from_bytes(raw[:8], "little")
        head = json.loads(raw[8 : 8 + n])
        body = memoryview(raw)[8 + n :]
        meta = head.pop("__metadata__")
        arrays = {}
        for name, t in head.items():
            lo, hi = t["data_offsets"]
            arrays[name] = np.frombuffer(body[lo:hi], dtype="<f8").reshape(t["shape"])
        self.act, self.loss, self.rate = meta["act"], meta["loss"], float(meta["rate"])
        self.dtype = np.dtype(meta["dtype"])
        layers = int(meta["layers"])
        self.ws = [arrays[f"W{i}"].astype(self.dtype) for i in range(layers)]
        self.bs = [arrays[f"b{i}"].astype(self.dtype).reshape(-1) for i in range(layers)]
        self.x = arrays["x"].astype(self.dtype)
        if self.loss == "softmaxce":
            self.y = arrays["y"].astype(np.int64).reshape(-1)
        else:
            self.y = arrays["y"].astype(self.dtype)


def measure(s, millis):
    """Times a stepper, from the starting weights: s.run(k) makes k calls of s.unit steps each."""
    clock = time.perf_counter
    s.reset()
    k = 1
    while True:  # also the warm-up: caches, clock, lazily made buffers
        start = clock()
        s.run(k)
        spent = clock() - start
        if spent >= SAMPLE:
            break
        k = max(k + 1, math.ceil(k * min(10, 1.2 * SAMPLE / max(spent, 1e-9))))
    samples, end = [], clock() + millis / 1e3
    while len(samples) < 2 or clock() < end:
        start = clock()
        s.run(k)
        samples.append((clock() - start) / (k * s.unit) * 1e6)
    return {"min_us": min(samples), "median_us": statistics.median(samples), "samples": len(samples)}


def fastest(makers, inst, together):
    """Returns a stepper of the fastest maker, and its name: makers maps names of layouts to functions of an instance.

    With together they live side by side and are asked in turn; else each is made, measured and forgotten.
    """
    made, times = {}, {}
    for name in [n for n in makers for _ in range(3)] if not together else list(makers) * 3:
        if name not in made:
            if not together:
                made.clear()
            made[name] = makers[name](inst)
            made[name].run(3)
        times[name] = min(times.get(name, math.inf), measure(made[name], 80)["min_us"])
    best = min(times, key=times.get)
    return (made[best] if best in made else makers[best](inst)), best


def serve(variant, about, makers, together=True):
    """makers give steppers: unit, reset(), run(calls) and loss(), the loss at the current weights."""
    out = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not break the conversation

    def say(**answer):
        print(json.dumps({"variant": variant, **answer}), file=out, flush=True)

    say(about=about)
    stepper, known = None, {}
    for line in sys.stdin:
        ask = json.loads(line)
        case = ask.get("case")
        if ask["do"] == "quit":
            return
        try:
            if ask["do"] == "prepare":
                stepper = None
                stepper, layout = fastest(makers, Instance(ask["file"]), together)
                stepper.run(2)  # compiles what is compiled lazily
                stepper.reset()
                stepper.run(100 // stepper.unit)
                known = {"case": case, "loss100": float(stepper.loss()), "layout": layout}
                say(**known)
            elif ask["do"] == "measure" and stepper is not None and case == known["case"]:
                say(**known, **measure(stepper, ask["millis"]))
            else:
                say(case=case, error=f"request {ask['do']} for case {case}, which is not prepared")
        except Exception as e:  # told to the one who asked, who decides
            say(case=case, error=f"{type(e).__name__}: {e}")
