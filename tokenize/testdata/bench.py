"""Hugging Face's tokenizers library, one thread: MB/s of text.

    TOKENIZERS_PARALLELISM=false /tmp/venv-tok/bin/python testdata/bench.py VOCAB TEXT

beside ORCHID_TEXT=TEXT go test -bench Append -cpu 1 . The library is timed on
the whole text at once and on its lines, in batches of 1,000.
"""
import pathlib
import sys
import time

from tokenizers import Tokenizer

from golden import tokenizer

t: Tokenizer = tokenizer(pathlib.Path(sys.argv[1]).read_text().split("\n")[:-1], "uncased")
text = pathlib.Path(sys.argv[2]).read_text()
size = len(text.encode()) / 1e6
lines = text.split("\n")


def whole():
    t.encode(text, add_special_tokens=False)


def batches():
    for i in range(0, len(lines), 1000):
        t.encode_batch(lines[i : i + 1000], add_special_tokens=False)


def fast():
    for i in range(0, len(lines), 1000):
        t.encode_batch_fast(lines[i : i + 1000], add_special_tokens=False)


for way in (whole, batches, fast):
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        way()
        best = min(best, time.perf_counter() - start)
    print("%-8s %6.2f MB/s" % (way.__name__, size / best))
