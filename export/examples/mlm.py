"""Fills the [MASK] of a text: python example.py "A text with a [MASK] in it." """

import os
import sys

import torch

from modeling_orchid import encode, load, vocabulary

folder = os.path.dirname(os.path.abspath(__file__))
text = sys.argv[1] if len(sys.argv) > 1 else "A text with a [MASK] in it."
model, names = load(folder), vocabulary(folder)
words, types = encode(folder, text)
with torch.no_grad():
    logits = model(words, types)[0, :, : len(names)]  # [L, V]; more are there only to fill up
for place in (words[0] == model.c.mask_token_id).nonzero()[:, 0].tolist():
    best = logits[place].softmax(-1).topk(5)
    print(place, [(names[i], round(p, 4)) for p, i in zip(best.values.tolist(), best.indices.tolist())])
