"""Trains the bundled model from the tokens that the C# program wrote. PyTorch 1.13 or later is all it needs.

usage: train.py DATA OUT [--tokens N] [--step-tokens N] [--resume]

DATA has train.bin.gz, train-second.bin.gz for what follows the first 8 million tokens, and held-out.bin.gz: unsigned
16-bit tokens, conversations ended by token 0. OUT receives
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

VOCABULARY, WIDTH, LAYERS, HEADS, KV_HEADS, HEAD, HIDDEN, CONTEXT = 2048, 192, 5, 6, 2, 32, 448, 1024
ROPE_BASE, EPSILON = 10000.0, 1e-5
END = 2  # <|im_end|>
SECOND_FROM = 8e6  # tokens; from here on copying is trained most
ROW = 256  # Most conversations fit; the last part of the training has rows of the whole context.
LONG_PART = 0.03


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

    def forward(self, x, cos, sin, mask):
        n, t, _ = x.shape
        y = self.attn_norm(x)
        q = rotate(self.q(y).view(n, t, HEADS, HEAD).transpose(1, 2), cos, sin)
        k = rotate(self.k(y).view(n, t, KV_HEADS, HEAD).transpose(1, 2), cos, sin)
        v = self.v(y).view(n, t, KV_HEADS, HEAD).transpose(1, 2)
        if mask is None:
            k, v = (z.repeat_interleave(HEADS // KV_HEADS, 1) for z in (k, v))
            a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            # The query heads of one group share their keys: one product for all of them.
            q = q.reshape(n, KV_HEADS, -1, HEAD) / math.sqrt(HEAD)
            s = (q @ k.transpose(-1, -2)).view(n, KV_HEADS, HEADS // KV_HEADS, t, t) + mask
            a = (torch.softmax(s, -1).view(n, KV_HEADS, -1, t) @ v).view(n, HEADS, t, HEAD)
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
        self.has_fused = hasattr(F, "scaled_dot_product_attention")

    def forward(self, tokens):
        x = self.embedding(tokens)
        t = tokens.shape[1]
        cos, sin = self.cos[:t].type_as(x), self.sin[:t].type_as(x)
        mask = None if self.has_fused else torch.full((t, t), -1e9, device=x.device).triu(1)
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        return self.norm(x)

    def loss(self, hidden, targets, counted):
        # The head is computed where the loss counts, and nowhere else.
        return F.cross_entropy(F.linear(hidden[counted], self.embedding.weight).float(), targets[counted])


class Muon(torch.optim.Optimizer):
    """Momentum whose matrix is made orthogonal before each step (K. Jordan et al., 2024), by five steps of Newton and Schulz."""

    def __init__(self, parameters, lr):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                shapes.setdefault(tuple(p.shape), []).append(p)
            # Matrices of one shape together: alone each is too small to keep the cores busy.
            for (rows, columns), matrices in shapes.items():
                for p in matrices:
                    if not self.state[p]:
                        self.state[p]["momentum"] = torch.zeros_like(p)
                grads = torch.stack([p.grad for p in matrices])
                momenta = torch.stack([self.state[p]["momentum"] for p in matrices]).mul_(0.95).add_(grads)
                x = grads.add(momenta, alpha=0.95)
                x = x if rows <= columns else x.transpose(1, 2)
                x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
                for _ in range(5):
                    a = x @ x.transpose(1, 2)
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
                x = x if rows <= columns else x.transpose(1, 2)
                for p, momentum, direction in zip(matrices, momenta, x):
                    self.state[p]["momentum"].copy_(momentum)
                    p.mul_(1 - 0.01 * group["lr"]).add_(direction, alpha=-group["lr"] * max(1, rows / columns) ** 0.5)


def read(path):
    with gzip.open(path) as file:
        data = bytearray(file.read())
    return torch.frombuffer(data, dtype=torch.int16).long() & 0xFFFF


def answer_mask(tokens, assistant):
    """True for the tokens that an assistant turn says, its end mark included."""
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
    options.add_argument("--tokens", type=float, default=17.5e6, help="tokens of the whole training: about 100 minutes of two cores")
    options.add_argument("--step-tokens", type=int, default=0)
    options.add_argument("--resume", action="store_true")
    options = options.parse_args()
    os.makedirs(options.out, exist_ok=True)
    gpu = torch.cuda.is_available()
    device = "cuda" if gpu else "cpu"
    step_tokens = options.step_tokens or (65536 if gpu else 4096)
    torch.manual_seed(1)
    with open(os.path.join(options.data, "assistant.txt")) as file:
        assistant = [int(x) for x in file.read().split()]

    def part(name):
        tokens = read(os.path.join(options.data, name))
        mask = answer_mask(tokens, assistant)
        print(f"{name}: {len(tokens):,} tokens, {mask.float().mean():.0%} of them answers", flush=True)
        # Each row of a batch begins with a conversation.
        begins = torch.cat((torch.zeros(1, dtype=torch.long), (tokens == 0).nonzero().flatten() + 1))
        return [x.to(device) for x in (tokens, mask, begins[begins < len(tokens) - CONTEXT - 1])]

    first, second, (held, held_mask, _) = part("train.bin.gz"), part("train-second.bin.gz"), part("held-out.bin.gz")

    model = Model().to(device)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters", flush=True)
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and n.startswith("layers")]
    others = [p for n, p in model.named_parameters() if not (p.dim() == 2 and n.startswith("layers"))]
    optimizers = [Muon(matrices, lr=0.02), torch.optim.AdamW(others, lr=4e-3, betas=(0.9, 0.98), weight_decay=0.0)]
    peaks = [0.02, 4e-3]
    step, seen = 0, 0
    checkpoint = os.path.join(options.out, "checkpoint.pt")
    if options.resume and os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=device)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        step, seen = state["step"], state["seen"]
    compute = torch.compile(model) if gpu else model
    generator = torch.Generator(device=device).manual_seed(step + 1)

    def loss_of(tokens, mask):
        with torch.autocast(device, dtype=torch.bfloat16, enabled=gpu):
            hidden = compute(tokens[:, :-1])
            return model.loss(hidden, tokens[:, 1:], mask[:, 1:])

    def held_out():
        rows = range(0, min(len(held), 40 * ROW) - ROW - 1, ROW)
        with torch.no_grad():
            return loss_of(torch.stack([held[i:i + ROW + 1] for i in rows]), torch.stack([held_mask[i:i + ROW + 1] for i in rows])).item()

    def save():
        state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "seen": seen}
        torch.save(state, checkpoint + ".new")
        os.replace(checkpoint + ".new", checkpoint)

    log = open(os.path.join(options.out, "loss.csv"), "a" if options.resume else "w")
    # The schedule follows the tokens, not the clock: a training that was paused or stopped goes on as if it had not been.
    began, begun_at, shown = time.time(), seen, time.time()
    while seen < options.tokens:
        done = seen / options.tokens
        # Warm up, hold, and go down to zero over the last half.
        scale = min(1.0, (step + 1) / 50) * min(1.0, (1 - done) / 0.5)
        for optimizer, peak in zip(optimizers, peaks):
            for group in optimizer.param_groups:
                group["lr"] = peak * scale
        row = CONTEXT if done > 1 - LONG_PART else ROW
        train, train_mask, begins = first if seen < SECOND_FROM else second
        at = begins[torch.randint(len(begins), (step_tokens // row,), device=device, generator=generator)]
        rows = at[:, None] + torch.arange(row + 1, device=device)
        loss = loss_of(train[rows], train_mask[rows])
        model.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        step, seen = step + 1, seen + step_tokens
        if step % (200 if gpu else 10) == 0:
            log.write(f"{step},{seen},{loss.item():.5f}\n")
            log.flush()
            if time.time() - shown > (15 if gpu else 60):
                shown = time.time()
                left = (options.tokens - seen) * (shown - began) / (seen - begun_at)
                print(f"step {step:,}  {seen / 1e6:,.2f} of {options.tokens / 1e6:,.1f} M tokens  loss {loss.item():.4f}  held out {held_out():.4f}  {left / 60:.0f} min left", flush=True)
                save()
    save()
    print(f"end: step {step:,}, {seen / 1e6:,.1f} M tokens, held out {held_out():.4f}", flush=True)
    with open(os.path.join(options.out, "weights.bin"), "wb") as file, open(os.path.join(options.out, "weights.txt"), "w") as names:
        for name, weight in model.state_dict().items():
            file.write(weight.detach().float().cpu().numpy().astype("<f4").tobytes())
            names.write(f"{name} {' '.join(str(x) for x in weight.shape)}\n")


main()
