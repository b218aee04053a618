#!/usr/bin/env python3
"""Orchid beside the strongest PyTorch on this machine, in one run: a table of times and ratios.

Started by run.sh, which installs what it needs. PyTorch runs in several ways: as installed; with tcmalloc, which
spares the page faults of large temporaries; with tcmalloc and torch.compile; and with short convolutions written out
tap by tap too, which helps the compiler. A ratio is PyTorch's time over ours, cell by cell: that of the fastest way
with PyTorch's own convolutions, and behind it that of the fastest of all. Rounds alternate between all programs, so
that noise of the machine meets each of them; the smallest time counts.
"""

import argparse
import glob
import json
import math
import os
import random
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
SHAPES = "8x128x128,8x1024x256,1x4096x256,1x16384x256,1x65536x64,1x131072x32"
KINDS = "magnitude/dft,magnitude/dct-ortho,correlation/dft"
MEMORY = "peak_rss_mb"  # a column that is no time: shown, but not in the summary
# The ways of running PyTorch: options of torch_peer.py, and whether tcmalloc is loaded.
WAYS = {
    "eager": ([], False),
    "tcmalloc": ([], True),
    "compiled": (["--compile"], True),
    "taps": (["--compile", "--taps"], True),
}


class Torch:
    """A PyTorch process that keeps what it has built for the present cell."""

    def __init__(self, way):
        options, fast_malloc = WAYS[way]
        args = [sys.executable, os.path.join(here, "torch_peer.py"), *options]
        env = os.environ | ({"LD_PRELOAD": tcmalloc()} if fast_malloc else {})
        self.way, self.errors = way, tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(args, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.read()  # that it is ready: nothing else is measured while it loads

    def read(self):
        text = self.process.stdout.readline()
        if not text:
            self.errors.seek(0)
            sys.exit(f"compare.py: PyTorch ({self.way}) ended:\n{self.errors.read()[-2000:]}")
        return json.loads(text)

    def measure(self, cell, repeat):
        self.process.stdin.write(json.dumps({**cell.request, "repeat": repeat}) + "\n")
        self.process.stdin.flush()
        answer = self.read()
        if "error" in answer:
            print(f"compare.py: PyTorch ({self.way}), {cell.name}: {answer['error']}", file=sys.stderr)
            return {}
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Orchid:
    """Our program, a process a measurement."""

    way = "orchid"

    def __init__(self, binary):
        self.binary = binary

    def measure(self, cell, repeat):
        args = [self.binary, "bench", *cell.args, "--json", f"--repeat={repeat}"]
        r = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if r.returncode:
            sys.exit(f"compare.py: {' '.join(args)}:\n{r.stderr}")
        rows = [json.loads(line) for line in r.stdout.splitlines()]
        cell.row = rows[0]
        return cell.read(rows)

    def close(self):
        pass


class Cell:
    """One thing to measure: what PyTorch is asked, our arguments, and how our answer reads in its columns."""

    def __init__(self, name, request, args, read):
        self.name, self.request, self.args, self.read, self.row = name, request, args, read, {}


def first_row(*columns):
    return lambda rows: {c: rows[0][c] for c in columns if c in rows[0]}


def sizes(text):
    return [int(n) for n in text.split("x")]


def mixers(o, what, kinds, shapes):
    """Cells of the operator or of attention; kinds are (label, request, arguments)."""
    for label, request, args in kinds:
        for shape in (o.shapes or shapes).split(","):
            asked = {"what": what, **request, "shape": sizes(shape), "pass": o.passes, "threads": o.threads}
            ours = [what, *args, f"--shapes={shape}", f"--pass={o.passes}", f"--threads={o.threads}"]
            yield Cell(f"{label} {shape}", asked, ours, first_row("forward_ms", "forward_backward_ms"))


def operator(o):
    kinds = [k.split("/") for k in (o.kinds or KINDS).split(",")]
    return mixers(o, "operator", [(f"{k}/{t}", {"kind": k, "transform": t}, [f"conditioner={k}", f"transform={t}"]) for k, t in kinds], SHAPES)


def attention(o):
    return mixers(o, "attention", [("attention", {"kind": "attention"}, [])], "8x1024x256,1x4096x256,1x16384x256")


def fft(o):
    for shape in (o.shapes or "128x256,1000x256,1024x256,4096x256,16000x256,16384x256,65536x64,131072x64").split(","):
        request = {"what": "fft", "shape": sizes(shape), "threads": 1}
        yield Cell(f"fft {shape}", request, ["fft", f"--shapes={shape}", "--no-primes", "--threads=1"], first_row("ms"))


def gemm(o):
    for shape in (o.shapes or "1024x1024x1024,8192x256x768,131072x64x64").split(","):
        for threads in sorted({1, o.threads}):
            request = {"what": "gemm", "shape": sizes(shape), "threads": threads}

            def read(rows, threads=threads):
                return {r["product"]: r["ms"] for r in rows if r["threads"] == threads}

            yield Cell(f"gemm {shape}, threads {threads}", request, ["gemm", f"--shapes={shape}", f"--threads={threads}"], read)


def step(o):
    """Training steps of the recall model; shapes are BxL."""
    for mixer in ("orchid", "attention"):
        for shape in (o.shapes or "32x128,32x1024").split(","):
            batch, length = sizes(shape)
            request = {"what": "step", "mixer": mixer, "kind": "magnitude", "transform": "dct-ortho", "batch": batch, "length": length}
            request |= {"vocabulary": 20, "width": 64, "depth": 2, "threads": o.threads}
            settings = [f"{k}={request[k]}" for k in ("mixer", "transform", "batch", "length", "vocabulary", "width", "depth")]
            args = ["step", *settings, f"--threads={o.threads}"]
            yield Cell(f"step {mixer} {shape}", request, args, first_row("step_ms"))


def bert(o):
    """BERT and Orchid-BERT, each beside BertForMaskedLM of transformers; shapes are BxL. In both programs no dropout,
    and the loss of 30 % of the words, for which theirs scores all words."""
    columns = ["forward_ms", "forward_backward_ms", MEMORY] if o.passes == "both" else ["forward_ms"]
    with tempfile.TemporaryDirectory() as folder:
        for shape in (o.shapes or "8x128").split(","):
            batch, length = sizes(shape)
            request = {"what": "bert", "shape": [batch, length], "masked": 0.3, "pass": o.passes, "threads": o.threads}
            settings = [*random_text(folder, 100 * batch, length - 2), f"batch={batch}", "accumulate=1", f"length={length}", "mask=0.3", "dropout=0"]
            if length > 128:
                settings.append(f"max-length={length}")

            def read(rows, tokens=batch * length):
                missing = [c for c in (*columns, "tokens") if c not in rows[0]]
                if missing:
                    sys.exit(f"compare.py: orchid bench step --task=mlm says nothing of {', '.join(missing)}")
                if rows[0]["tokens"] != tokens:
                    sys.exit(f"compare.py: orchid bench step --task=mlm measured {rows[0]['tokens']} tokens, PyTorch {tokens}")
                return {c: rows[0][c] for c in columns}

            for preset in ("bert-base", "orchid-bert-base"):
                args = ["step", *settings, "--task=mlm", f"--preset={preset}", f"--threads={o.threads}"]
                yield Cell(f"{preset} {shape}", request, args, read)


def random_text(folder, lines, words):
    """Settings that name a text of random words and a vocabulary of as many as bert-base-uncased has."""
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(30517))]
    draw = random.Random(1)
    text = (draw.choices(vocabulary[5:], k=words) for _ in range(lines))
    paths = [os.path.join(folder, name) for name in ("vocab.txt", f"{lines}x{words}.txt")]
    for path, content in zip(paths, (vocabulary, map(" ".join, text))):
        with open(path, "w") as f:
            f.writelines(line + "\n" for line in content)
    return [f"tokenizer={paths[0]}", f"data={paths[1]}", f"cache={folder}"]


