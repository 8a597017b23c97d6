"""The model card, `README.md` of the package."""

from droughtwatch.chips import Chips
from droughtwatch.evaluation import Scores
from droughtwatch.package import Trained
from droughtwatch.source import SOURCE
from droughtwatch.variants import Derived, Variant


def card_of(trained: Trained, train: Chips, held_out: Chips, scores: Scores, *, is_dealt: bool) -> str:
    """What the model is, how it was trained, and how right it was: generated, so that a person adds what it is meant for."""
    variant = trained.variant
    low, high = scores.interval
    return f"""# {trained.model} {trained.version}

Tells from a Landsat 8 chip how many cows the land in its middle can feed. {variant.description}

| | |
| --- | --- |
| Input | {inputs(variant)}, of a {SOURCE.height} × {SOURCE.width} chip of 30 m pixels, uint8, channels last |
| Output | a probability for each of {", ".join(f"`{name}`" for name in SOURCE.classes)} |
| Network | five 3 × 3 convolutions with max pooling, a dense layer of {variant.network.dense}, softmax; {trained.parameters:,} parameters; Keras, exported to ONNX |
| Training | cross-entropy with class weights, Adam; [all settings](#settings) |
| Chips to train on | {counts(train)} |
| Chips held out | {counts(held_out)} |
| Trained | {trained.at:%Y-%m-%d %H:%M} UTC, on {trained.device} |

## How right it is

{WARNING if is_dealt else ""}By `swath classify`, it is right for **{scores.right:,} of {scores.chips:,} chips ({scores.accuracy:.1%})** that were held out, with a 95 % interval
from {low:.1%} to {high:.1%} (Wilson). That is its `swath:expected_accuracy`.

{confusion_table(scores)}

`reference.json` holds what the model predicts for these chips.

## Settings

```toml
{variant.as_toml}```

## Source and licence

- **Network and settings**: Sergei Ossokine, [droughtwatch_capstone](https://github.com/SergeiOssokine/droughtwatch_capstone), MIT licence.
- **Data**: files with the SHA-256 `{trained.data}` over their names and contents, in the form of the _droughtwatch_ benchmark of Weights & Biases. Hobbs & Svetlichnaya 2020, _Satellite-based Prediction of Forage Conditions for
  Livestock in Northern Kenya_, [arXiv:2004.04081](https://arxiv.org/abs/2004.04081). The imagery is USGS Landsat 8, in the public domain.

## What it is not for

Where forage, insurance or aid is decided, use a model that was validated for it. It knows Landsat 8 over Northern Kenya, stretched to 8 bits by
the data set's makers: neither other sensors, nor other regions, nor reflectances.
"""


WARNING = """**These figures may be too good.** No files were held out, so two of each five chips were: chips of the same files are alike.

"""


def not_calibrated(why: str) -> str:
    """The section that stands where `swath model calibrate` would have written its own."""
    return f"\n## Calibration\n\nThe probabilities are the softmax's and are not calibrated. {why}\n"


def counts(chips: Chips) -> str:
    """How many chips, of which classes, and how many more the files have."""
    numbers = [int((chips.labels == value).sum()) for value in range(len(SOURCE.classes))]
    classes = ", ".join(f"{name} {number:,}" for name, number in zip(SOURCE.classes, numbers, strict=True))
    return f"{len(chips):,}: {classes}; {others(chips)}"


def others(chips: Chips) -> str:
    """What was left out of files, and what was labelled by tables."""
    return f"{chips.blank:,} blank and {chips.unlabelled:,} unlabelled left out, {chips.from_tables:,} labelled by truth.csv"


def inputs(variant: Variant) -> str:
    """The inputs in words."""
    return ", ".join(f"{one.name} = `{one.expression}`" if isinstance(one, Derived) else f"{one} / 255" for one in variant.inputs)


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
