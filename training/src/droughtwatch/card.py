"""The model card, `README.md` of the package."""

from droughtwatch.chips import Chips, Data
from droughtwatch.evaluation import Scores
from droughtwatch.package import Trained
from droughtwatch.source import SOURCE
from droughtwatch.variants import Derived, Variant


def card_of(trained: Trained, data: Data, train: Chips, scores: Scores) -> str:
    """What the model is, how it was trained, and how right it was: generated, so that a person adds what it is meant for."""
    variant = trained.variant
    low, high = scores.interval
    return f"""# {variant.model} {trained.version}

Tells from a Landsat 8 chip how many cows the land in its middle can feed. {variant.description}

| | |
| --- | --- |
| Input | {inputs(variant)}, of a {SOURCE.height} × {SOURCE.width} chip of 30 m pixels, uint8, channels last |
| Output | a probability for each of {", ".join(f"`{name}`" for name in SOURCE.classes)} |
| Network | five 3 × 3 convolutions with max pooling, a dense layer of 50, softmax; {trained.parameters:,} parameters; Keras, exported to ONNX |
| Training | cross-entropy, class weights {", ".join(f"{weight:g}" for weight in variant.class_weights)}, Adam at {variant.learning_rate:g}, batches of {variant.batch_size}, {variant.epochs} epochs, seed {variant.seed}, {len(train):,} chips |
| Trained | {trained.at:%Y-%m-%d %H:%M} UTC |

## How right it is

{warning(data)}By `swath classify`, it is right for **{scores.right:,} of {scores.chips:,} chips ({scores.accuracy:.1%})**, with a 95 % interval
from {low:.1%} to {high:.1%} (Wilson).

{confusion_table(scores)}

The probabilities are the softmax's and are not calibrated. `reference.json` holds what the model predicts for these chips.

## Source and licence

- **Network and settings**: Sergei Ossokine, [droughtwatch_capstone](https://github.com/SergeiOssokine/droughtwatch_capstone), MIT licence.
- **Data**: the _droughtwatch_ benchmark of Weights & Biases. Hobbs & Svetlichnaya 2020, _Satellite-based Prediction of Forage Conditions for
  Livestock in Northern Kenya_, [arXiv:2004.04081](https://arxiv.org/abs/2004.04081). The imagery is USGS Landsat 8, in the public domain.

## What it is not for

Where forage, insurance or aid is decided, use a model that was validated for it. It knows Landsat 8 over Northern Kenya, stretched to 8 bits by
the data set's makers: neither other sensors, nor other regions, nor reflectances.
"""


def inputs(variant: Variant) -> str:
    """The inputs in words."""
    return ", ".join(f"{one.name} = `{one.expression}`" if isinstance(one, Derived) else f"{one} / 255" for one in variant.inputs)


def warning(data: Data) -> str:
    """What has to be said of figures that say nothing."""
    if data.is_held_out:
        return ""
    return (
        "**These figures say nothing of accuracy.** There were no data to validate by, so the chips are those that it was trained on.\n\n"
    )


def confusion_table(scores: Scores) -> str:
    """Which class was taken for which, with each class's precision and recall."""
    head = f"| label ↓, predicted → | {' | '.join(SOURCE.classes)} | recall |"
    line = f"| --- | {' | '.join('---:' for _ in SOURCE.classes)} | ---: |"
    rows = [
        f"| {name} | {' | '.join(str(count) for count in row)} | {percent(recall)} |"
        for name, row, recall in zip(SOURCE.classes, scores.confusion, scores.recall, strict=True)
    ]
    last = f"| precision | {' | '.join(percent(one) for one in scores.precision)} | |"
    return "\n".join([head, line, *rows, last])


def percent(share: float | None) -> str:
    """A share, or a dash where there is none."""
    return "–" if share is None else f"{share:.1%}"
