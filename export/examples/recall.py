"""Predicts the word that follows a sequence of words."""

import os

import torch

from modeling_orchid import load, read_safetensors

folder = os.path.dirname(os.path.abspath(__file__))
model = load(folder)
inputs, _ = read_safetensors(os.path.join(folder, "selftest.safetensors"))  # sequences that training never saw
words = inputs["ids"].long()
with torch.no_grad():
    answers = model(words)[:, -1].argmax(-1)
for sequence, answer in zip(words.tolist(), answers.tolist()):
    print(f"... {sequence[-1]} -> {answer}")
