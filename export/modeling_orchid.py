"""Models of Orchid in PyTorch: one file that needs nothing but torch.

    python modeling_orchid.py DIR      # computes the self-test of the folder DIR

    from modeling_orchid import load
    model = load("DIR")                # a torch.nn.Module, in evaluation mode
    logits = model(words)              # words [B, L]

The operator is that of Karami and Ghodsi, "Orchid: Flexible and Data-Dependent Convolution for Sequence Modeling"
(NeurIPS 2024, arXiv 2402.18508). Parameters have the names of model.safetensors, and settings those of config.json
with _ in place of -. There is no padding, which would change results: all sequences of one call have the same length.
Gradients flow; dropout, which does nothing outside of training, is left out.

Letters: B sequences, L rows of each, D channels, F bins of a spectrum, K taps, S steps (long convolutions) of a chain.
"""

import json
import math
import os
import re
import sys
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Weights:
    """The tensors below a prefix. Each is taken by one module; load checks that none is left."""

    def __init__(self, tensors: dict[str, Tensor], fixed: set[str], prefix: str = "", left: set[str] | None = None):
        self.tensors, self.fixed, self.prefix = tensors, fixed, prefix
        self.left = set(tensors) if left is None else left

    def below(self, *names) -> "Weights":
        return Weights(self.tensors, self.fixed, self.prefix + "".join(f"{n}." for n in names), self.left)

    def __contains__(self, name: str) -> bool:
        return self.prefix + name in self.tensors

    def take(self, name: str) -> nn.Parameter:
        name = self.prefix + name
        self.left.discard(name)
        return nn.Parameter(self.tensors[name], requires_grad=name not in self.fixed)

    def maybe(self, name: str) -> nn.Parameter | None:
        return self.take(name) if name in self else None


class Group(nn.Module):
    """Tensors that stand under one name."""

    def __init__(self, w: Weights, *names: str):
        super().__init__()
        for n in names:
            setattr(self, n, w.take(n))


# Layers that work on one row at a time


class Linear(nn.Module):
    """y = x W^T + b. A weight [blocks, out, in] is block-diagonal: part i of x gives part i of y."""

    def __init__(self, w: Weights):
        super().__init__()
        self.weight, self.bias = w.take("weight"), w.maybe("bias")

    def forward(self, x: Tensor) -> Tensor:
        if self.weight.ndim == 2:
            return F.linear(x, self.weight, self.bias)
        parts = x.unflatten(-1, (self.weight.shape[0], -1))
        y = torch.einsum("...bi,boi->...bo", parts, self.weight).flatten(-2)
        return y if self.bias is None else y + self.bias


class LayerNorm(nn.Module):
    def __init__(self, w: Weights, eps: float):
        super().__init__()
        self.weight, self.bias, self.eps = w.take("weight"), w.take("bias"), eps

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)


class BatchNorm(nn.Module):
    """Normalises channels by running statistics, or in training mode by those of the batch."""

    def __init__(self, w: Weights, eps: float):
        super().__init__()
        self.weight, self.bias, self.eps = w.take("weight"), w.take("bias"), eps
        self.running_mean, self.running_var = w.take("running_mean"), w.take("running_var")

    def forward(self, x: Tensor) -> Tensor:
        stats = (self.running_mean, self.running_var)
        y = F.batch_norm(x.transpose(1, 2), *stats, self.weight, self.bias, self.training, 0.1, self.eps)
        return y.transpose(1, 2)


