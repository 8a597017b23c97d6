"""Makes siblings.vectors.json: what GDAL writes beside pictures that cannot say where they lie, and where it then sees them.

    python vectors.py    (needs rasterio 1.4.4 with GDAL 3.10.3, and numpy)

A PNG of 6 × 4 pixels, the files beside it, the transform, EPSG's code, the value that stands for none with where there is data,
and the top left corner in longitude and latitude. It shares no code with the service.
"""

import base64
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
import rasterio.warp
from rasterio.transform import Affine

HERE = Path(__file__).resolve().parent
warnings.simplefilter("ignore")
VALUES = (np.arange(24).reshape(1, 4, 6) % 9 + 1).astype("uint8")
UTM = Affine(10, 0, 500000, 0, -10, 6000000)

LAEA = "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +units=m"
CASES = [
    ("UTM", UTM, "EPSG:32632", {}),
    ("degrees", Affine(0.001, 0, 8, 0, -0.002, 51), "EPSG:4326", {}),
    ("turned", UTM * Affine.rotation(30), "EPSG:25832", {}),
    ("web Mercator", UTM, "EPSG:3857", {}),
    ("a system of two", UTM, "EPSG:32632+5773", {}),
    ("a system of its own", Affine(10, 0, 4321000, 0, -10, 3210000), LAEA, {}),
    ("a nodata value", UTM, "EPSG:32632", {"nodata": 3}),
    ("a world file alone", UTM, None, {"WORLDFILE": "YES"}),
    ("a world file that is turned", UTM * Affine.rotation(30), None, {"WORLDFILE": "YES"}),
]


def case(what, transform, crs, options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.png"
        shape = {"count": 1, "height": 4, "width": 6, "dtype": "uint8"}
        tif = Path(folder) / "a.tif"
        creation = {key: value for key, value in options.items() if key == "WORLDFILE"}
        with rasterio.open(tif, "w", driver="GTiff", transform=transform, **({"crs": crs} if crs else {}), **shape) as picture:
            picture.write(VALUES)
        rasterio.shutil.copy(tif, path, driver="PNG", **creation)
        if "nodata" in options:  # of one band, PNG's own driver would write it into the file
            aux = Path(folder) / "a.png.aux.xml"
            band = f'  <PAMRasterBand band="1">\n    <NoDataValue>{options["nodata"]}</NoDataValue>\n  </PAMRasterBand>\n'
            aux.write_text(aux.read_text().replace("</PAMDataset>", band + "</PAMDataset>"))
        if options.get("WORLDFILE"):
            (Path(folder) / "a.png.aux.xml").unlink(missing_ok=True)
        tif.unlink()
        beside = {one.name: one.read_text() for one in sorted(Path(folder).iterdir()) if one.suffix != ".png"}
        with rasterio.open(path) as picture:
            found = {"what": what, "file": base64.b64encode(path.read_bytes()).decode(), "beside": beside, "transform": list(picture.transform.to_gdal())}
            if picture.crs:
                code = picture.crs.to_epsg()
                if code is None and crs.startswith("EPSG:"):
                    code = int(crs.removeprefix("EPSG:").split("+")[0])  # of two, the horizontal one
                left, top = picture.transform * (0, 0)
                [lon], [lat] = rasterio.warp.transform(picture.crs, "OGC:CRS84", [left], [top])
                found |= {"epsg": code, "corner": [lon, lat]}
            if "nodata" in options:
                found["valid"] = (picture.dataset_mask() > 0).astype(int).ravel().tolist()
            return found


cases = [case(*one) for one in CASES]
(HERE / "siblings.vectors.json").write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")
