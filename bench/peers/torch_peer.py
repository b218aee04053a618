#!/usr/bin/env python3
"""The operator, attention, transforms, matrix products, a training step of the recall model, and BERT in PyTorch.

The same mathematics as docs/operator.md, written with stock operations; BERT is that of transformers. It reads requests
from standard input, a JSON object a line, and answers each with one: milliseconds, the smallest of at least "repeat"
calls, and the largest resident memory of the process during them. A first line says that it is ready.
What a request builds (and compiles) is kept for the next one, so that rounds can alternate with other programs.

    echo '{"what": "operator", "kind": "magnitude", "transform": "dft", "shape": [8, 1024, 256]}' | python torch_peer.py
    python torch_peer.py --verify ../shared/golden/absfreq-convtf-fft-L128-d8.safetensors
"""

import argparse
import json
import math
import os
import struct
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

compiled = taps = False  # set by --compile and --taps


class Filter(nn.Module):
    """The taps [C, L] of a static kernel: a sine network of positions, damped over time; and a skip."""

    def __init__(self, C, length, features=5, width=64, inner=2, frequency=10.0):
        super().__init__()
        n, bands = torch.arange(length), (features - 1) // 2
        time = n / max(length - 1, 1)
        f = torch.linspace(1e-4, bands - 1, bands) if bands > 1 else torch.tensor([1e-4])
        angle = 2 * math.pi / length * n[:, None] * f
        self.z = nn.Parameter(torch.cat([time[:, None], angle.cos(), -angle.sin()], 1))
        self.register_buffer("time", time)
        self.register_buffer("deltas", torch.linspace(math.log(0.01) / 1.5, math.log(0.01) / 0.3, C))
        sizes = [features] + [width] * (inner + 1)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.layers.append(nn.Linear(width, C, bias=False))
        self.freq = nn.Parameter(torch.full((width,), frequency))
        self.skip = nn.Parameter(torch.randn(C))

    def forward(self):
        h = self.z
        for layer in self.layers[:-1]:
            h = torch.sin(self.freq * layer(h))
        taps = self.layers[-1].weight @ h.T
        return taps * torch.exp(-self.deltas.abs()[:, None] * self.time)


