"""Labels a text, or a pair of texts: python example.py "a text" ["another"]"""

import os
import sys

import torch

from modeling_orchid import encode, load

folder = os.path.dirname(os.path.abspath(__file__))
texts = sys.argv[1:3] or ["a text"]
model = load(folder)
words, types = encode(folder, *texts)
with torch.no_grad():
    y = model(words, types)[0]  # logits of the classes, or one value
    vector = model.vectors(words, types)[0]
if hasattr(model, "values"):
    print("value", y.item())
else:
    several = getattr(model.c, "labels", "single") == "multi"
    share = y.sigmoid() if several else y.softmax(-1)
    for i, p in enumerate(share.tolist()):
        print(f"{p:.4f} {model.c.id2label[str(i)]}")
print("vector", tuple(vector.shape), vector[:4].tolist())
