"""numpy by hand: every buffer made once, every result written in place.

The bias is a column of ones beside the layer's input, so that one product gives the sum
with its bias and one product the gradient of both. All weights lie in one vector.
"""

import sys

import numpy as np
import threadpoolctl

from protocol import serve


class Radial:
    """ρ(v) = h/r·v with r = |v| and h = σ(r), row by row, for z n×d."""

    def __init__(self, n, d, dtype):
        self.r, self.h, self.lam, self.t = (np.empty(n, dtype) for _ in range(4))
        self.tmp = np.empty((n, d), dtype)

    def forward(self, z, out):
        r, h, lam = self.r, self.h, self.lam
        np.einsum("ij,ij->i", z, z, out=r)
        np.sqrt(r, out=r)
        np.negative(r, out=h)
        np.exp(h, out=h)
        np.add(h, 1, out=h)
        np.reciprocal(h, out=h)
        np.divide(h, r, out=lam)
        np.multiply(z, lam[:, None], out=out)

    def backward(self, z, delta):
        """delta becomes λδ + (h(1−h)−λ)/r²·⟨z,δ⟩z."""
        r, h, lam, t, tmp = self.r, self.h, self.lam, self.t, self.tmp
        np.einsum("ij,ij->i", z, delta, out=t)
        np.multiply(r, r, out=r)
        np.divide(t, r, out=t)
        np.multiply(h, h, out=r)
        np.subtract(h, r, out=h)
        np.subtract(h, lam, out=h)
        np.multiply(t, h, out=t)
        np.multiply(delta, lam[:, None], out=delta)
        np.multiply(z, t[:, None], out=tmp)
        np.add(delta, tmp, out=delta)


class ReLU:
    def __init__(self, n, d, dtype):
        self.mask = np.empty((n, d), bool)

    def forward(self, z, out):
        np.maximum(z, 0, out=out)

    def backward(self, z, delta):
        np.greater(z, 0, out=self.mask)
        np.multiply(delta, self.mask, out=delta)


class Net:
    unit = 1

    def __init__(self, inst):
        n, dtype = len(inst.x), inst.dtype
        dims = [inst.x.shape[1]] + [len(b) for b in inst.bs]
        self.rate, self.criterion = dtype.type(inst.rate), inst.loss
        self.start = np.concatenate([np.hstack([w, b[:, None]]).ravel() for w, b in zip(inst.ws, inst.bs)])
        self.w, self.g = self.start.copy(), np.empty_like(self.start)
        make, self.layers, at = Radial if inst.act == "radial-sigmoid" else ReLU, [], 0
        xa = self.input(inst.x, n, dims[0], dtype)
        for i, (c, r) in enumerate(zip(dims, dims[1:])):
            size, last = r * (c + 1), i == len(dims) - 2
            w, g = (v[at : at + size].reshape(r, c + 1) for v in (self.w, self.g))
            z, delta = np.empty((n, r), dtype), np.empty((n, r), dtype)
            out = z if last else self.input(None, n, r, dtype)
            self.layers.append((xa, w, w.T, w[:, :c], g, z, delta, None if last else make(n, r, dtype), out if last else out[:, :r]))
            xa, at = out, at + size
        if self.criterion == "softmaxce":
            self.at = (np.arange(n), inst.y)
            self.row = np.empty((n, 1), dtype)
        else:
            self.y = inst.y

    @staticmethod
    def input(x, n, d, dtype):
        a = np.ones((n, d + 1), dtype)
        if x is not None:
            a[:, :d] = x
        return a

    def reset(self):
        self.w[:] = self.start

    def value(self):
        """Runs forward and leaves the gradient at the output in its delta."""
        for xa, _, wt, _, _, z, _, act, out in self.layers:
            np.matmul(xa, wt, out=z)
            if act is not None:
                act.forward(z, out)
        delta = self.layers[-1][6]
        if self.criterion == "softmaxce":
            row = self.row
            np.max(z, axis=1, keepdims=True, out=row)
            np.subtract(z, row, out=z)
            np.exp(z, out=delta)
            np.sum(delta, axis=1, keepdims=True, out=row)
            loss = (np.log(row).sum() - z[self.at].sum()) / len(z)
            np.multiply(row, len(z), out=row)
            np.divide(delta, row, out=delta)
            delta[self.at] -= delta.dtype.type(1 / len(z))
            return loss
        np.subtract(z, self.y, out=delta)
        loss = np.vdot(delta, delta) / delta.size
        np.multiply(delta, 2 / delta.size, out=delta)
        return loss

    def run(self, calls):
        layers, w, g, rate = self.layers, self.w, self.g, self.rate
        back = [(*a[:7], b[5], b[6], b[7]) for a, b in zip(layers[:0:-1], layers[-2::-1])]
        x0, g0, d0 = layers[0][0], layers[0][4], layers[0][6]
        for _ in range(calls):
            self.value()
            for xa, _, _, wc, gw, _, delta, zp, dp, act in back:
                np.matmul(delta.T, xa, out=gw)
                np.matmul(delta, wc, out=dp)
                act.backward(zp, dp)
            np.matmul(d0.T, x0, out=g0)
            np.multiply(g, rate, out=g)
            np.subtract(w, g, out=w)

    def loss(self):
        return self.value()


def blas():
    found = [p for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"]
    return "; ".join(f"{p['internal_api']} {p['version']}, kernel {p.get('architecture')}, threads {p['num_threads']}" for p in found) or "none"


if __name__ == "__main__":
    np.matmul(np.ones((2, 2)), np.ones((2, 2)))  # loads the library
    about = {"version": f"numpy {np.__version__}, Python {sys.version.split()[0]}", "threads": 1, "blas": blas()}
    serve(sys.argv[1], about, lambda inst: Net(inst))
