"""Classifies pictures [B, H, W, C] of bytes; here one of noise, in place of yours."""

import os

import torch

from modeling_orchid import load

model = load(os.path.dirname(os.path.abspath(__file__)))
pictures = torch.randint(0, 256, (1, model.c.height, model.c.picture_width, model.c.channels))
with torch.no_grad():
    logits = model(model.normalize(pictures))[0]
for i, p in enumerate(logits.softmax(-1).tolist()):
    print(f"{p:.4f} {model.c.id2label[str(i)]}")
