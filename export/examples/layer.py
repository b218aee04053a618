"""Runs the layer on random numbers [B, L, D]."""

import os

import torch

from modeling_orchid import load

layer = load(os.path.dirname(os.path.abspath(__file__)))
x = torch.randn(2, 50, layer.out_linear.weight.shape[0])
with torch.no_grad():
    print(layer(x).shape)
