"""Holds the STAC Items of results, and the names of classes, against the official schemas, PROJ and GDAL.

    python validate.py --schemas FOLDER
    (needs pystac 1.15, jsonschema, pyproj, shapely, numpy and rasterio 1.4.4 with GDAL 3.10.3)

FOLDER has the `json-schema/schema.json` of stac-extensions' repositories as projection.json (v2.0.0), processing.json (v1.2.0),
raster.json (v2.0.0) and classification.json (v2.0.0); STAC's own come with pystac. Each Item of test/maps/writeItems.ts must be
valid by the schemas that it names, and pystac must read it; its geometry must be valid, hold as much of the earth as the raster
does by PROJ, and lie within its bbox. GDAL must read the categories and the table of the classes from a file beside a TIFF.
"""

import argparse
import json
import subprocess
import tempfile
import warnings
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pyproj
import pystac
import rasterio
import rasterio.shutil
import shapely
from jsonschema import Draft7Validator
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource
from shapely.geometry import shape

ROOT = Path(__file__).resolve().parents[2]
random = np.random.default_rng(17)
warnings.simplefilter("ignore")


def registry(folder):
    """All schemas by their addresses."""
    found = get_local_schema_cache()
    for path in Path(folder).glob("*.json"):
        schema = json.loads(path.read_text())
        found[schema["$id"].rstrip("#")] = schema
    resources = [(uri, Resource.from_contents({**schema, "$id": uri})) for uri, schema in found.items()]
    return Registry().with_resources(resources), found


def valid(item, schemas, by_address):
    for uri in ["https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json", *item["stac_extensions"]]:
        assert uri in by_address, f"no schema at hand for {uri}"
        errors = list(Draft7Validator(by_address[uri], registry=schemas).iter_errors(item))
        assert not errors, (uri, [error.message for error in errors])
    read = pystac.Item.from_dict(item)
    assert json.loads(json.dumps(read.to_dict(include_self_link=False, transform_hrefs=False))) == item


def lies_right(what, item):
    """Whether pixels, inside and outside, are where PROJ says; true if there was something to check."""
    properties = item["properties"]
    code, transform = properties.get("proj:code"), properties.get("proj:transform")
    if item["geometry"] is None:
        assert code is None and "bbox" not in item
        return False
    geometry = shape(item["geometry"])
    assert geometry.is_valid, shapely.is_valid_reason(geometry)
    for polygon in getattr(geometry, "geoms", [geometry]):
        assert polygon.exterior.is_ccw
    west, south, east, north = item["bbox"]
    height, width = properties["proj:shape"]
    right, down, x, right_y, down_y, y = transform
    lonlat = pyproj.Transformer.from_crs(code, "OGC:CRS84", always_xy=True)
    xs, ys, sides = [], [], []
    for inside in (True, False):
        margin = 0.002
        if inside:
            columns, rows = random.uniform(margin, 1 - margin, (2, 2000))
        else:
            along, off = random.uniform(0, 1, 400), random.uniform(margin, 2 * margin, 400) * random.choice([1, -1], 400)
            beyond = np.where(off < 0, off, 1 + off)
            flip = random.random(400) < 0.5
            columns, rows = np.where(flip, along, beyond), np.where(flip, beyond, along)
        columns, rows = columns * width, rows * height
        xs.append(x + columns * right + rows * down), ys.append(y + columns * right_y + rows * down_y)
        sides.append(np.full(columns.shape, inside))
    longitudes, latitudes = lonlat.transform(np.concatenate(xs), np.concatenate(ys))
    longitudes = (longitudes + 180) % 360 - 180
    expected = np.concatenate(sides)
    is_whole_earth = "whole earth" in what
    seen = shapely.contains_xy(geometry, longitudes, latitudes)
    assert seen[expected].all(), (what, "pixels lie outside of the geometry", np.argwhere(~seen[expected])[:3])
    if not is_whole_earth:
        assert not seen[~expected].any(), (what, "what lies beside the raster lies within the geometry")
    in_bbox = (latitudes >= south) & (latitudes <= north)
    in_bbox &= (longitudes >= west) & (longitudes <= east) if west <= east else (longitudes >= west) | (longitudes <= east)
    assert in_bbox[expected].all(), (what, "pixels lie outside of the bbox")
    crosses = geometry.geom_type == "MultiPolygon"
    if crosses and not (west, east) == (-180, 180):
        assert west > east, (what, item["bbox"])
    return True


def gdal_reads(pam, classes):
    """As GDAL copies it into a VRT, which says all that it knows of the file."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "classes.tif"
    with rasterio.open(path, "w", driver="GTiff", width=2, height=2, count=1, dtype="uint8") as picture:
        picture.write(np.zeros((1, 2, 2), np.uint8))
    (folder / "classes.tif.aux.xml").write_text(pam, encoding="utf-8")
    rasterio.shutil.copy(path, folder / "seen.vrt", driver="VRT")
    seen = ElementTree.parse(folder / "seen.vrt")
    names = [element.text or "" for element in seen.iter("Category")]
    assert names == [next((c["name"] for c in classes if c["value"] == i), "") for i in range(len(names))], names
    table = seen.find(".//GDALRasterAttributeTable")
    rows = [[cell.text for cell in row] for row in table.iter("Row")]
    assert rows == [[str(c["value"]), c["name"], *map(str, c["colour"])] for c in classes], rows
    fields = [[field.findtext(tag) for tag in ("Name", "Type", "Usage")] for field in table.iter("FieldDefn")]
    assert fields == [["Value", "0", "5"], ["Class", "2", "2"], ["Red", "0", "6"], ["Green", "0", "7"], ["Blue", "0", "8"]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", required=True)
    schemas, by_address = registry(parser.parse_args().schemas)
    said = subprocess.run(["npx", "node", "test/maps/writeItems.ts"], cwd=ROOT, capture_output=True, text=True, check=True)
    examples = json.loads(said.stdout)
    placed = 0
    for example in examples["items"]:
        valid(example["item"], schemas, by_address)
        placed += lies_right(example["what"], example["item"])
    print(f"{len(examples['items'])} Items are valid, {placed} lie where PROJ says")
    gdal_reads(examples["pam"], examples["classes"])
    print("GDAL reads the names of the classes")
