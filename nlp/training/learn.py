"""Teaching an encoder: from labelled sentences, and from a larger encoder's answers."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nlp.language.encoder import STEEPEST, TAGS, N
from nlp.training.batches import UNKNOWN, Batch, Lesson, batches
from nlp.training.network import Encoder

CARRIES_WEIGHT, TAGS_WEIGHT = 0.5, 0.5
HALF = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # elsewhere numbers of 16 bits are ten times slower
# Ordinary mail is hardly ever a breach: a sentence that nobody labelled counts as harmless, but much less than one that somebody did.
UNLABELLED_WEIGHT = 0.25


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast. Rates are peak rates: a tenth of the steps warms up, the rest falls to zero."""

    epochs: int
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    seed: int = 1


Lessons = Callable[[random.Random], list[Lesson]]


def scores(output: Tensor, batch: Batch) -> Tensor:
    """Logits of the labels for each sentence of a batch, as `nlp.language.encoder.scores` has them."""
    lessons, begins, ends = (torch.tensor(column) for column in zip(*((n, t.start, t.end) for n, t in batch.rows), strict=True))
    steps = torch.arange(int((ends - begins).max()))
    outside = steps >= (ends - begins)[:, None]
    pieces = output[lessons[:, None], (begins[:, None] + steps).clamp(max=output.shape[1] - 1)]
    weights = pieces[..., N : 2 * N].clamp(-STEEPEST, STEEPEST).masked_fill(outside[..., None], -torch.inf).softmax(1)
    return (weights * pieces[..., :N]).sum(1)


def wanted(batch: Batch) -> Tensor:
    """1 for each label that a sentence has, else 0."""
    found = torch.zeros(len(batch.rows), N)
    for row, (_, target) in enumerate(batch.rows):
        found[row, list(target.labels)] = 1
    return found


def loss_of_labels(output: Tensor, batch: Batch) -> Tensor:
    """How far an answer is from what people said: labels of sentences, the pieces that carry them, names."""
    loss = output.new_zeros(())
    if batch.rows:
        weights = torch.tensor([[1.0 if target.source else UNLABELLED_WEIGHT] for _, target in batch.rows])
        loss = loss + F.binary_cross_entropy_with_logits(scores(output, batch), wanted(batch), weights, reduction="sum") / len(batch.rows)
        carried, truth = [], []
        for lesson, target in batch.rows:
            if target.carries:
                answer = output[lesson, target.start : target.end, N : 2 * N][:, list(target.labels)]
                inside = torch.zeros_like(answer)
                inside[target.carries[0] - target.start : target.carries[1] - target.start] = 1
                carried.append(answer.reshape(-1))
                truth.append(inside.reshape(-1))
        if carried:
            loss = loss + CARRIES_WEIGHT * F.binary_cross_entropy_with_logits(torch.cat(carried), torch.cat(truth))
    if (batch.tags != UNKNOWN).any():
        loss = loss + TAGS_WEIGHT * F.cross_entropy(
            output[..., 2 * N :].reshape(-1, len(TAGS)), batch.tags.reshape(-1), ignore_index=UNKNOWN
        )
    return loss


def loss_of_teacher(output: Tensor, answer: Tensor, batch: Batch) -> Tensor:
    """How far an answer is from the teacher's, for every piece; for sentences also in what they come to."""
    known = batch.mask.bool() & (batch.segments == 0)
    mine, theirs = output[known], answer[known]
    loss = CARRIES_WEIGHT * F.binary_cross_entropy_with_logits(mine[:, N : 2 * N], theirs[:, N : 2 * N].sigmoid())
    loss = loss + TAGS_WEIGHT * F.kl_div(mine[:, 2 * N :].log_softmax(-1), theirs[:, 2 * N :].softmax(-1), reduction="batchmean")
    if batch.rows:
        mine, theirs = scores(output, batch), scores(answer, batch)
        loss = loss + F.binary_cross_entropy_with_logits(mine, theirs.sigmoid(), reduction="sum") / len(batch.rows)
        loss = loss + 0.05 * F.mse_loss(mine, theirs, reduction="sum") / len(batch.rows)
    return loss


def _warm_and_fall(optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """A tenth of the steps up to the peak rate, the rest down to nearly none."""
    warm = max(steps // 10, 1)
    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max((steps - step) / max(steps - warm, 1), 0.02))
    )


def teach(encoder: Encoder, lessons: Lessons, schedule: Schedule, tell: Callable[[str], None] = print) -> Encoder:
    """Train an encoder in place, epoch by epoch on new lessons; where these have a teacher's answers, by them too. The same seed gives the
    same weights on the same machine."""
    torch.manual_seed(schedule.seed)
    chance = random.Random(schedule.seed)
    encoder.freeze_words()
    head = [*encoder.head.parameters(), *encoder.written.parameters()]
    inside = [p for p in encoder.bert.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": inside, "lr": schedule.encoder_rate}, {"params": head, "lr": schedule.head_rate}], weight_decay=0.01
    )
    rates: torch.optim.lr_scheduler.LambdaLR | None = None
    for epoch in range(schedule.epochs):
        todo = batches(lessons(chance), chance)
        if rates is None:
            rates = _warm_and_fall(optimiser, len(todo) * schedule.epochs)
        encoder.train()
        total = 0.0
        for batch in todo:
            with torch.autocast("cpu", torch.bfloat16, enabled=HALF):
                output = encoder(batch.ids, batch.written, batch.segments, batch.mask)
            loss = loss_of_labels(output.float(), batch)
            if batch.answers is not None:
                loss = 0.5 * loss + loss_of_teacher(output.float(), batch.answers, batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimiser.step()
            rates.step()
            total += loss.item()
        tell(f"epoch {epoch + 1} of {schedule.epochs}: loss {total / len(todo):.4f}, {len(todo)} steps")
    return encoder.eval()