class MLP(nn.Module):
    """GELU between two linear layers; a gated one multiplies GELU of one half by the other."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.up, self.down, self.gated = Linear(w.below("up")), Linear(w.below("down")), c.gated_mlp

    def forward(self, x: Tensor) -> Tensor:
        h = self.up(x)
        if self.gated:
            a, b = h.chunk(2, -1)
            return self.down(F.gelu(a) * b)
        return self.down(F.gelu(h))


def activation(name: str):
    """An elementwise function by its name in config.json; sigmoid+A and softshrink+A have a shift A."""
    base, _, shift = name.partition("+")
    a = float(shift or 0)
    return {
        "": lambda x: x, "id": lambda x: x, "identity": lambda x: x, "linear": lambda x: x,
        "tanh": torch.tanh, "relu": F.relu, "gelu": F.gelu, "silu": F.silu, "swish": F.silu, "softplus": F.softplus,
        "sigmoid": lambda x: torch.sigmoid(x - a),
        "softshrink": lambda x: F.softshrink(x, a) if a >= 0 else torch.where(x > a, x - a, x + a),
        "log": lambda x: torch.sign(x) * torch.log1p(x.abs()),
        "rational": lambda x: x / (x + 1),
    }[base]  # fmt: skip


# Transforms along the sequence


class Transform:
    """A transform of x [B, L, D] to a spectrum [B, F, D] and back, with the scaling of its name.

    DFTs have L/2 + 1 complex bins, DCTs L real ones. A product of two spectra of "dft" is the circular convolution
    divided by L, of "dft-ortho" divided by sqrt(L), and of "exact" the convolution itself.
    """

    def __init__(self, name: str):
        self.name, self.complex = name, not name.startswith("dct")
        self.norm = {"dft": "forward", "dft-ortho": "ortho", "exact": "backward"}.get(name)

    def forward(self, x: Tensor, n: int = 0) -> Tensor:
        """The spectrum of x, filled up with zeros to n rows."""
        n = n or x.shape[-2]
        if self.complex:
            return torch.fft.rfft(x, n, dim=-2, norm=self.norm)
        if self.name == "dct1":
            return mirrored(x)
        first, others = (2, 2) if self.name == "dct" else (math.sqrt(1 / n), math.sqrt(2 / n))
        bins = torch.fft.rfft(x, 2 * n, dim=-2)[..., :n, :]
        return (bins * quarter_turns(n, -1, x)).real * column(n, first, others, x)

    def inverse(self, s: Tensor, n: int) -> Tensor:
        """The n rows of a spectrum."""
        if self.complex:
            return torch.fft.irfft(s, n, dim=-2, norm=self.norm)
        if self.name == "dct1":
            return mirrored(s) / (2 * (n - 1))
        others = 1 / (2 * n)  # half of a bin's weight, since irfft counts all but the first twice
        first, others = (others, others) if self.name == "dct" else (math.sqrt(2 * others), math.sqrt(others))
        bins = s * column(n, first, others, s) * quarter_turns(n, 1, s)
        return torch.fft.irfft(bins, 2 * n, dim=-2, norm="forward")[..., :n, :]


def mirrored(x: Tensor) -> Tensor:
    """The DCT-I, inner rows counted twice: the spectrum of a sequence and its mirror image."""
    return torch.fft.rfft(torch.cat([x, x[..., 1:-1, :].flip(-2)], -2), dim=-2).real


def column(n: int, first: float, others: float, like: Tensor) -> Tensor:
    c = like.new_full((n, 1), others)
    c[0] = first
    return c


def quarter_turns(n: int, sign: int, like: Tensor) -> Tensor:
    """exp(sign i pi k / 2n) for the bins k [n, 1]."""
    angle = torch.arange(n, dtype=torch.float64, device=like.device)[:, None] * (sign * math.pi / (2 * n))
    return torch.polar(torch.ones_like(angle), angle).to(like.dtype.to_complex())


# The operator


class Conv(nn.Module):
    """A convolution along the rows of x [B, L, C], in groups of as many channels as its weight [C', n, K] reads."""

    def __init__(self, w: Weights, padding: str):
        super().__init__()
        self.weight, self.bias, self.padding = w.take("weight"), w.maybe("bias"), padding

    def forward(self, x: Tensor) -> Tensor:
        taps, groups = self.weight.shape[-1], x.shape[-1] // self.weight.shape[1]
        x, half = x.transpose(1, 2), (taps - 1) // 2
        if self.padding == "causal":
            x = F.pad(x, (taps - 1, 0))
        elif self.padding == "zeros":
            x = F.pad(x, (half, half))
        else:  # reflect, replicate or circular
            x = F.pad(x, (half, half), self.padding)
        return F.conv1d(x, self.weight, self.bias, groups=groups).transpose(1, 2)


def features(L: int, E: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Features of L positions [L, E] and their times [L, 1], from 0 to 1."""
    n = torch.arange(L, dtype=torch.float64, device=like.device)[:, None]
    bands = (E - 1) // 2
    f = torch.linspace(1e-4, bands - 1, bands, dtype=torch.float64, device=like.device) if bands > 1 else 1e-4
    angle = n * f * 2 * math.pi / L
    time = n / max(L - 1, 1)
    return torch.cat([time, angle.cos(), -angle.sin()], 1).to(like.dtype), time.to(like.dtype)


class Filter(nn.Module):
    """A static kernel: a small network with sines maps features of positions to taps, damped over time."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.c, self.bias = c, w.take("bias")  # the gain of the skip beside the convolution
        for name, parts in (("pos_emb", ("z", "t")), ("modulation", ("deltas",))):
            if parts[0] in w.below(name):
                self.add_module(name, Group(w.below(name), *parts))
        for name in ("implicit_filter", "implicit_filter_rev"):
            network = nn.ModuleDict()
            while f"{2 * len(network)}.weight" in w.below(name):
                network[str(2 * len(network))] = Linear(w.below(name, 2 * len(network)))
            if network:
                self.add_module(name, network)
        if "1.freq" in w.below("implicit_filter"):
            self.implicit_filter["1"] = Group(w.below("implicit_filter", 1), "freq")

    def taps(self, L: int, name: str = "implicit_filter") -> Tensor:
        """[L, C]: those of positions that are not there are 0."""
        if hasattr(self, "pos_emb"):
            h, time = self.pos_emb.z[0, :L], self.pos_emb.t[0, :L]
        else:
            h, time = features(L, self.c.filter_features, self.bias)
        layers = [layer for layer in getattr(self, name).values() if isinstance(layer, Linear)]
        for layer in layers[:-1]:
            h = torch.sin(self.c.filter_frequency_scale * self.implicit_filter["1"].freq * layer(h))
        h = layers[-1](h)
        if hasattr(self, "modulation"):
            h = h * (torch.exp(-time * self.modulation.deltas[0].abs()) + self.c.filter_shift)
        if self.c.filter_normalize:
            h = h / h.abs().sum(-1, keepdim=True)
        return F.pad(h, (0, 0, 0, L - len(h)))


class Standardize(nn.Module):
    """The activation "ln": every column of a sequence gets the same mean and deviation."""

    def __init__(self, w: Weights):
        super().__init__()
        self.s, self.m = w.take("s"), w.take("m")

    def forward(self, x: Tensor) -> Tensor:
        return self.s * (x - x.mean(1, keepdim=True) + self.m) / x.std(1, correction=0, keepdim=True)


class NormOfConv(nn.Module):
    def __init__(self, w: Weights, kind: str):
        super().__init__()
        self.norm_conv_kernel = (BatchNorm if kind == "batch" else LayerNorm)(w.below("norm_conv_kernel"), 1e-5)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm_conv_kernel(x)


class Stage(nn.Module):
    """A network of the conditioner, along rows or along bins: convolutions, each with a norm, activations between."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        layers, kind = range(c.conditioner_layers), c.conditioner_norm
        self.conv1d_ls = nn.ModuleList(Conv(w.below("conv1d_ls", i), c.conditioner_padding) for i in layers)
        self.norm_ls = nn.ModuleList(
            nn.Identity() if kind == "none" else NormOfConv(w.below("norm_ls", i), kind) for i in layers
        )
        if c.conditioner_activation == "ln":
            self.activation = Standardize(w.below("activation"))
        elif c.conditioner_activation == "softmax":
            self.activation = lambda x: x.softmax(1)
        else:
            self.activation = activation(c.conditioner_activation)

    def forward(self, x: Tensor) -> Tensor:
        for i, (conv, norm) in enumerate(zip(self.conv1d_ls, self.norm_ls)):
            x = conv(x)
            if i < len(self.conv1d_ls) - 1:
                x = self.activation(x)
            x = norm(x)
        return x


class Conditioner(nn.Module):
    """Makes the spectra of a sequence's own kernels from the sequence: v [B, L, D] to h [B, F, D, S].

    Type I, magnitude: conv(|F conv(v)|). Type II, correlation: conv(conj(F conv(v)) F conv'(v)). spectrum is Type I
    with the phase kept.
    """

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.c, self.f = c, Transform(c.transform)
        self.correlates = c.conditioner == "correlation"
        time, bins = c.stages != "frequency", c.stages != "time"
        if self.correlates:
            names = ["nn_model_k", "nn_model_q"] + ["nn_model_frq"] * bins
        else:
            names = ["nn_model"] * (time or bins) + ["nn_model2"] * (time and bins)
        for name in names:
            self.add_module(name, Stage(w.below(name), c))
        self.time = names[:1] if time else []
        self.bins = names[-1:] if bins else []

    def forward(self, v: Tensor) -> Tensor:
        c, f, (_, L, D) = self.c, self.f, v.shape
        n = 2 * L if c.double_kernel and f.complex else L
        for name in self.time:
            k = getattr(self, name)(v)
        if self.correlates:
            h = self.cross(k, self.nn_model_q(v), n)
        else:
            h = f.forward(k if self.time else v, n)
        if c.conditioner == "magnitude":
            squared = c.magnitude == "squared" or c.magnitude == "auto" and f.complex
            h = (h.real**2 + h.imag**2 if f.complex else h * h) if squared else h.abs()
        for name in self.bins:
            h = self.along_bins(h, getattr(self, name))
        if f.complex and not h.is_complex():
            h = torch.complex(h, torch.zeros_like(h))
        if n > L:  # a kernel of twice the length, its first half kept in time
            h = f.forward(f.inverse(h, n)[:, :L])
        return h.unflatten(-1, (D, -1))

    def cross(self, k: Tensor, q: Tensor, n: int) -> Tensor:
        """conj(F k) F q, with a nonlinearity on one factor."""
        c, f = self.c, self.f
        if c.nonlinearity == "softmax":
            return f.forward(k, n).conj() * f.forward(q.softmax(1), n)
        a, q = activation(c.nonlinearity), f.forward(q, n)
        if c.nonlinearity_form == "magnitude":
            q = a(q.abs()) * q / q.abs().clamp_min(1e-6)
        elif f.complex:
            q = torch.complex(a(q.real), a(q.imag))
        else:
            q = a(q)
        return f.forward(k, n).conj() * q

    def along_bins(self, h: Tensor, stage: Stage) -> Tensor:
        """The stage that runs along the bins; real numbers enter and leave it."""
        if h.is_complex():
            h = torch.cat([h.real, h.imag], -1)
        h = stage(h)
        if not self.f.complex:
            return h
        if self.correlates:  # real parts of all channels, then the imaginary ones
            return torch.complex(*h.chunk(2, -1))
        return torch.complex(h[..., 0::2], h[..., 1::2])  # side by side


class Orchid(nn.Module):
    """Gates around long convolutions whose kernels are static ones plus the sequence's own."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.c, self.f = c, Transform(c.transform)
        self.in_linear, self.out_linear = Linear(w.below("in_linear")), Linear(w.below("out_linear"))
        self.conv1d_short = Conv(w.below("conv1d_short"), "causal")
        self.fixed_conv = Filter(w.below("fixed_conv"), c)
        if c.residual_convolution:
            self.fixed_conv_res = Filter(w.below("fixed_conv_res"), c)
        self.conv_kernel_nn = Conditioner(w.below("conv_kernel_nn"), c)

    def convolve(self, x: Tensor, kernel: Tensor) -> Tensor:
        return self.f.inverse(self.f.forward(x) * kernel, x.shape[-2])

    def forward(self, x: Tensor) -> Tensor:
        c, L, D = self.c, x.shape[1], x.shape[2]
        steps = c.order - 1
        p = self.in_linear(x)
        h = self.conv_kernel_nn(p[..., -D:])  # from the value before the short convolution
        parts = self.conv1d_short(p).split(D, -1)  # the last gate, ..., the first gate, the value
        y = parts[-1]
        if c.static_kernel:
            static = self.f.forward(self.fixed_conv.taps(L)).unflatten(-1, (D, steps))
        for o in range(steps):
            z = y * parts[steps - o] if c.gates else y
            kernel = h[..., o] + static[..., o] if c.static_kernel else h[..., o]
            y = self.convolve(z, kernel) + self.fixed_conv.bias[o::steps] * z
        if c.gates:
            y = y * parts[0]
        if c.residual_convolution:  # of the raw input
            y = y + self.convolve(x, self.f.forward(self.fixed_conv_res.taps(L)))
            if c.residual_skip:
                y = y + self.fixed_conv_res.bias * x
        return self.out_linear(y)


# The mixers that Orchid is compared with


class Attention(nn.Module):
    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.heads = c.heads
        self.in_linear, self.out_linear = Linear(w.below("in_linear")), Linear(w.below("out_linear"))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (a.unflatten(-1, (self.heads, -1)).transpose(1, 2) for a in self.in_linear(x).chunk(3, -1))
        return self.out_linear(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class Hyena(nn.Module):
    """The chain of Orchid with a static kernel alone, and the linear convolution in place of the circular one.

    With a second network for taps that look ahead and a residual convolution of the input it is the mixer of M2-BERT.
    """

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.f = Transform("exact")
        self.in_linear, self.out_linear = Linear(w.below("in_linear")), Linear(w.below("out_linear"))
        self.conv1d_short = Conv(w.below("conv1d_short"), "causal")
        self.fixed_conv = Filter(w.below("fixed_conv"), c)
        if c.mixer == "m2":
            self.fixed_conv_res = Filter(w.below("fixed_conv_res"), c)

    def convolve(self, x: Tensor, filter: Filter) -> Tensor:
        L = x.shape[1]
        taps = filter.taps(L)
        if hasattr(filter, "implicit_filter_rev"):  # lags -1 to -L stand behind, the last first
            taps = torch.cat([taps, filter.taps(L, "implicit_filter_rev").flip(0)])
        y = self.f.inverse(self.f.forward(x, 2 * L) * self.f.forward(taps, 2 * L), 2 * L)
        return y[:, :L] + filter.bias * x

    def forward(self, x: Tensor) -> Tensor:
        last, first, v = self.conv1d_short(self.in_linear(x)).chunk(3, -1)
        y = self.convolve(v * first, self.fixed_conv) * last
        if hasattr(self, "fixed_conv_res"):
            y = y + self.convolve(x, self.fixed_conv_res)
        return self.out_linear(y)


MIXERS = {"orchid": Orchid, "attention": Attention, "hyena": Hyena, "m2": Hyena}


# Models


class Block(nn.Module):
    """A mixer and an MLP, with norms before them or after the sums, with or without a sum around the mixer."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.post, self.residual = c.norm == "post", c.mixer_residual
        self.norm1 = LayerNorm(w.below("norm1"), c.norm_eps) if "norm1.weight" in w else None
        self.mixer = MIXERS[c.mixer](w.below("mixer"), c)
        self.norm2, self.mlp = LayerNorm(w.below("norm2"), c.norm_eps), MLP(w.below("mlp"), c)

    def forward(self, x: Tensor) -> Tensor:
        if not self.residual:
            x = self.mixer(self.norm1(x) if self.norm1 else x)
        elif self.post:
            x = self.norm1(x + self.mixer(x))
        else:
            x = x + self.mixer(self.norm1(x))
        if self.post:
            return self.norm2(x + self.mlp(x))
        return x + self.mlp(self.norm2(x))


class Model(nn.Module):
    """What all models share: blocks, and a last norm where norms stand before."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.c = c
        self.blocks = nn.ModuleList(Block(w.below("blocks", i), c) for i in range(c.depth))
        self.norm = LayerNorm(w.below("norm"), c.norm_eps) if "norm.weight" in w else None

    def encode(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return self.norm(x) if self.norm else x

    def pool(self, x: Tensor) -> Tensor:
        """One row a sequence: [B, L, D] to [B, D]."""
        match self.c.pool:
            case "mean":
                return x.mean(1)
            case "max":
                return x.amax(1)
        return x[:, 0] if self.c.pool == "first" else x[:, -1]


class RecallModel(Model):
    """Predicts words: words [B, L] to logits [B, L, V]."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__(w, c)
        self.embedding = Group(w.below("embedding"), "weight")
        self.positions = Group(w.below("positions"), "weight") if "positions.weight" in w else None

    def forward(self, words: Tensor) -> Tensor:
        x = F.embedding(words, self.embedding.weight)
        if self.positions is not None:
            x = x + self.positions.weight[: words.shape[1]]
        elif self.c.positions == "sinusoidal":
            x = x + sinusoids(*x.shape[1:], x)
        return F.linear(self.encode(x), self.embedding.weight)

    def predict(self, ids: Tensor) -> Tensor:
        """The logits of the last word [B, V]."""
        return self(ids.long())[:, -1]


def sinusoids(L: int, D: int, like: Tensor) -> Tensor:
    """Sines and cosines of the place [L, D] (Vaswani et al., 2017)."""
    j = torch.arange(D, device=like.device)
    angle = torch.arange(L, device=like.device)[:, None].double() * 10000.0 ** -((j - j % 2).double() / D)
    return torch.where(j % 2 == 0, angle.sin(), angle.cos()).to(like.dtype)


class Embeddings(nn.Module):
    """Vectors of words, places, parts of a pair and runs of words; their sum, normalised."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.c, self.words = c, Group(w.below("words"), "weight")
        for name in ("positions", "types", "ngrams"):
            if "weight" in w.below(name):
                self.add_module(name, Group(w.below(name), "weight"))
        self.norm = LayerNorm(w.below("norm"), c.norm_eps)

    def forward(self, words: Tensor, types: Tensor | None) -> Tensor:
        x = F.embedding(words, self.words.weight)
        if hasattr(self, "positions"):
            x = x + self.positions.weight[: words.shape[1]]
        if hasattr(self, "types"):
            x = x + F.embedding(torch.zeros_like(words) if types is None else types, self.types.weight)
        if hasattr(self, "ngrams"):
            for size in range(2, self.c.ngrams + 1):
                x = x + F.embedding(buckets(words, size, len(self.ngrams.weight)), self.ngrams.weight)
        return self.norm(x)


def buckets(words: Tensor, size: int, n: int) -> Tensor:
    """A hash below n of the run of so many words, or fewer at the beginning, that ends at each place.

    It is one of unsigned numbers of 64 bits, which PyTorch does not have: products agree, shift and remainder do not.
    """
    h, place = torch.full_like(words, size), torch.arange(words.shape[1], device=words.device)
    for back in range(size - 1, -1, -1):
        next = (h ^ (words.roll(back, 1) + 1)) * (0x9E3779B97F4A7C15 - 2**64)
        next = next ^ ((next >> 29) & (2**35 - 1))
        h = torch.where(place >= back, next, h)
    high, low = (h >> 32) & 0xFFFFFFFF, h & 0xFFFFFFFF
    return ((high % n) * (2**32 % n) + low) % n


class TextModel(Model):
    """An encoder of text: words [B, L] and the part of a pair that each belongs to [B, L], or None, to [B, L, D]."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__(w, c)
        self.embeddings = Embeddings(w.below("embeddings"), c)

    def hidden(self, words: Tensor, types: Tensor | None = None) -> Tensor:
        return self.encode(self.embeddings(words, types))


class MaskedHead(nn.Module):
    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__()
        self.dense, self.norm = Linear(w.below("dense")), LayerNorm(w.below("norm"), c.norm_eps)
        self.bias = w.take("bias")

    def forward(self, x: Tensor, words: Tensor) -> Tensor:
        return F.linear(self.norm(F.gelu(self.dense(x))), words, self.bias)


class MaskedLM(TextModel):
    """Predicts hidden words: logits [B, L, V] of words [B, L]."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__(w, c)
        self.masked = MaskedHead(w.below("masked"), c)

    def forward(self, words: Tensor, types: Tensor | None = None) -> Tensor:
        return self.masked(self.hidden(words, types), self.embeddings.words.weight)

    def predict(self, words: Tensor) -> Tensor:
        """The logits of the first hidden word of each row [B, V]."""
        words = words.long()
        at = (words == self.c.mask_token_id).int().argmax(1)
        return self(words)[torch.arange(len(words)), at]


class TextClassifier(TextModel):
    """Gives logits of classes [B, K], or values [B, 1], of texts, or of pairs of texts in one sequence."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__(w, c)
        self.classifier = Linear(w.below("classifier"))
        if c.pooler:
            self.pooler = nn.ModuleDict({"dense": Linear(w.below("pooler", "dense"))})
        if "values.mean" in w:
            self.values = Group(w.below("values"), "mean", "deviation")

    def vectors(self, words: Tensor, types: Tensor | None = None) -> Tensor:
        """What the head sees [B, D]."""
        x = self.pool(self.hidden(words, types))
        return torch.tanh(self.pooler["dense"](x)) if self.c.pooler else x

    def forward(self, words: Tensor, types: Tensor | None = None) -> Tensor:
        y = self.classifier(self.vectors(words, types))
        if self.c.reverse_complement == "mean":
            pairs = torch.tensor(self.c.complements, device=words.device)
            other = torch.cat([words[:, :1], pairs[words[:, 1:-1].flip(1)], words[:, -1:]], 1)
            y = (y + self.classifier(self.vectors(other, types))) / 2
        return y * self.values.deviation + self.values.mean if hasattr(self, "values") else y

    def predict(self, words: Tensor) -> Tensor:
        return self(words.long())


class ImageClassifier(Model):
    """Gives logits [B, K] of normalised pictures [B, H, W, C]; see normalize."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__(w, c)
        self.patches, self.head = Linear(w.below("patches")), Linear(w.below("head"))
        self.pixels = Group(w.below("pixels"), "mean", "std")

    def normalize(self, pictures: Tensor) -> Tensor:
        """Pictures of bytes, 0 to 255, as the model takes them."""
        return (pictures / 255 - self.pixels.mean) / self.pixels.std

    def forward(self, pictures: Tensor) -> Tensor:
        P = self.c.patch
        x = pictures.unflatten(1, (-1, P)).unflatten(3, (-1, P)).transpose(2, 3)  # B, H/P, W/P, P, P, C
        return self.head(self.pool(self.encode(self.patches(x.flatten(3).flatten(1, 2)))))


class SignalClassifier(Model):
    """Gives logits [B, K] of sequences of numbers [B, L, C], with the values that they have in files."""

    def __init__(self, w: Weights, c: SimpleNamespace):
        super().__init__(w, c)
        self.input, self.head = Linear(w.below("input")), Linear(w.below("head"))
        self.filters = Linear(w.below("filters")) if "filters.weight" in w else None
        self.values = Group(w.below("values"), "mean", "deviation") if "values.mean" in w else None

    def normalize(self, x: Tensor) -> Tensor:
        if self.c.normalize == "sequence":
            deviation = x.std(1, correction=0, keepdim=True)
            return (x - x.mean(1, keepdim=True)) / torch.where(deviation > 0, deviation, 1)
        return (x - self.values.mean) / self.values.deviation if self.values is not None else x

    def forward(self, signals: Tensor) -> Tensor:
        stride, L = self.c.stride, signals.shape[1]
        window, rows = max(self.c.window, stride), -(-L // stride)
        before = (window - stride) // 2  # zeros fill up windows that reach beyond the ends
        x = F.pad(self.normalize(signals), (0, 0, before, (rows - 1) * stride + window - before - L))
        x = x.unfold(1, window, stride).transpose(2, 3).flatten(2)
        if self.filters is not None:
            x = torch.log1p(torch.hypot(*self.filters(x).chunk(2, -1)))
        return self.head(self.pool(self.encode(self.input(x))))


MODELS = {
    "recall": RecallModel, "mlm": MaskedLM, "text": TextClassifier, "glue": TextClassifier,
    "image": ImageClassifier, "speech": SignalClassifier, "series": SignalClassifier,
    "layer": lambda w, c: MIXERS[c.mixer](w, c),
}  # fmt: skip


# Texts

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]  # the first words, where they are bytes or characters


def tokenizer(folder: str) -> dict:
    with open(os.path.join(folder, "tokenizer.json"), encoding="utf-8") as f:
        return json.load(f)["model"]


def vocabulary(folder: str) -> list[str]:
    """The words of a tokenizer by their ids."""
    model = tokenizer(folder)
    if model["type"] == "Bytes":
        return SPECIAL + [f"<0x{b:02X}>" for b in range(256)]
    if model["type"] == "Characters":
        return SPECIAL + list(model["alphabet"])
    return sorted(model["vocab"], key=model["vocab"].get)


def encode(folder: str, text: str, pair: str | None = None) -> tuple[Tensor, Tensor]:
    """The words of a text, or of a pair, as a model reads them, [1, L], and the part that each belongs to.

    WordPiece needs the package tokenizers. A special word in the text, such as [MASK], is that word.
    """
    model = tokenizer(folder)
    if model["type"] == "WordPiece":
        from tokenizers import Tokenizer

        e = Tokenizer.from_file(os.path.join(folder, "tokenizer.json")).encode(text, pair)
        return torch.tensor([e.ids]), torch.tensor([e.type_ids])
    fold = str.lower if model.get("fold") else str
    alphabet = fold(model.get("alphabet", ""))
    ids, types = [SPECIAL.index("[CLS]")], [0]
    for part, t in enumerate([text] if pair is None else [text, pair]):
        for piece in re.split(r"(\[(?:PAD|UNK|CLS|SEP|MASK)\])", t):
            if piece in SPECIAL:
                ids.append(SPECIAL.index(piece))
            elif model["type"] == "Bytes":
                ids += [len(SPECIAL) + b for b in piece.encode()]
            else:
                places = [alphabet.find(c) for c in fold(piece)]
                ids += [len(SPECIAL) + p if p >= 0 else SPECIAL.index("[UNK]") for p in places]
        ids.append(SPECIAL.index("[SEP]"))
        types += [part] * (len(ids) - len(types))
    return torch.tensor([ids]), torch.tensor([types])


# Files


def read_safetensors(path: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file, all float32, and its metadata."""
    with open(path, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = bytearray(f.read())
    metadata, tensors = header.pop("__metadata__", {}), {}
    for name, t in header.items():
        if t["dtype"] != "F32":
            raise ValueError(f"{path}: {name} is {t['dtype']}, want F32")
        begin, end = t["data_offsets"]
        count = (end - begin) // 4
        flat = torch.frombuffer(data, dtype=torch.float32, count=count, offset=begin) if count else torch.empty(0)
        tensors[name] = flat.reshape(t["shape"]).clone()
    return tensors, metadata


def read_config(folder: str) -> SimpleNamespace:
    """The settings of config.json, - written as _, and what stands beside them."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as f:
        config = json.load(f)
    settings = {key.replace("-", "_"): value for key, value in config.pop("settings").items()}
    return SimpleNamespace(**config | settings)


def load(folder: str) -> nn.Module:
    """The model of a folder that orchid export has written, in evaluation mode."""
    config = read_config(folder)
    path = os.path.join(folder, "model.safetensors")
    tensors, metadata = read_safetensors(path)
    weights = Weights(tensors, set(json.loads(metadata["buffers"])))
    model = MODELS[config.task](weights, config)
    if weights.left:
        raise ValueError(f"{path}: tensors without a place in the model: {sorted(weights.left)}")
    return model.eval()


def predict(model: nn.Module, inputs: list[Tensor]) -> Tensor:
    """What Orchid's self-test stores of a model's result."""
    return getattr(model, "predict", model)(*inputs)


@torch.no_grad()
def self_test(folder: str) -> float:
    """How much PyTorch differs from Orchid, relative to the largest number, on the inputs of selftest.safetensors."""
    inputs, _ = read_safetensors(os.path.join(folder, "selftest.safetensors"))
    want = inputs.pop("output")
    got = predict(load(folder), list(inputs.values()))
    return float((got - want).abs().max() / want.abs().max())


def main():
    for folder in sys.argv[1:] or [os.path.dirname(os.path.abspath(__file__))]:
        error = self_test(folder)
        print(f"{folder}: PyTorch differs from Orchid by {error:.1e} of the largest value")
        if not error <= 1e-4:
            sys.exit(1)


if __name__ == "__main__":
    main()