class Depthwise(nn.Module):
    """A grouped convolution along the last axis of x [B, in G, n], "before" zeros in front, the first n results.

    It is PyTorch's own, or with --taps an operation a tap, which the compiler joins with its neighbours."""

    def __init__(self, G, before, inner=1, outer=1, width=3):
        super().__init__()
        self.conv = nn.Conv1d(G * inner, G * outer, width, groups=G)
        self.G, self.before = G, before

    def forward(self, x):
        w, b, n = self.conv.weight, self.conv.bias, x.shape[-1]
        if not taps or w.shape[1] > 1:
            return F.conv1d(x, w, b, padding=self.before, groups=self.G)[..., :n]
        x = F.pad(x, (self.before, w.shape[2] - 1 - self.before)).repeat_interleave(w.shape[0] // self.G, 1)
        return sum(w[:, :, k] * x[..., k : k + n] for k in range(w.shape[2])) + b[:, None]


class Stage(nn.Module):
    """A layer of the conditioning network: a grouped convolution, then LayerNorm over the channels."""

    def __init__(self, G, inner=1, outer=1):
        super().__init__()
        self.conv = Depthwise(G, 1, inner, outer)
        self.norm = nn.LayerNorm(G * outer)

    def forward(self, x):
        return self.norm(self.conv(x).mT).mT


class DFT:
    """1/n on the way to the spectrum, nothing on the way back."""

    parts = 2

    def to(self, x):
        return torch.fft.rfft(x, norm="forward")

    def back(self, y, n):
        return torch.fft.irfft(y, n, norm="forward")


class DCT:
    """The orthonormal DCT-II by a real DFT of the same length: even samples, then odd ones backwards."""

    parts = 1

    def __init__(self, n):
        k = torch.arange(n // 2 + 1)
        scale = torch.full((n // 2 + 1,), math.sqrt(2 / n))
        scale[0] = math.sqrt(1 / n)
        self.n, self.turn = n, torch.polar(scale, -math.pi / (2 * n) * k)
        self.turn_back = torch.polar(1 / scale, math.pi / (2 * n) * k)

    def to(self, x):
        n = self.n
        v = torch.cat([x[..., ::2], x[..., 1::2].flip(-1)], -1)
        s = torch.fft.rfft(v) * self.turn
        return torch.cat([s.real, -s.imag[..., 1 : (n + 1) // 2].flip(-1)], -1)

    def back(self, y, n):
        half = n // 2 + 1
        im = torch.cat([torch.zeros_like(y[..., :1]), -y[..., n - half + 1 :].flip(-1)], -1)
        v = torch.fft.irfft(torch.complex(y[..., :half], im) * self.turn_back, n)
        x = torch.stack([v[..., : n // 2], v[..., (n + 1) // 2 :].flip(-1)], -1).flatten(-2)
        return x if n % 2 == 0 else torch.cat([x, v[..., n // 2 : n // 2 + 1]], -1)


class Orchid(nn.Module):
    """The operator on u [B, L, D], both stages of the conditioning network."""

    def __init__(self, D, L, kind, transform, short=3, **filters):
        super().__init__()
        self.kind, self.D, self.L = kind, D, L
        self.f = DFT() if transform == "dft" else DCT(L)
        self.in_linear, self.out_linear = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.short = Depthwise(3 * D, short - 1, width=short)
        self.static, self.residual = Filter(D, L, **filters), Filter(D, L, **filters)
        self.time = Stage(D)
        if kind == "magnitude":
            self.bins = Stage(D, 1, self.f.parts)
        else:
            self.query, self.bins = Stage(D), Stage(D, self.f.parts, self.f.parts)

    def condition(self, v):
        """The sequences' own spectra [B, D, bins] from v [B, D, L]."""
        s, two = self.f.to(self.time(v)), self.f.parts == 2
        if self.kind == "magnitude":
            h = self.bins(s.real.square() + s.imag.square() if two else s.abs())
            return torch.complex(h[:, 0::2], h[:, 1::2]) if two else h
        q = self.f.to(self.query(v))
        if not two:
            return self.bins(s * q)
        s = s.conj() * q
        h = self.bins(torch.cat([s.real, s.imag], 1))
        return torch.complex(h[:, : self.D], h[:, self.D :])

    def forward(self, u):
        D, L, f = self.D, self.L, self.f
        p = self.in_linear(u).mT
        kernel = f.to(self.static()) + self.condition(p[:, 2 * D :])
        last, first, v = self.short(p).split(D, 1)
        z = v * first
        y = last * (f.back(f.to(z) * kernel, L) + self.static.skip[:, None] * z)
        x = u.mT
        y = y + f.back(f.to(x) * f.to(self.residual()), L) + self.residual.skip[:, None] * x
        return self.out_linear(y.mT)


class Attention(nn.Module):
    def __init__(self, D, head=64):
        super().__init__()
        self.heads = D // head if D % head == 0 else 1
        self.in_linear, self.out_linear = nn.Linear(D, 3 * D), nn.Linear(D, D)

    def forward(self, u):
        q, k, v = self.in_linear(u).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.out_linear(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, D, mix):
        super().__init__()
        self.mix, self.norm1, self.norm2 = mix, nn.LayerNorm(D), nn.LayerNorm(D)
        self.mlp = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Linear(4 * D, D))

    def forward(self, x):
        x = x + self.mix(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Recall(nn.Module):
    """The model of `orchid train recall`: logits of the last word of ids [B, L]."""

    def __init__(self, vocabulary, D, L, depth, mixer, kind, transform):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, D)
        attention = mixer == "attention"
        self.position = nn.Parameter(0.02 * torch.randn(L, D)) if attention else None
        self.blocks = nn.ModuleList(
            Block(D, Attention(D, D) if attention else Orchid(D, L, kind, transform)) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(D)

    def forward(self, ids):
        x = self.embedding(ids)
        if self.position is not None:
            x = x + self.position
        for block in self.blocks:
            x = block(x)
        return self.norm(x[:, -1]) @ self.embedding.weight.T


def recall_batch(batch, pairs, vocabulary):
    """Pairs of keys and their values from a dictionary a sequence, then a key that is asked, and the answers."""
    keys = (vocabulary - 2) // 2
    table = torch.randint(keys, 2 * keys, (batch, keys))
    key = torch.randint(keys, (batch, pairs))
    asked = key.gather(1, torch.randint(pairs, (batch, 1)))
    words = torch.stack([key, table.gather(1, key)], 2).flatten(1)
    ids = torch.cat([words, torch.full((batch, 1), vocabulary - 1), asked], 1)
    return ids, table.gather(1, asked)[:, 0]


def build(layer):
    torch._dynamo.reset()
    return torch.compile(layer, dynamic=False) if compiled else layer


def mixer_calls(r):
    B, L, D = r["shape"]
    layer = build(Attention(D) if r["kind"] == "attention" else Orchid(D, L, r["kind"], r["transform"]))
    u, g = torch.randn(B, L, D, requires_grad=True), torch.randn(B, L, D)

    def forward():
        with torch.no_grad():
            layer(u)

    def both():
        layer.zero_grad(set_to_none=True)
        u.grad = None
        layer(u).backward(g)

    calls = {"forward_ms": forward}
    if r.get("pass", "both") == "both":
        calls["forward_backward_ms"] = both
    return calls


def fft_calls(r):
    L, C = r["shape"]
    x = torch.randn(C, L)  # each channel in one piece, which suits it best
    f = build(lambda x: torch.fft.irfft(torch.fft.rfft(x), L))
    return {"ms": lambda: f(x)}


def gemm_calls(r):
    M, K, N = r["shape"]
    x, w, dy = torch.randn(M, K), torch.randn(N, K), torch.randn(M, N)
    y, dx, dw = torch.empty(M, N), torch.empty(M, K), torch.empty(N, K)
    return {
        "y = x W'": lambda: torch.mm(x, w.T, out=y),
        "dx = dy W": lambda: torch.mm(dy, w, out=dx),
        "dW = dy'x": lambda: torch.mm(dy.T, x, out=dw),
    }


def step_calls(r):
    pairs = r["length"] // 2
    model = Recall(r["vocabulary"], r["width"], 2 * pairs + 2, r["depth"], r["mixer"], r["kind"], r["transform"])
    run = build(model)
    adamw = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01)

    def step():
        ids, answers = recall_batch(r["batch"], pairs, r["vocabulary"])
        adamw.zero_grad(set_to_none=True)
        F.cross_entropy(run(ids), answers).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adamw.step()

    return {"step_ms": step}


def bert_calls(r):
    """BertForMaskedLM, base: the loss of masked words, without dropout."""
    from transformers import BertConfig, BertForMaskedLM

    positions = max(512, r["shape"][1])
    c = BertConfig(max_position_embeddings=positions, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="sdpa")
    model = BertForMaskedLM(c).train()
    run = build(model)
    words = torch.randint(1000, c.vocab_size, r["shape"])
    masked = torch.rand(words.shape) < r["masked"]
    batch = {"input_ids": words.masked_fill(masked, 103), "labels": words.masked_fill(~masked, -100)}

    def forward():
        with torch.no_grad():
            run(**batch)

    def both():
        model.zero_grad(set_to_none=True)
        run(**batch).loss.backward()

    return {"forward_ms": forward} | ({"forward_backward_ms": both} if r.get("pass", "both") == "both" else {})


makers = {"operator": mixer_calls, "attention": mixer_calls, "fft": fft_calls, "gemm": gemm_calls, "step": step_calls, "bert": bert_calls}


def smallest(call, repeat):
    """The same rule as that of `orchid bench`: what is short is called more often than asked."""
    best, count, begin = math.inf, 0, time.perf_counter()
    while count < repeat or count < 200 and time.perf_counter() - begin < 0.1:
        start = time.perf_counter()
        call()
        best, count = min(best, time.perf_counter() - start), count + 1
    return 1e3 * best


def forget_peak():
    """Forgets the peak of resident memory, where the system has a way to."""
    if os.path.exists("/proc/self/clear_refs"):
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")


def peak_rss():
    """In MB, 0 where the system does not tell."""
    if not os.path.exists("/proc/self/status"):
        return 0
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) // 1024 for line in f if line.startswith("VmHWM:"))


def serve():
    built, calls = None, {}
    print(json.dumps({"ready": "torch " + torch.__version__}), flush=True)
    for text in sys.stdin:
        r = json.loads(text)
        repeat, threads = r.pop("repeat", 5), r.pop("threads", 2)
        torch.set_num_threads(threads)
        try:
            if r != built:
                calls, built = {}, r  # the one before goes first
                calls = makers[r["what"]](r)
            answer = {"peak_rss_mb": 0}
            for name, call in calls.items():
                call()
                forget_peak()  # that of compiling
                answer[name] = smallest(call, repeat)
                answer["peak_rss_mb"] = max(answer["peak_rss_mb"], peak_rss())
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


def read_safetensors(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        body = f.read()
    meta = header.pop("__metadata__")
    tensors = {}
    for name, t in header.items():
        a, b = t["data_offsets"]
        tensors[name] = torch.frombuffer(bytearray(body[a:b]), dtype=torch.float32).reshape(t["shape"])
    return meta, tensors


def verify(path):
    """Compares with the authors' layer: a golden file with weights, input, output and gradients."""
    meta, t = read_safetensors(path)
    c = json.loads(meta["config"])
    kernel = c["conv_kernel"]
    kind = {"absfreq": "magnitude", "corrTime": "correlation"}[kernel["type"]]
    transform = {"fft": "dft", "dctxd-o": "dct-ortho", "dctx2-o": "dct-ortho"}[c["transform"]["name"]]
    filters = dict(features=c["emb_dim"], width=c["filter_order"], inner=c["num_inner_mlps"])
    m = Orchid(c["d_model"], c["l_max"], kind, transform, c["short_filter_order"], **filters)
    stages = {"time": "nn_model", "bins": "nn_model2"} if kind == "magnitude" else {"time": "nn_model_k", "query": "nn_model_q", "bins": "nn_model_frq"}
    theirs = {"short.conv": "conv1d_short"}
    for ours, name in stages.items():
        theirs[ours + ".conv.conv"] = f"conv_kernel_nn.{name}.conv1d_ls.0"
        theirs[ours + ".norm"] = f"conv_kernel_nn.{name}.norm_ls.0.norm_conv_kernel"
    for ours, name in {"static": "fixed_conv", "residual": "fixed_conv_res"}.items():
        theirs |= {ours + k: name + v for k, v in {".z": ".pos_emb.z", ".time": ".pos_emb.t", ".skip": ".bias", ".freq": ".implicit_filter.1.freq", ".deltas": ".modulation.deltas"}.items()}
        theirs |= {f"{ours}.layers.{i}": f"{name}.implicit_filter.{2 * i}" for i in range(len(m.static.layers))}

    def name(ours):
        if ours in theirs:
            return theirs[ours]
        head, _, tail = ours.rpartition(".")
        return theirs.get(head, head) + "." + tail

    m.load_state_dict({k: t["param/" + name(k)].reshape(v.shape) for k, v in m.state_dict().items()})
    m = build(m)
    u = t["input"].clone().requires_grad_()
    y = m(u)
    y.backward(t["grad_output"])
    pairs = {"output": (y, t["output"]), "grad/input": (u.grad, t["grad/input"])}
    for k, p in m.named_parameters():
        k = name(k.removeprefix("_orig_mod."))
        if "grad/" + k in t:
            pairs[k] = (p.grad, t["grad/" + k])
    errors = {k: float((a.detach().reshape(b.shape) - b).abs().max() / b.abs().max()) for k, (a, b) in pairs.items()}
    worst = max(errors, key=errors.get)
    print(f"{path}: output {errors['output']:.1e}, largest of {len(errors)} tensors {errors[worst]:.1e} ({worst})")
    return errors["output"] <= 1e-5 and errors[worst] <= 1e-4


def main():
    global compiled, taps
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--compile", action="store_true", help="run everything through torch.compile")
    a.add_argument("--taps", action="store_true", help="write short convolutions out, for the compiler")
    a.add_argument("--verify", nargs="+", metavar="FILE", help="compare with golden files of the authors' layer and stop")
    o = a.parse_args()
    compiled, taps = o.compile, o.taps
    torch.manual_seed(1)
    if o.verify:
        sys.exit(0 if all([verify(f) for f in o.verify]) else 1)
    serve()


if __name__ == "__main__":
    main()
