"""Writes warp.vectors.json: small rasters, and what gdalwarp makes of them on other grids.

    pip install numpy==2.2.6 && python warp.vectors.py    (with gdal_translate and gdalwarp of GDAL 3.6 on the path)
"""

import base64
import json
import pathlib
import subprocess
import tempfile

import numpy as np

random = np.random.default_rng(3)
folder = pathlib.Path(tempfile.mkdtemp())
TYPES = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16", "float32": "Float32"}


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def write(bands, epsg, transform, nodata):
    """Returns a GeoTIFF of some bands."""
    height, width = bands[0].shape
    xml = [f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}"><SRS dataAxisToSRSAxisMapping="1,2">EPSG:{epsg}</SRS>']
    xml.append(f'<GeoTransform>{", ".join(map(repr, transform))}</GeoTransform>')
    for i, band in enumerate(bands, 1):
        band.astype(band.dtype.newbyteorder("<")).tofile(folder / f"{i}.raw")
        none = "" if nodata is None else f"<NoDataValue>{nodata}</NoDataValue>"
        xml.append(f'<VRTRasterBand dataType="{TYPES[str(band.dtype)]}" band="{i}" subClass="VRTRawRasterBand">{none}')
        xml.append(f'<SourceFilename relativeToVRT="1">{i}.raw</SourceFilename><ByteOrder>LSB</ByteOrder></VRTRasterBand>')
    (folder / "a.vrt").write_text("".join(xml) + "</VRTDataset>")
    run("gdal_translate", "-q", "-co", "COMPRESS=DEFLATE", "-co", "INTERLEAVE=BAND", folder / "a.vrt", folder / "a.tif")
    return folder / "a.tif"


def case(what, bands, epsg, transform, nodata, grid, methods=("nearest", "bilinear", "average")):
    """The grid: its EPSG code, its left and top edge, the size of its pixels, and how many it has across and down."""
    to, left, top, pixel, width, height = grid
    extent = [repr(float(side)) for side in (left, top - height * pixel, left + width * pixel, top)]
    warped = {method: b"" for method in methods}
    for band in bands:  # each by itself: gdalwarp takes several for one pixel, which has data or none
        path = write([band], epsg, transform, nodata)
        for method in methods:
            run("gdalwarp", "-q", "-overwrite", "-of", "ENVI", "-r", method.replace("nearest", "near"), "-t_srs", f"EPSG:{to}", "-te", *extent, "-ts", width, height, path, folder / "b.bin")
            warped[method] += (folder / "b.bin").read_bytes()
    path = write(bands, epsg, transform, nodata)
    warped = {method: base64.b64encode(found).decode() for method, found in warped.items()}
    file = base64.b64encode(path.read_bytes()).decode()
    cases.append({"what": what, "type": str(bands[0].dtype), "bands": len(bands), "file": file, "epsg": to, "width": width, "height": height, "transform": [left, pixel, 0, top, 0, -pixel], "warped": warped})


def values(type, side, nodata=None, holes=0.15):
    """Random values, some of them nodata, in single pixels and in one block."""
    found = random.integers(1, 200, (side, side)).astype(type)
    if type == "float32":
        found += random.random((side, side)).astype(type)
    if nodata is not None:
        found[random.random((side, side)) < holes] = nodata
        found[2:6, 3:8] = nodata
    return found


X, Y = 500_000, 5_800_000
cases = []
utm = lambda pixel, right=0, down=0: [X + right, pixel, 0, Y - down, 0, -pixel]
here = (32629, X, Y, 10, 24, 24)
case("20 m on 10 m", [values("uint16", 12, 0)], 32629, utm(20), 0, here)
case("60 m on 10 m", [values("float32", 4)], 32629, utm(60), None, here)
case("10 m on 20 m", [values("int16", 24, -1)], 32629, utm(10), -1, (32629, X, Y, 20, 12, 12))
case("10 m on 60 m", [values("float32", 24, -9999)], 32629, utm(10), -9999, (32629, X, Y, 60, 4, 4))
case("small values of 10 m on 20 m", [(values("uint8", 24, 0) % 2).astype("uint8")], 32629, utm(10), 0, (32629, X, Y, 20, 12, 12))
case("10 m, shifted by a third of a pixel", [values("float32", 24, float("nan"))], 32629, utm(10, 10 / 3, -10 / 3), "nan", here)
case("20 m, shifted by a third of a pixel", [values("float32", 12, -1)], 32629, utm(20, 20 / 3, 20 / 3), -1, here)
case("15 m in part", [values("uint8", 16)], 32629, utm(15, 97, -33), None, here, ("nearest", "bilinear"))
case("30 m on 20 m", [values("float32", 8, -5)], 32629, utm(30), -5, (32629, X, Y, 20, 12, 12))
case("7 m on 20 m, in part", [values("float32", 24)], 32629, utm(7, 31, 12), None, (32629, X, Y, 20, 12, 12), ("nearest",))
case("bands without data in different places", [values("float32", 12, 0), values("float32", 12, 0)], 32629, utm(20, 4, 4), 0, here)

place = [np.tile(np.arange(64, dtype="float32"), (64, 1)), np.tile(np.arange(64, dtype="float32")[:, None], (1, 64))]
mid = (32629, 620_000, 5_650_000, 30, 24, 24)
for what, epsg, transform in [
    ("the next zone of UTM", 32630, [198_500, 30, 0, 5_658_000, 0, -30]),
    ("longitude and latitude", 4326, [-7.296, 0.0004, 0, 50.993, 0, -0.0003]),
    ("Web Mercator", 3857, [-812_000, 40, 0, 6_620_000, 0, -40]),
    ("ETRS89 in Lambert's projection", 3035, [3_119_500, 30, 0, 3_241_200, 0, -30]),
    ("a rotated grid", 32629, [619_600, 25, 9, 5_650_100, 9, -25]),
]:
    case(what, place, epsg, transform, None, mid)

target = pathlib.Path(__file__).with_name("warp.vectors.json")
target.write_text(json.dumps({"gdal": run("gdalwarp", "--version").strip(), "cases": cases}) + "\n")
