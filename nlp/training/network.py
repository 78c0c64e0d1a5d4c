"""The encoder: MiniLM's first layers with linear heads over every piece of a word.

One pass gives for each piece, side by side: what it adds to each label of its sentence, whether it carries that label, and whether it
stands in a person's name or an address. A sentence's score is the mean of what its pieces add, each weighing as it carries the label.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from nlp.language import LABELS
from nlp.language.encoder import TAGS

WIDTH = 384
TALLEST = 6.0  # what leaves an activation, or enters the one after it, is kept within this: eight bits must do for the range
OUTPUTS = 2 * len(LABELS) + len(TAGS)  # by piece: adds to label, carries label, tag


class _ClippedGelu(nn.Module):
    def forward(self, given: Tensor) -> Tensor:
        return nn.functional.gelu(given).clamp(max=TALLEST)


class Encoder(nn.Module):
    """`layers` of MiniLM and the heads. Input: ids, how written, segments, mask (batch × pieces); output: batch × pieces × OUTPUTS."""

    def __init__(self, layers: int, vocabulary: int = 30522) -> None:
        super().__init__()
        config = BertConfig(
            vocab_size=vocabulary,
            hidden_size=WIDTH,
            num_hidden_layers=layers,
            num_attention_heads=12,
            intermediate_size=1536,
            attention_probs_dropout_prob=0.0,  # drawing its numbers costs a tenth of the time, and the other dropout does as well
        )
        config._attn_implementation = "sdpa"
        self.bert = BertModel(config, add_pooling_layer=False)
        for layer in self.bert.encoder.layer:
            layer.intermediate.dense.register_forward_pre_hook(lambda _, given: (given[0].clamp(-TALLEST, TALLEST),))
            layer.intermediate.intermediate_act_fn = _ClippedGelu()
        self.written = nn.Embedding(4, WIDTH)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(WIDTH, OUTPUTS)
        nn.init.zeros_(self.written.weight)
        nn.init.normal_(self.head.weight, std=0.02)
        with torch.no_grad():
            self.head.bias.zero_()
            self.head.bias[: 2 * len(LABELS)] = -1.5

    def forward(self, ids: Tensor, written: Tensor, segments: Tensor, mask: Tensor | None = None) -> Tensor:
        embedded = self.bert.embeddings.word_embeddings(ids) + self.written(written)
        hidden = self.bert(inputs_embeds=embedded, token_type_ids=segments, attention_mask=mask).last_hidden_state
        return self.head(self.dropout(hidden))

    def freeze_words(self) -> None:
        """Keep the vocabulary's embeddings as they are: a word that no sentence of ours has stays beside its neighbours."""
        self.bert.embeddings.word_embeddings.weight.requires_grad = False


def pretrained(weights: Path, layers: int) -> Encoder:
    """An encoder with the first layers of the published weights (a safetensors file)."""
    encoder = Encoder(layers)
    published = {k: v for k, v in load_file(weights).items() if not k.startswith("pooler.")}
    missing, _ = encoder.bert.load_state_dict(published, strict=False)
    if missing:
        raise ValueError(f"{weights.name} lacks {len(missing)} weights, {missing[0]} among them")
    return encoder


def first_layers(teacher: Encoder, layers: int) -> Encoder:
    """A smaller encoder that begins as the teacher's first layers."""
    student = Encoder(layers, teacher.bert.config.vocab_size)
    kept = {k: v for k, v in teacher.state_dict().items() if k in student.state_dict()}
    student.load_state_dict(kept)
    return student
