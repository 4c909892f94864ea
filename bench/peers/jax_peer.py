"""JAX: one jitted step a call, and 100 steps inside lax.scan."""

import functools
import os
import sys

os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import jaxlib

from protocol import serve

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)  # a call runs in the caller's thread: no hand-over


def forward(params, x, act):
    """params are pairs (W, b); W is in×out."""
    for w, b in params[:-1]:
        x = x @ w + b
        if act == "relu":
            x = jax.nn.relu(x)
        else:  # ρ(v) = σ(|v|)/|v|·v
            r = jnp.sqrt(jnp.sum(x * x, axis=1, keepdims=True))
            x = x * (jax.nn.sigmoid(r) / r)
    w, b = params[-1]
    return x @ w + b


class Net:
    unit = 1

    def __init__(self, inst):
        self.x, self.y = jnp.asarray(inst.x), jnp.asarray(inst.y)
        self.start = tuple((w.T.copy(), b.copy()) for w, b in zip(inst.ws, inst.bs))
        self.reset()

        def objective(params, x, y):
            out = forward(params, x, inst.act)
            if inst.loss == "softmaxce":
                picked = jnp.take_along_axis(out, y[:, None], axis=1)[:, 0]
                return jnp.mean(jax.nn.logsumexp(out, axis=1) - picked)
            return jnp.mean((out - y) ** 2)

        def step(params, x, y):
            value, grads = jax.value_and_grad(objective)(params, x, y)
            return jax.tree.map(lambda p, g: p - inst.rate * g, params, grads), value

        self.objective, self.step = jax.jit(objective), self.compile(step)

    def compile(self, step):
        return functools.partial(jax.jit, donate_argnums=0)(step)

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

    def compile(self, step):
        def hundred(params, x, y):
            return jax.lax.scan(lambda p, _: step(p, x, y), params, None, length=self.unit)

        return super().compile(hundred)


VARIANTS = {"jax-jit": Net, "jax-scan": Scan}

if __name__ == "__main__":
    about = {"version": f"jax {jax.__version__}, jaxlib {jaxlib.__version__}, Python {sys.version.split()[0]}",
             "threads": 1, "blas": f"XLA on {jax.devices()[0].device_kind}"}
    serve(sys.argv[1], about, VARIANTS[sys.argv[1]])