PARTS = {"operator": operator, "fft": fft, "gemm": gemm, "attention": attention, "step": step, "bert": bert}


def tcmalloc():
    found = glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4") + glob.glob("/usr/lib*/libtcmalloc_minimal.so.4")
    if not found:
        sys.exit("compare.py: no libtcmalloc_minimal.so.4; on Debian: apt-get install libtcmalloc-minimal4")
    return found[0]


def compare(cell, programs, o):
    """Returns {column: {way: ms}}, all programs in turn, round by round."""
    times = {}
    for _ in range(o.rounds):
        for p in programs:
            for column, ms in p.measure(cell, o.repeat).items():
                ways = times.setdefault(column, {})
                ways[p.way] = min(ms, ways.get(p.way, math.inf))
    return times


def show(cell, times, ways, o):
    """Prints the lines of a cell and returns their ratios, two each."""
    ratios = []
    for column, t in times.items():
        theirs = {w: t[w] for w in ways if t.get(w)}
        stock = [ms for w, ms in theirs.items() if w != "taps"]
        if not theirs or not t.get("orchid"):
            continue
        ours, best, unit = t["orchid"], min(theirs.values()), "mb" if column == MEMORY else "ms"
        ratio = (min(stock, default=best) / ours, best / ours)
        if column != MEMORY:
            ratios.append(ratio)
        row = {"cell": cell.name, "column": column, f"orchid_{unit}": ours, f"torch_{unit}": theirs, "ratio": ratio[0], "ratio_of_all": ratio[1]}
        floor = cell.row.get(column.removesuffix("ms") + "floor_ms")
        if floor:
            row |= {"floor_ms": floor, "floor_share": floor / ours}
        if "tokens" in cell.row and column != MEMORY:
            row |= {"orchid_tokens_s": 1e3 * cell.row["tokens"] / ours, "torch_tokens_s": 1e3 * cell.row["tokens"] / best}
        if o.json:
            print(json.dumps(row), flush=True)
            continue
        more = f"  {100 * row['floor_share']:.0f} % of the floor {floor:.2f}" if floor else ""
        if "orchid_tokens_s" in row:
            more += f"  tokens/s {row['orchid_tokens_s']:,.0f} against {row['torch_tokens_s']:,.0f}"
        name = cell.name if column == "ms" else f"{cell.name}, {column.removesuffix('_ms')}"
        print(line(name, ours, *(theirs.get(w, math.nan) for w in ways), *ratio) + more, flush=True)
    return ratios


