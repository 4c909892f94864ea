"""JAX: one jitted step a call, and 100 steps inside lax.scan."""

import os
import sys

os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import jaxlib
from jax.flatten_util import ravel_pytree

from protocol import serve

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)  # a call runs in the caller's thread: no hand-over


def radial(v, axis):
    """ρ(v) = σ(|v|)/|v|·v"""
    r = jnp.sqrt(jnp.sum(v * v, axis=axis, keepdims=True))
    return v * (jax.nn.sigmoid(r) / r)


def rows(params, x, act):
    """Samples are rows. params are pairs (W, b); W is in×out."""
    for w, b in params[:-1]:
        x = x @ w + b
        x = jax.nn.relu(x) if act == "relu" else radial(x, 1)
    w, b = params[-1]
    return x @ w + b


def columns(params, x, act):
    """The same with samples in columns; W is in×out, which XLA multiplies faster than out×in where it is small."""
    x = x.T
    for w, b in params[:-1]:
        x = w.T @ x + b[:, None]
        x = jax.nn.relu(x) if act == "relu" else radial(x, 0)
    w, b = params[-1]
    return (w.T @ x + b[:, None]).T


class Net:
    """A jitted step a call. With flat, the weights are one vector outside of it: fewer buffers to hand over."""

    unit = 1

    def __init__(self, inst, forward, flat=False):
        self.x, self.y = jnp.asarray(inst.x), jnp.asarray(inst.y)
        start = tuple((w.T.copy(), b.copy()) for w, b in zip(inst.ws, inst.bs))
        unravel = lambda p: p
        if flat:
            start, unravel = ravel_pytree(start)
        self.start = start

        def objective(params, x, y):
            out = forward(unravel(params), x, inst.act)
            if inst.loss == "softmaxce":
                picked = jnp.take_along_axis(out, y[:, None], axis=1)[:, 0]
                return jnp.mean(jax.nn.logsumexp(out, axis=1) - picked)
            return jnp.mean((out - y) ** 2)

        def step(params, x, y):
            value, grads = jax.value_and_grad(objective)(params, x, y)
            return jax.tree.map(lambda p, g: p - inst.rate * g, params, grads), value

        self.objective, self.step = jax.jit(objective), jax.jit(self.repeated(step), donate_argnums=0)
        self.reset()

    def repeated(self, step):
        return step

    def reset(self):
        # copies: the buffers of the weights are given away to the step
        self.params = jax.tree.map(lambda a: jnp.array(a, copy=True), self.start)

    def run(self, calls):
        params, x, y, step = self.params, self.x, self.y, self.step
        for _ in range(calls):
            params, value = step(params, x, y)
        value.block_until_ready()
        self.params = params

    def loss(self):
        return self.objective(self.params, self.x, self.y)


class Scan(Net):
    """No dispatch between steps: 100 of them are one call."""

    unit = 100

    def repeated(self, step):
        return lambda params, x, y: jax.lax.scan(lambda p, _: step(p, x, y), params, None, length=self.unit)


VARIANTS = {"jax-jit": Net, "jax-scan": Scan}

if __name__ == "__main__":
    about = {"version": f"jax {jax.__version__}, jaxlib {jaxlib.__version__}, Python {sys.version.split()[0]}",
             "threads": 1, "blas": f"XLA on {jax.devices()[0].device_kind}"}
    make = VARIANTS[sys.argv[1]]
    makers = {"rows": lambda inst: make(inst, rows), "columns": lambda inst: make(inst, columns)}
    if make is Net:
        makers["rows, one vector"] = lambda inst: make(inst, rows, flat=True)
        makers["columns, one vector"] = lambda inst: make(inst, columns, flat=True)
    serve(sys.argv[1], about, makers)
