"""PyTorch: eager, torch.compile of the loss, and the whole step in one compiled graph."""

import sys

import torch
import torch.nn.functional as F

from protocol import serve

torch.set_num_threads(1)
torch.set_num_interop_threads(1)


def rows(params, x, act):
    """Samples are rows. params are W0, b0, W1, b1, …; W is out×in."""
    last = len(params) - 2
    for i in range(0, len(params), 2):
        x = F.linear(x, params[i], params[i + 1])
        if i == last:
            return x
        x = torch.relu(x) if act == "relu" else radial(x, 1)


def columns(params, x, act):
    """The same with samples in columns."""
    last = len(params) - 2
    x = x.t()
    for i in range(0, len(params), 2):
        x = torch.addmm(params[i + 1].unsqueeze(1), params[i], x)
        if i == last:
            return x.t()
        x = torch.relu(x) if act == "relu" else radial(x, 0)


def radial(v, dim):
    """ρ(v) = σ(|v|)/|v|·v"""
    r = torch.linalg.vector_norm(v, dim=dim, keepdim=True)
    return v * (torch.sigmoid(r) / r)


class Net:
    unit = 1

    def __init__(self, inst, forward):
        self.rate = inst.rate
        self.x = torch.from_numpy(inst.x.copy())
        self.y = torch.from_numpy(inst.y.copy())
        self.start = [torch.from_numpy(a.copy()) for pair in zip(inst.ws, inst.bs) for a in pair]
        self.params = [a.clone() for a in self.start]
        act, criterion = inst.act, F.cross_entropy if inst.loss == "softmaxce" else F.mse_loss
        self.objective = lambda params, x, y: criterion(forward(params, x, act), y)

    def reset(self):
        with torch.no_grad():
            torch._foreach_copy_(self.params, self.start)

    def loss(self):
        with torch.no_grad():
            return self.objective(self.params, self.x, self.y)


class Eager(Net):
    """Loss, torch.autograd.grad (no accumulation buffers), one fused update."""

    def __init__(self, inst, forward):
        super().__init__(inst, forward)
        for p in self.params:
            p.requires_grad_()
        self.value = self.objective

    def run(self, calls):
        params, x, y, rate, value = self.params, self.x, self.y, self.rate, self.value
        for _ in range(calls):
            grads = torch.autograd.grad(value(params, x, y), params)
            with torch.no_grad():
                torch._foreach_add_(params, grads, alpha=-rate)


def compiled(f, **options):
    """One graph for one shape, which nothing re-checks before a call.

    Measured on the small network: the wrapper in C++ is faster for the whole step and slower for
    the loss, which goes through autograd; max_autotune changes nothing.
    """
    options["guard_filter_fn"] = torch.compiler.skip_all_guards_unsafe
    return torch.compile(f, fullgraph=True, dynamic=False, options=options)


class CompiledLoss(Eager):
    """The same with the loss, and so its gradient, compiled."""

    def __init__(self, inst, forward):
        super().__init__(inst, forward)
        torch._dynamo.reset()
        self.value = compiled(self.objective)


class CompiledStep(Net):
    """Loss, gradient and update in one graph."""

    def __init__(self, inst, forward):
        super().__init__(inst, forward)
        torch._dynamo.reset()
        grad = torch.func.grad_and_value(self.objective)
        rate = self.rate

        def step(params, x, y):
            grads, value = grad(params, x, y)
            for p, g in zip(params, grads):
                p.sub_(rate * g)
            return value

        self.step = compiled(step, cpp_wrapper=True)  # called through C++ instead of Python

    def run(self, calls):
        params, x, y, step = self.params, self.x, self.y, self.step
        with torch.no_grad():
            for _ in range(calls):
                step(params, x, y)


VARIANTS = {"torch-eager": Eager, "torch-compile-loss": CompiledLoss, "torch-compile-step": CompiledStep}


def blas():
    info = torch.__config__.show()
    name = next((s.strip(" -") for s in info.splitlines() if "Math Kernel" in s), "its own BLAS")
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"


if __name__ == "__main__":
    about = {"version": f"torch {torch.__version__}, Python {sys.version.split()[0]}", "threads": torch.get_num_threads(), "blas": blas()}
    make = VARIANTS[sys.argv[1]]
    makers = {"rows": lambda inst: make(inst, rows), "columns": lambda inst: make(inst, columns)}
    serve(sys.argv[1], about, makers, together=make is Eager)  # two compiled ones would share dynamo's cache
