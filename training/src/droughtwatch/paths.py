"""Where things lie. This project is installed in place, as uv does, so they lie around this file."""

from pathlib import Path

TRAINING = Path(__file__).parents[2]
PROJECT = TRAINING.parent
VARIANTS = TRAINING / "variants"
BUNDLED = PROJECT / "models" / "droughtwatch-baseline" / "1.0.0"
SWATH = PROJECT / "cli" / "swath.mjs"