def line(name, *cells):
    """Of a table: the last two cells are ratios."""
    texts = [c if isinstance(c, str) else f"{c:.3f}" for c in cells[:-2]] + [c if isinstance(c, str) else f"{c:.2f}" for c in cells[-2:]]
    return f"{name:<52}" + "".join(f"{t:>10}" for t in texts)


def summary(part, ratios, o):
    for name, values in zip(("ratio", "ratio of all"), zip(*ratios)):
        mean = math.exp(sum(map(math.log, values)) / len(values))
        if o.json:
            print(json.dumps({"part": part, "of": name, "count": len(values), "min": min(values), "geometric_mean": mean}), flush=True)
        else:
            print(f"{len(values)} of \"{name}\": smallest {min(values):.2f}, geometric mean {mean:.2f}", flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("parts", nargs="*", metavar="PART", help=f"what to compare: {', '.join(PARTS)}; all if none is given")
    a.add_argument("--orchid", default="orchid", help="our binary")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--rounds", type=int, default=3, help="turns of every program")
    a.add_argument("--repeat", type=int, default=5, help="measurements in a turn")
    a.add_argument("--shapes", help="of one part, in the form that orchid bench has for it; BxL for step and bert")
    a.add_argument("--kinds", help=f"of the operator, default {KINDS}")
    a.add_argument("--pass", dest="passes", choices=["forward", "both"], default="both")
    a.add_argument("--ways", default=",".join(WAYS), help="of running PyTorch, default all: %(default)s")
    a.add_argument("--json", action="store_true", help="a JSON object a line")
    o = a.parse_args()
    unknown = [p for p in o.parts if p not in PARTS]
    if unknown:
        a.error(f"no part {unknown[0]}; there are: {', '.join(PARTS)}")
    if o.shapes and len(o.parts) != 1:
        a.error("--shapes wants one part")
    for w in o.ways.split(","):
        if w not in WAYS:
            a.error(f"no way {w}; there are: {', '.join(WAYS)}")
    for part in o.parts or PARTS:
        ways = [w for w in o.ways.split(",") if part != "bert" or w != "taps"]  # it has no short convolutions
        programs = [Orchid(o.orchid), *(Torch(w) for w in ways)]
        if not o.json:
            print("\n" + line(f"{part}, ms", "orchid", *ways, "ratio", "of all"))
        ratios = []
        for cell in PARTS[part](o):
            ratios += show(cell, compare(cell, programs, o), ways, o)
        for p in programs:
            p.close()
        if ratios:
            summary(part, ratios, o)


if __name__ == "__main__":
    main()
