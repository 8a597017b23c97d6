"""Makes taken.vectors.json: pictures whose EXIF says when they were taken.

    pip install Pillow==13.0.0 && python taken.vectors.py
"""

import base64
import io
import json
import pathlib

from PIL import Image

pictures = []
for form in ("JPEG", "PNG", "WebP"):
    for zone, orientation in (("", 1), ("+02:00", 6)):
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x0132] = "2026:01:01 00:00:00"
        own = exif.get_ifd(0x8769)
        own[0x9003] = "2018:06:01 12:11:31"
        if zone:
            own[0x9011] = zone
        file = io.BytesIO()
        Image.new("RGB", (8, 6), (9, 90, 200)).save(file, form, exif=exif)
        taken = Image.open(io.BytesIO(file.getvalue())).getexif().get_ifd(0x8769)
        pictures.append({"what": f"{form}{zone and ' in the zone ' + zone}", "file": base64.b64encode(file.getvalue()).decode(), "taken": taken[0x9003] + taken.get(0x9011, "")})

target = pathlib.Path(__file__).with_name("taken.vectors.json")
target.write_text(json.dumps(pictures) + "\n")
