"""numpy by hand: every buffer made once, every result written in place.

The bias is a row (or column) of ones beside the layer's input, so that one product gives the
sum with its bias and one product the gradient of both. All weights lie in one vector.
"""

import sys

import numpy as np
import threadpoolctl

from protocol import serve


class Radial:
    """ρ(v) = h/r·v with r = |v| and h = σ(r), sample by sample; across is the axis of the features."""

    def __init__(self, shape, across, dtype):
        n = shape[1 - across]
        self.r, self.h, self.lam, self.t = (np.empty(n, dtype) for _ in range(4))
        self.dots = "ij,ij->j" if across == 0 else "ij,ij->i"
        wide = (1, n) if across == 0 else (n, 1)
        self.lam2, self.t2 = self.lam.reshape(wide), self.t.reshape(wide)
        self.tmp = np.empty(shape, dtype)

    def forward(self, z, out):
        r, h = self.r, self.h
        np.einsum(self.dots, z, z, out=r)
        np.sqrt(r, out=r)
        np.negative(r, out=h)
        np.exp(h, out=h)
        np.add(h, 1, out=h)
        np.reciprocal(h, out=h)
        np.divide(h, r, out=self.lam)
        np.multiply(z, self.lam2, out=out)

    def backward(self, z, delta):
        """delta becomes λδ + (h(1−h)−λ)/r²·⟨z,δ⟩z."""
        r, h, t = self.r, self.h, self.t
        np.einsum(self.dots, z, delta, out=t)
        np.multiply(r, r, out=r)
        np.divide(t, r, out=t)
        np.multiply(h, h, out=r)
        np.subtract(h, r, out=h)
        np.subtract(h, self.lam, out=h)
        np.multiply(t, h, out=t)
        np.multiply(delta, self.lam2, out=delta)
        np.multiply(z, self.t2, out=self.tmp)
        np.add(delta, self.tmp, out=delta)


class ReLU:
    def __init__(self, shape, across, dtype):
        self.mask = np.empty(shape, bool)

    def forward(self, z, out):
        np.maximum(z, 0, out=out)

    def backward(self, z, delta):
        np.greater(z, 0, out=self.mask)
        np.multiply(delta, self.mask, out=delta)


class Net:
    unit = 1

    def __init__(self, inst, across):
        n, dtype = len(inst.x), inst.dtype
        dims = [inst.x.shape[1]] + [len(b) for b in inst.bs]
        self.n, self.across, self.columns, self.rate, self.criterion = n, across, across == 0, inst.rate, inst.loss
        self.start = np.concatenate([np.hstack([w, b[:, None]]).ravel() for w, b in zip(inst.ws, inst.bs)])
        self.w, self.g = self.start.copy(), np.empty_like(self.start)
        make, self.layers, at = Radial if inst.act == "radial-sigmoid" else ReLU, [], 0
        shape = (lambda d: (d, n)) if self.columns else (lambda d: (n, d))

        def input(d):
            a = np.ones(shape(d + 1), dtype)
            return a, a[:d] if self.columns else a[:, :d]

        xa, x = input(dims[0])
        x[:] = inst.x.T if self.columns else inst.x
        for i, (c, r) in enumerate(zip(dims, dims[1:])):
            size = r * (c + 1)
            w, g = (v[at : at + size].reshape(r, c + 1) for v in (self.w, self.g))
            z, delta, act, nxt, out = np.empty(shape(r), dtype), np.empty(shape(r), dtype), None, None, None
            if i < len(dims) - 2:
                act, (nxt, out) = make(shape(r), across, dtype), input(r)
            self.layers.append((xa, xa.T, w, w.T, w[:, :c], w[:, :c].T, g, z, delta, delta.T, act, out))
            xa, at = nxt, at + size
        if self.criterion == "softmaxce":
            self.at = (inst.y, np.arange(n)) if self.columns else (np.arange(n), inst.y)
            self.row = np.empty((1, n) if self.columns else (n, 1), dtype)
        else:
            self.y = np.ascontiguousarray(inst.y.T) if self.columns else inst.y

    def reset(self):
        self.w[:] = self.start

    def value(self):
        """Runs forward and leaves the gradient at the output in its delta."""
        columns = self.columns
        for xa, _, w, wt, _, _, _, z, delta, _, act, out in self.layers:
            np.matmul(w, xa, out=z) if columns else np.matmul(xa, wt, out=z)
            if act is not None:
                act.forward(z, out)
        if self.criterion == "softmaxce":
            row, axis = self.row, self.across
            np.max(z, axis=axis, keepdims=True, out=row)
            np.subtract(z, row, out=z)
            np.exp(z, out=delta)
            np.sum(delta, axis=axis, keepdims=True, out=row)
            loss = (np.log(row).sum() - z[self.at].sum()) / self.n
            np.multiply(row, self.n, out=row)
            np.divide(delta, row, out=delta)
            delta[self.at] -= delta.dtype.type(1 / self.n)
            return loss
        np.subtract(z, self.y, out=delta)
        loss = np.vdot(delta, delta) / delta.size
        np.multiply(delta, 2 / delta.size, out=delta)
        return loss

    def run(self, calls):
        layers, w, g, rate, columns = self.layers, self.w, self.g, self.rate, self.columns
        pairs = list(zip(layers[:0:-1], layers[-2::-1]))
        xa0, xat0, g0, d0, dt0 = (layers[0][i] for i in (0, 1, 6, 8, 9))
        for _ in range(calls):
            self.value()
            for (xa, xat, _, _, wc, wct, gw, _, delta, deltat, _, _), (*_, zp, dp, _, act, _) in pairs:
                if columns:
                    np.matmul(delta, xat, out=gw)
                    np.matmul(wct, delta, out=dp)
                else:
                    np.matmul(deltat, xa, out=gw)
                    np.matmul(delta, wc, out=dp)
                act.backward(zp, dp)
            np.matmul(d0, xat0, out=g0) if columns else np.matmul(dt0, xa0, out=g0)
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
    serve(sys.argv[1], about, {"rows": lambda inst: Net(inst, 1), "columns": lambda inst: Net(inst, 0)})
