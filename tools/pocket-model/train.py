"""Trains the bundled model from the tokens that the C# program wrote. PyTorch is all it needs.

usage: train.py DATA OUT [--minutes M] [--batch N] [--resume]

DATA has train.bin.gz and held-out.bin.gz: unsigned 16-bit tokens, conversations ended by token 0. OUT receives
checkpoint.pt while it runs, loss.csv, and at the end weights.bin (float32, in the order of weights.txt).
"""
import argparse
import gzip
import math
import os
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

VOCABULARY, WIDTH, LAYERS, HEADS, KV_HEADS, HEAD, HIDDEN, CONTEXT = 2048, 192, 6, 6, 2, 32, 512, 1024
ROPE_BASE, EPSILON = 10000.0, 1e-5
END = 2  # <|im_end|>


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        y = x.float()
        return (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + EPSILON)).type_as(x) * self.weight.type_as(x)


def rotate(x, cos, sin):
    # Pairs are neighbours, as llama's GGUF files have them.
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn_norm, self.ffn_norm = Norm(), Norm()
        self.q = nn.Linear(WIDTH, HEADS * HEAD, bias=False)
        self.k = nn.Linear(WIDTH, KV_HEADS * HEAD, bias=False)
        self.v = nn.Linear(WIDTH, KV_HEADS * HEAD, bias=False)
        self.o = nn.Linear(HEADS * HEAD, WIDTH, bias=False)
        self.gate = nn.Linear(WIDTH, HIDDEN, bias=False)
        self.up = nn.Linear(WIDTH, HIDDEN, bias=False)
        self.down = nn.Linear(HIDDEN, WIDTH, bias=False)

    def forward(self, x, cos, sin):
        n, t, _ = x.shape
        y = self.attn_norm(x)
        q = rotate(self.q(y).view(n, t, HEADS, HEAD).transpose(1, 2), cos, sin)
        k = rotate(self.k(y).view(n, t, KV_HEADS, HEAD).transpose(1, 2), cos, sin)
        v = self.v(y).view(n, t, KV_HEADS, HEAD).transpose(1, 2)
        k, v = (z.repeat_interleave(HEADS // KV_HEADS, 1) for z in (k, v))
        if hasattr(F, "scaled_dot_product_attention"):
            a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            s = q @ k.transpose(-1, -2) / math.sqrt(HEAD)
            a = torch.softmax(s.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), -math.inf), -1) @ v
        x = x + self.o(a.transpose(1, 2).reshape(n, t, -1))
        y = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = Norm()
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                scale = 0.02 / math.sqrt(2 * LAYERS) if name.endswith(("o.weight", "down.weight")) else 0.02
                nn.init.normal_(weight, std=scale)
        angles = torch.outer(torch.arange(CONTEXT).float(), ROPE_BASE ** (-torch.arange(0, HEAD, 2).float() / HEAD))
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, tokens):
        x = self.embedding(tokens)
        t = tokens.shape[1]
        cos, sin = self.cos[:t].type_as(x), self.sin[:t].type_as(x)
        for layer in self.layers:
            x = layer(x, cos, sin)
        return F.linear(self.norm(x), self.embedding.weight)


def read(path):
    with gzip.open(path) as file:
        data = bytearray(file.read())
    return torch.frombuffer(data, dtype=torch.int16).long() & 0xFFFF


