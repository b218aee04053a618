"""Classifies sequences of numbers [B, L, C], with the values that they have in files; here one of noise."""

import os

import torch

from modeling_orchid import load

model = load(os.path.dirname(os.path.abspath(__file__)))
signals = torch.randn(1, model.c.max_length, model.c.channels)
with torch.no_grad():
    logits = model(signals)[0]
for i, p in enumerate(logits.softmax(-1).tolist()):
    print(f"{p:.4f} {model.c.id2label[str(i)]}")