def answer_mask(tokens, assistant):
    """True for tokens that an assistant turn says, its end mark included: all that the loss counts in full."""
    n = len(assistant)
    opens = torch.ones(len(tokens), dtype=torch.bool)
    opens[:n] = False
    for i, token in enumerate(assistant):
        opens[n:] &= tokens[i:len(tokens) - n + i] == token
    closes = torch.zeros_like(opens)
    closes[1:] = tokens[:-1] == END
    at = torch.arange(len(tokens))
    last = lambda marks: torch.where(marks, at, -1).cummax(0).values
    return last(opens) > last(closes)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data")
    options.add_argument("out")
    options.add_argument("--minutes", type=float, default=95)
    options.add_argument("--batch", type=int, default=0)
    options.add_argument("--peak", type=float, default=3e-3)
    options.add_argument("--resume", action="store_true")
    options = options.parse_args()
    os.makedirs(options.out, exist_ok=True)
    gpu = torch.cuda.is_available()
    device = "cuda" if gpu else "cpu"
    batch = options.batch or (64 if gpu else 4)
    torch.manual_seed(1)
    with open(os.path.join(options.data, "assistant.txt")) as file:
        assistant = [int(x) for x in file.read().split()]
    train, held = read(os.path.join(options.data, "train.bin.gz")), read(os.path.join(options.data, "held-out.bin.gz"))
    weight_of = lambda tokens: torch.where(answer_mask(tokens, assistant), 1.0, 0.05)
    train_weight, held_weight = weight_of(train), (weight_of(held) == 1).float()
    print(f"{len(train):,} tokens, {(train_weight == 1).float().mean():.0%} of them answers", flush=True)
    # Each row of a batch begins with a conversation.
    begins = torch.cat((torch.zeros(1, dtype=torch.long), (train == 0).nonzero().flatten() + 1))
    begins = begins[begins < len(train) - CONTEXT - 1]
    train, train_weight, begins = train.to(device), train_weight.to(device), begins.to(device)
    held, held_weight = held.to(device), held_weight.to(device)

    model = Model().to(device)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters", flush=True)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}], lr=options.peak, betas=(0.9, 0.98))
    step, spent = 0, 0.0
    checkpoint = os.path.join(options.out, "checkpoint.pt")
    if options.resume and os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
    compute = torch.compile(model) if gpu else model
    generator = torch.Generator(device=device).manual_seed(step + 1)
    offsets = torch.arange(CONTEXT + 1, device=device)

    def loss_of(tokens, weight):
        with torch.autocast(device, dtype=torch.bfloat16, enabled=gpu):
            logits = compute(tokens[:, :-1])
        losses = F.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
        weight = weight[:, 1:].flatten()
        return (losses * weight).sum() / weight.sum()

    def held_out():
        rows = [(held[i:i + CONTEXT + 1], held_weight[i:i + CONTEXT + 1]) for i in range(0, len(held) - CONTEXT - 1, CONTEXT)][:batch * 2]
        with torch.no_grad():
            parts = [loss_of(torch.stack([r[0] for r in rows[i:i + batch]]), torch.stack([r[1] for r in rows[i:i + batch]])) for i in range(0, len(rows) // batch * batch, batch)]
        return torch.stack(parts).mean().item() if parts else math.nan

    log = open(os.path.join(options.out, "loss.csv"), "a" if options.resume else "w")
    total, started, shown = options.minutes * 60, None, 0.0
    while True:
        if started is None and (step > 4 or not gpu):
            started = time.time() - spent  # what compiling takes is not counted
        spent = time.time() - started if started else 0.0
        done = min(1.0, spent / total)
        if done >= 1:
            break
        # Warm up, hold, and go down to zero over the last 40 %.
        rate = options.peak * min(1.0, (step + 1) / 300) * min(1.0, (1 - done) / 0.4)
        for group in optimizer.param_groups:
            group["lr"] = rate
        at = begins[torch.randint(len(begins), (batch,), device=device, generator=generator)]
        rows = at[:, None] + offsets
        loss = loss_of(train[rows], train_weight[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % (200 if gpu else 20) == 0:
            now = loss.item()
            seen = step * batch * CONTEXT
            log.write(f"{step},{seen},{now:.5f}\n")
            log.flush()
            if spent - shown > 15:
                shown = spent
                print(f"step {step:,}  {seen / 1e6:,.0f} M tokens  loss {now:.4f}  held out {held_out():.4f}  {spent / 60:.1f} of {options.minutes:.0f} min", flush=True)
                torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "spent": spent}, checkpoint)
    print(f"end: step {step:,}, {step * batch * CONTEXT / 1e6:,.0f} M tokens, held out {held_out():.4f}", flush=True)
    with open(os.path.join(options.out, "weights.bin"), "wb") as file, open(os.path.join(options.out, "weights.txt"), "w") as names:
        for name, weight in model.state_dict().items():
            file.write(weight.detach().float().cpu().numpy().astype("<f4").tobytes())
            names.write(f"{name} {' '.join(str(x) for x in weight.shape)}\n")


main()
